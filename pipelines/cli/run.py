"""``counterpoint run``: one point of an experiment, stored as by the workflow."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pipelines.backends import names
from pipelines.cli.output import counted, table, with_unit, write_json, write_lines
from pipelines.errors import BadInput, CounterpointError
from pipelines.experiment import Parameter, describe, load_experiment
from pipelines.hardware.profile_model import IDEAL
from pipelines.sweep import Plan, Run, plan_point, shards
from pipelines.workflow.settings import refuse_unusable_folder

if TYPE_CHECKING:
    from pipelines.tables.run_store import RunStore

SUMMARY = "run one point of an experiment on one backend or on all"
DESCRIPTION = (
    "Run one point of an experiment: the parameters given with --set, else the profile's fixed\n"
    "ones, else the experiment's defaults. The result is stored where the workflow stores it, and\n"
    "is taken from there when it is there already; a run that failed is tried again."
)
EXAMPLE = 'example: counterpoint run lif_fi_curve --set "i_offset=0.6 nA" --seed 3'


_TIMES = ("compile_s", "build_s", "simulate_s", "collect_s")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments and options of the command."""
    parser.add_argument("experiment", metavar="EXPERIMENT")
    parser.add_argument(
        "--backend", metavar="BACKEND", help=f"{' or '.join(names())}; the profile's by default"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a parameter, with its unit or without; may be given more than once",
    )
    parser.add_argument("--seed", metavar="S", help="seed; the profile's first by default")
    parser.add_argument(
        "--profile", default="quick", metavar="PROFILE", help="of sweep.yaml; quick by default"
    )
    parser.add_argument(
        "--hardware",
        default=IDEAL,
        metavar="PROFILE",
        help="hardware profile that the network is put under; none by default",
    )
    parser.add_argument(
        "--results", metavar="FOLDER", help="the project's folder 'results' by default"
    )


def execute(options: argparse.Namespace) -> int:
    """Run what is not stored yet, and write the outcome of every run."""
    experiment = load_experiment(options.experiment)
    fields = describe(experiment.parameters)
    plan = plan_point(
        options.experiment,
        options.profile,
        _parse_assignments(options.set, fields),
        _parse_seed(options.seed),
        [options.backend] if options.backend else None,
        hardware=options.hardware,
    )
    results = Path(options.results) if options.results else experiment.root / "results"
    refuse_unusable_folder("--results", results)
    outcomes = run_plan(plan, results)
    if options.json:
        write_json({"experiment": experiment.name, "runs": outcomes})
    else:
        write_lines(_lines(plan, fields, outcomes))
    return 0 if all(outcome["status"] != "failed" for outcome in outcomes) else 1


def run_plan(plan: Plan, results: Path) -> list[dict[str, Any]]:
    """Run a plan's runs that are not stored as done, and read all of them back.

    Parameters
    ----------
    plan
        Plan of a point, as `plan_point` returns it.
    results
        Folder of results; runs are stored in ``<results>/<experiment>/runs``.

    Returns
    -------
    list of dict
        Identity, status, error and times (s) of each run, and spikes and rates (Hz) by population.
    """
    from pipelines.execution.worker import run_shard
    from pipelines.tables.run_store import RunStore

    folder = results / plan.experiment.name
    store = RunStore(folder / "runs")
    outcomes = []
    for shard in shards(plan):
        log = folder / "logs" / f"run-{shard.backend}-{shard.shard_id}.log"
        error_text, reused = "", set()
        try:
            reused = set(run_shard(plan, shard, store, log, retry_failed=True).reused)
        except BadInput:
            raise
        except CounterpointError as error:
            # If one backend is missing or fails, the others still run.
            error_text = str(error)
        for run in shard.runs:
            found = {"reused": run.run_id in reused, "log": str(log)}
            outcomes.append(
                _identity_dict(run) | found | _read_outcome(store, plan, run, error_text)
            )
    return outcomes


def _identity_dict(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "point_id": run.point_id,
        "backend": run.backend,
        "seed": run.seed,
        **run.variant.columns,
        "parameters": dict(run.parameters),
    }


