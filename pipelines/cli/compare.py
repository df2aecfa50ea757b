"""``counterpoint compare``: whether two runs agree, and where and why they differ."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.cli.output import write_json, write_lines
from pipelines.errors import BadInput
from pipelines.experiment import project_root

if TYPE_CHECKING:
    import numpy as np

    from pipelines.diagnosis.run_pair import Pair
    from pipelines.verdicts.folder_tables import Folder

SUMMARY = "say whether two runs agree, and where and why they part"
DESCRIPTION = (
    "Compare the spikes, weights and signals of two runs, as far as both recorded them: the\n"
    "verdict, what was compared and what was not, the first spike that only one of them has,\n"
    "known causes that fit, and the state of that neuron just before, for which both runs are\n"
    "carried out again until then. A run is named by its run_id (the beginning will do), or by\n"
    "FOLDER:RUN_ID for tables from elsewhere.\n"
    "\n"
    "The verdict is about what was measured. Parameters, seeds and digests that differ do not\n"
    "change it; the evidence begins with them. Where nothing that both recorded has a value, the\n"
    "verdict is 'undecided'.\n"
    "\n"
    "Two folders: compare all runs that have the same parameters, seed and backend (one backend\n"
    "a folder: whichever it is), count the verdicts, and list what differs, with its causes, and\n"
    "the runs that only one of them has. A folder holds\n"
    "    runs.parquet     run_id, and as far as they are known seed, backend, status, and one\n"
    "                     column a parameter, of the same name in both folders\n"
    "    spikes.parquet   run_id, population, neuron, time_ms\n"
    "    weights.parquet  if there are any: run_id, projection, pre, post, weight, and as far as\n"
    "                     they are known delay_ms and time_ms\n"
    "    signals.parquet  if there are any: run_id, population, neuron, variable, time_ms, value\n"
    "Times are in ms; the time step is the parameter timestep, or 0.1 ms. Neurons count from 0.\n"
    "A population without spikes was recorded if the column population_sizes of runs (JSON) names\n"
    "it, or another run of the folder has spikes of it.\n"
    "\n"
    "A file of NWB or NIX, or a file or folder of SONATA, is compared as a folder is: FILE:RUN_ID\n"
    "where it has several runs. Units are neurons; the columns population and neuron of units\n"
    "(NWB), or annotations of that name (NIX), say which. See `counterpoint export`."
)
EXAMPLE = (
    "example: counterpoint compare 3f2a 9c41 --figure divergence.png\n"
    "example: counterpoint compare results/lif_fi_curve colleague/lif_fi_curve"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments and options of the command."""
    parser.add_argument("run_a", metavar="RUN_A", help="a run, a folder or a file of runs")
    parser.add_argument("run_b", metavar="RUN_B", help="another one")
    parser.add_argument(
        "--no-state", action="store_true", help="do not repeat the runs to record the state"
    )
    parser.add_argument(
        "--figure", metavar="FILE", help="draw the spikes and signals around the divergence"
    )
    parser.add_argument(
        "--results", default="results", metavar="FOLDER", help="'results' by default"
    )


def execute(options: argparse.Namespace) -> int:
    """Compare two runs, or two folders of runs, and write the result."""
    folders = _read_two_folders(options)
    if folders is not None:
        return _compare_folders(options, *folders)
    return _compare_two_runs(options)


def _read_two_folders(options: argparse.Namespace) -> tuple[Folder, Folder] | None:
    """Read both folders; None unless both are folders and one of them has several runs."""
    from pipelines.verdicts.folder_tables import read_folder

    paths = Path(options.run_a), Path(options.run_b)
    if not all(path.exists() for path in paths):
        return None
    a, b = (read_folder(path) for path in paths)
    return None if len(a.runs) == len(b.runs) == 1 else (a, b)


def _compare_folders(options: argparse.Namespace, a: Folder, b: Folder) -> int:
    from pipelines.cli.compare_folders import as_dict, lines
    from pipelines.verdicts.result_folders import compare_folders

    if options.figure:
        raise BadInput("--figure", "given with two folders", "with two runs")
    found = compare_folders(
        a, b, _pynn_names_used({*a.experiments, *b.experiments}, project_root())
    )
    if options.json:
        write_json(as_dict(found, a, b))
    else:
        write_lines(lines(found, a, b))
    return 0


def _compare_two_runs(options: argparse.Namespace) -> int:
    from pipelines.cli.compare_runs import as_dict, draw, lines, run_labels
    from pipelines.diagnosis.repeats.repeat_runs import repeat_runs
    from pipelines.verdicts.explanation import explain, recorded_states
    from pipelines.verdicts.find_run import find_run
    from pipelines.verdicts.record_comparison import common_timestep
    from pipelines.verdicts.run_comparison import compare_evidence
    from pipelines.verdicts.verdict_names import DIFFERENT

    root = project_root()
    a, b = (find_run(given, root / options.results) for given in (options.run_a, options.run_b))
    experiments = {str(one.record.get("experiment") or "") for one in (a, b)}
    uses = _pynn_names_used(experiments, root)
    names = run_labels(a, b)
    pair, result = compare_evidence(a, b, common_timestep(a, b), names, uses=uses)
    states: list[dict[str, np.ndarray]] = []
    state_error = ""
    if result.verdict == DIFFERENT and not options.no_state:
        pair, state_error = repeat_runs(pair, root)
        states = _states_around_divergence(pair)
    comparison = explain(pair, names, result, states or recorded_states(pair), state_error)
    if options.figure:
        draw(comparison, Path(options.figure))
    if options.json:
        write_json(as_dict(comparison))
    else:
        write_lines(lines(comparison))
    return 0


def _pynn_names_used(experiments: set[str], root: Path) -> frozenset[str]:
    """Names that the experiment's code uses from PyNN; empty if it is not in this project."""
    from pipelines.diagnosis.known_differences import names_used
    from pipelines.experiment import find_experiments, load_experiment

    if len(experiments) != 1 or not experiments <= {*find_experiments(root)}:
        return frozenset()
    return names_used(load_experiment(min(experiments), root).source)


def _states_around_divergence(pair: Pair) -> list[dict[str, np.ndarray]]:
    """State of the neuron on which the runs part, in each of them; empty if it is not known."""
    from pipelines.cli.compare_runs import AFTER_MS

    found = pair.divergence
    if found is None:
        return []
    states = []
    for one in (pair.a, pair.b):
        state = one.states.get((found.population, found.neuron), {})
        if state:
            near = state["time_ms"] <= found.time_ms + AFTER_MS + pair.timestep
            states.append({name: values[near] for name, values in state.items()})
    return states if len(states) == 2 else []
