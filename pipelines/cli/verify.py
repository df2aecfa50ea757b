"""``counterpoint verify``: whether stored results come out again, byte for byte."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.output import counted, write_json, write_lines
from pipelines.errors import BadInput
from pipelines.experiment import find_experiments, load_experiment
from pipelines.sweep import plan as plan_sweep

if TYPE_CHECKING:
    from pipelines.execution.repetition import Repetition

SUMMARY = "carry out a sample of the stored runs again and compare the bytes"
DESCRIPTION = (
    "Carry out a random sample of the runs that are stored as done once more, in a temporary\n"
    "folder, and compare spikes, weights, signals and hashes with what is stored. Exit code 1 if\n"
    "anything differs, or if nothing is stored."
)
EXAMPLE = "example: counterpoint verify stdp_window --sample 5"

_SAMPLE = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "experiment", nargs="?", metavar="EXPERIMENT", help="this one alone; all by default"
    )
    parser.add_argument(
        "--sample",
        default=str(_SAMPLE),
        metavar="N",
        help=f"runs of each experiment and backend, or 'all'; {_SAMPLE} by default",
    )
    parser.add_argument(
        "--seed", default="1", metavar="S", help="of the choice; another one chooses others"
    )
    parser.add_argument(
        "--profile", default="quick", metavar="PROFILE", help="of sweep.yaml; quick by default"
    )
    parser.add_argument(
        "--results", default="results", metavar="FOLDER", help="'results' by default"
    )


def execute(options: argparse.Namespace) -> int:
    """Repeat a sample of every experiment asked for, and say what came of it."""
    names = [options.experiment] if options.experiment else find_experiments()
    number = _parse_number("--sample", options.sample, also="all")
    seed = _parse_number("--seed", options.seed)
    repetitions: list[Repetition] = []
    for name in names:
        repetitions += _repeat_sample(name, options.profile, options.results, number, seed)
    if options.json:
        write_json({"runs": [_as_dict(one) for one in repetitions]})
    else:
        write_lines(_outcome_lines(repetitions))
    return 0 if repetitions and all(one.outcome == "same" for one in repetitions) else 1


def _repeat_sample(
    name: str, profile: str, results: str, number: int, seed: int
) -> list[Repetition]:
    from pipelines.execution.repetition import repeat, sample
    from pipelines.tables.run_store import RunStore

    experiment = load_experiment(name)
    plan = plan_sweep(name, profile)
    folder = experiment.root / results / name
    store = RunStore(folder / "runs")
    chosen = sample(plan, store, number, seed)
    if not chosen:
        return []
    with tempfile.TemporaryDirectory(prefix="counterpoint-verify-") as scratch:
        return repeat(plan, chosen, store, Path(scratch), folder / "logs" / "verify.log")


def _parse_number(what: str, text: str, also: str = "") -> int:
    if also and text == also:
        return 1 << 30
    if not text.isdigit() or int(text) < 1:
        allowed = "a whole number, 1 and above" + (f", or '{also}'" if also else "")
        raise BadInput(what, f"'{text}' is no number", allowed)
    return int(text)


def _as_dict(one: Repetition) -> dict[str, Any]:
    return {
        "experiment": one.run.experiment,
        "run_id": one.run.run_id,
        "backend": one.run.backend,
        "seed": one.run.seed,
        "parameters": dict(one.run.parameters),
        "outcome": one.outcome,
        "detail": one.detail,
    }


def _outcome_lines(repetitions: list[Repetition]) -> list[str]:
    if not repetitions:
        return ["Nothing is stored that could be repeated; first: snakemake --cores 8"]
    lines = []
    groups = Counter((one.run.experiment, one.run.backend, one.outcome) for one in repetitions)
    for (experiment, backend, outcome), number in groups.items():
        lines.append(f"{experiment}, {backend}: {counted(number, 'run')} {outcome}")
    for one in repetitions:
        if one.outcome != "same":
            lines.append(f"    {one.run.run_id} on {one.run.backend}: {one.outcome}: {one.detail}")
    return lines