def _read_outcome(store: RunStore, plan: Plan, run: Run, error_text: str) -> dict[str, Any]:
    """Read the outcome of a run from the store, or return the error that kept it from there."""
    path = store.path(run.run_id)
    if path is None or error_text:
        return {"status": "failed", "error": error_text, "stored": None, "populations": {}}
    record = store.read_record(run.run_id)
    columns = ("status", "error", *_TIMES, "peak_rss_mb")
    outcome = {name: record.get(name) for name in columns} | {"stored": str(path)}
    done = record["status"] == "done"
    return outcome | {"populations": _population_dicts(store, plan, run, record) if done else {}}


def _population_dicts(
    store: RunStore, plan: Plan, run: Run, record: Mapping[str, Any]
) -> dict[str, Any]:
    """Number of neurons and spikes, and mean rate (Hz) of each population; None if not recorded."""
    wanted = plan.sweep.record.populations
    counts = store.read_table(run.run_id, "spikes").to_pandas()["population"].value_counts()
    duration = record.get("simulated_ms")
    populations = {}
    for name, size in record["population_sizes"].items():
        recorded = name in wanted and wanted[name].spikes
        spikes = int(counts.get(name, 0)) if recorded else None
        rate = None
        if spikes is not None and isinstance(duration, float | int) and duration > 0 and size:
            rate = spikes / size / (duration / 1000.0)
        populations[name] = {"neurons": size, "spikes": spikes, "rate_hz": rate}
    return populations


def _parse_assignments(given: list[str], fields: Mapping[str, Parameter]) -> dict[str, Any]:
    """Parse ``name=value`` texts into values for `plan_point`, which checks them."""
    values: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name:
            raise BadInput("--set", f"'{text}' is no assignment", allowed="NAME=VALUE")
        if name in values:
            raise BadInput("--set", f"'{name}' is set twice")
        values[name] = value.strip()
        if name in fields and fields[name].kind is bool:
            # Booleans as in a sweep.yaml.
            values[name] = yaml.safe_load(value)
    return values


def _parse_seed(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise BadInput("--seed", f"'{text}' is no seed", allowed="a whole number") from None


def _lines(
    plan: Plan, fields: Mapping[str, Parameter], outcomes: list[dict[str, Any]]
) -> list[str]:
    run = plan.runs[0]
    point = ", ".join(f"{k}={with_unit(v, fields[k].unit)}" for k, v in run.parameters.items())
    under = "" if run.variant.is_ideal else f", hardware {run.variant.hardware}"
    lines = [f"{run.experiment}: {point}, seed {run.seed}{under}"]
    for outcome in outcomes:
        lines.append("")
        if outcome["status"] == "done":
            # Runs that an earlier version stored do not say how long they compiled.
            times = {name.removesuffix("_s"): outcome[name] or 0.0 for name in _TIMES}
            told = ", ".join(f"{name} {time:.3g}" for name, time in times.items() if time)
            origin = "taken from the store, once took" if outcome["reused"] else "done in"
            lines.append(f"{outcome['backend']}: {origin} {sum(times.values()):.3g} s ({told})")
            lines += _population_lines(outcome["populations"])
        elif outcome["status"] == "unfit":
            fits = f"does not fit {run.variant.hardware}: {outcome['error']}"
            lines.append(f"{outcome['backend']}: {fits}")
        else:
            lines.append(f"{outcome['backend']}: failed: {outcome['error']}")
            lines.append(f"    log: {outcome['log']}")
        if outcome["stored"]:
            lines.append(f"    stored: {outcome['stored']}")
    return lines


def _population_lines(populations: Mapping[str, Any]) -> list[str]:
    rows = []
    for name, found in populations.items():
        row = [name, counted(found["neurons"], "neuron")]
        if found["spikes"] is not None:
            row.append(counted(found["spikes"], "spike"))
            row.append("" if found["rate_hz"] is None else f"{found['rate_hz']:.4g} Hz")
        else:
            row += ["spikes not recorded", ""]
        rows.append(row)
    return table(rows, indent="    ")
