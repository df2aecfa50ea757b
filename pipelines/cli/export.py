"""``counterpoint export``: runs as files that other programs read."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.output import counted, write_json, write_lines
from pipelines.errors import BadInput
from pipelines.experiment import project_root

if TYPE_CHECKING:
    from pipelines.diagnosis.run_pair import Evidence
    from pipelines.tables.run_data import RunData

SUMMARY = "write runs as files of NWB, NIX or SONATA"
DESCRIPTION = (
    "Write the spikes, signals and weights of runs in a format that other programs read. A run is\n"
    "named by its run_id (the beginning will do) or by FOLDER:RUN_ID; FOLDER alone is all runs of\n"
    "its tables that were done, a file each.\n"
    "\n"
    "nwb      a file: units (a row a neuron), time series, the weights as a table of a processing\n"
    "         module\n"
    "nix      a file: Neo's block and segment, the weights as a data frame; takes some 20 ms a\n"
    "         neuron\n"
    "sonata   a folder: spikes.h5, a report for each variable (signals at regular times),\n"
    "         nodes.h5, edges.h5 with the last reading of the weights, configuration\n"
    "\n"
    "What a format has no place for is said. `counterpoint compare` reads all of them. In Python,\n"
    "pipelines.tables.neo(FOLDER) gives the same as objects of Neo."
)
EXAMPLE = (
    "example: counterpoint export 3f2a --to nwb --output my_run.nwb\n"
    "example: counterpoint export results/lif_fi_curve --to nix --output exported"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments and options of the command."""
    parser.add_argument("run", metavar="RUN", help="a run, or a folder of runs")
    parser.add_argument("--to", required=True, metavar="FORMAT", help="nwb, nix or sonata")
    parser.add_argument(
        "--output", metavar="PATH",
        help="file of a run, or folder of the runs of a folder; RUN_ID.FORMAT, or FOLDER_FORMAT,"
        " by default",
    )  # fmt: skip
    parser.add_argument(
        "--results", default="results", metavar="FOLDER", help="'results' by default"
    )


def execute(options: argparse.Namespace) -> int:
    """Write the files, and say what each holds."""
    from pipelines.exchange.files import FORMATS, write_run

    if options.to not in FORMATS:
        raise BadInput("--to", f"unknown format '{options.to}'", given=options.to, among=FORMATS)
    ending = FORMATS[options.to].ending
    folder = Path(options.run)
    written = []
    if folder.is_dir():
        target = Path(options.output or f"{folder.resolve().name}_{options.to}")
        if target.is_file():
            raise BadInput("--output", f"'{target}' is a file", "a folder, for the runs of one")
        runs = [(run, target / f"{run.run_id}{ending}") for run in _runs_of_folder(folder)]
    else:
        run = _one_run(options.run, project_root() / options.results)
        runs = [(run, Path(options.output or f"{run.run_id}{ending}"))]
    for run, path in runs:
        if path.is_dir() and not (path / "spikes.h5").exists() and any(path.iterdir()):
            raise BadInput("--output", f"'{path}' is a folder", "a new name")
        left_out = write_run(run, options.to, path)
        written.append(_as_dict(run, path, left_out))
    if options.json:
        write_json({"files": written})
    else:
        write_lines(map(_line, written))
    return 0


def _runs_of_folder(folder: Path) -> list[RunData]:
    """The runs of a folder that were done."""
    from pipelines.verdicts.folder_tables import failure, read_folder

    tables = read_folder(folder)
    units = _units(folder)
    runs = [
        _run_data(tables.evidence(str(row["run_id"])), units)
        for row in tables.runs.to_dict("records")
        if failure(row) is None
    ]
    if not runs:
        raise BadInput(f"{folder}", "has no run that was done")
    return runs


def _one_run(given: str, results: Path) -> RunData:
    from pipelines.verdicts.find_run import find_run

    found = find_run(given, results)
    folder = Path(given.rpartition(":")[0] or results / str(found.record.get("experiment", "")))
    return _run_data(found, _units(folder))


def _run_data(found: Evidence, units: dict[str, str]) -> RunData:
    from pipelines.exchange.records import empty_rows
    from pipelines.tables.run_data import RunData

    signals = empty_rows("signals") if found.signals is None else found.signals
    return RunData(found.record, found.spikes, found.weights, signals, units)


def _units(folder: Path) -> dict[str, str]:
    """Units of the parameters in the table `runs` of a folder; empty if it has none."""
    import pyarrow.parquet as pq

    from pipelines.tables.run_data import parameter_units

    path = folder / "runs.parquet"
    return parameter_units(pq.read_schema(path)) if path.is_file() else {}


def _as_dict(run: RunData, path: Path, left_out: list[str]) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "file": str(path),
        "neurons": sum(map(len, run.neurons.values())),
        "spikes": len(run.spikes),
        "samples": len(run.signals),
        "weights": len(run.weights),
        "left_out": left_out,
    }


def _line(one: dict[str, Any]) -> str:
    held = [counted(one["spikes"], "spike") + " of " + counted(one["neurons"], "neuron")]
    held += [counted(one["samples"], "sample")] if one["samples"] else []
    held += [counted(one["weights"], "weight")] if one["weights"] else []
    text = f"{one['file']}: run {one['run_id']}, {', '.join(held)}"
    return f"{text}; left out: {'; '.join(one['left_out'])}" if one["left_out"] else text
