"""``counterpoint sweep``: all runs of an experiment, or a dry run that says what would be run."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.output import counted, write_json, write_lines
from pipelines.errors import BadInput, CounterpointError
from pipelines.experiment import load_experiment
from pipelines.sweep import Plan
from pipelines.sweep import plan as plan_sweep
from pipelines.workflow import command
from pipelines.workflow.settings import refuse_unusable_folder
from pipelines.workflow.sweeps import TABLES

if TYPE_CHECKING:
    from pipelines.execution.dry_run import Foreseen, PlannedAction

SUMMARY = "carry out the sweep of an experiment, or say what that would do"
DESCRIPTION = (
    "Carry out the runs of a sweep that are not stored yet, and make its tables, as snakemake\n"
    "does. With --dry-run: say what would be run, what is reused, and why, and what backends\n"
    "would refuse of it: each builds networks in which every value of the sweep occurs, and runs\n"
    "none."
)
EXAMPLE = "example: counterpoint sweep stdp_window --dry-run"

NOT_DONE = 1

# Largest number of runs in the text of a dry run; JSON has all.
_MOST_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments and options of the command."""
    parser.add_argument("experiment", metavar="EXPERIMENT")
    parser.add_argument(
        "--profile", default="quick", metavar="PROFILE", help="of sweep.yaml; quick by default"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="run nothing, say what would be run and why"
    )
    parser.add_argument(
        "--retry-failed", action="store_true", help="run again what failed, and only that"
    )
    parser.add_argument(
        "--cores", metavar="N", help="processes at the same time; all of the machine by default"
    )
    parser.add_argument(
        "--results", metavar="FOLDER", default="results", help="'results' by default"
    )


def execute(options: argparse.Namespace) -> int:
    """Carry out a sweep, or write what that would do."""
    from pipelines.execution.dry_run import foresee, planned_actions
    from pipelines.tables.run_store import RunStore

    experiment = load_experiment(options.experiment)
    plan = plan_sweep(options.experiment, options.profile)
    cores = _parse_cores(options.cores)
    refuse_unusable_folder("--results", experiment.root / options.results)
    store = RunStore(experiment.root / options.results / experiment.name / "runs")
    planned = planned_actions(plan, store, retry_failed=options.retry_failed)
    if options.dry_run:
        _write_dry_run(plan, planned, foresee(planned, plan.sweep.profile), options.json)
        return 0
    code = _run_workflow(plan, options, cores, experiment.root)
    # It ends with 1 where parts of the experiment failed, too: then all tables are there.
    if code != 0 and not (code == NOT_DONE and _is_gathered(plan, store)):
        raise CounterpointError(f"snakemake ended with exit code {code}; what it did is kept")
    statuses = store.ids()
    counts = Counter(statuses.get(run.run_id, "missing") for run in plan.runs)
    if options.json:
        write_json(_as_dict(plan, planned) | {"statuses": dict(counts)})
    else:
        write_lines(_closing_lines(plan, store, counts))
    return 0 if code == 0 and set(counts) <= {"done"} else NOT_DONE


def _is_gathered(plan: Plan, store: Any) -> bool:
    """Whether every table is there, with the runs of the plan."""
    from pipelines.tables.files import read_arrow

    folder = store.folder.parent
    if not all((folder / f"{name}.parquet").exists() for name in TABLES):
        return False
    gathered = read_arrow(folder, "runs", ["run_id"])["run_id"].to_pylist()
    return gathered == [run.run_id for run in plan.runs]


def _parse_cores(given: str | None) -> str:
    if given is None or given == "all":
        return "all"
    if not given.isdigit() or int(given) < 1:
        raise BadInput("--cores", f"'{given}' is no number of processes", "1 and more, or 'all'")
    return given


def _run_workflow(plan: Plan, options: argparse.Namespace, cores: str, root: Path) -> int:
    """Have the workflow make the tables of one experiment; return the exit code of Snakemake."""
    name = plan.experiment.name
    settings = {
        "experiments": json.dumps([name]),
        "profile": options.profile,
        "results": options.results,
        "conformance": "false",
        "retry_failed": str(options.retry_failed).lower(),
    }
    return command.carry_out(root, cores, settings)


def _as_dict(plan: Plan, planned: list[PlannedAction]) -> dict[str, Any]:
    return {
        "experiment": plan.experiment.name,
        "profile": plan.sweep.profile,
        "runs": [
            {
                "run_id": one.run.run_id,
                "point_id": one.run.point_id,
                "backend": one.run.backend,
                "seed": one.run.seed,
                "parameters": dict(one.run.parameters),
                "action": one.action,
                "reason": one.reason,
            }
            for one in planned
        ],
    }


def _write_dry_run(
    plan: Plan, planned: list[PlannedAction], foreseen: Foreseen, as_json: bool
) -> None:
    if as_json:
        known = {"refusals": foreseen.refusals, "not_asked": dict(foreseen.not_asked)}
        write_json(_as_dict(plan, planned) | known)
        return
    actions = Counter(one.action for one in planned)
    lines = [
        f"{plan.experiment.name}, profile {plan.sweep.profile}: {counted(len(planned), 'run')}, "
        f"{actions['reused']} reused, {actions['run']} to run"
    ]
    groups = Counter((one.run.backend, one.action, one.reason) for one in planned)
    for (backend, action, reason), number in groups.items():
        lines.append(f"    {backend}: {number} {'to run' if action == 'run' else action}: {reason}")
    to_run = [one for one in planned if one.action == "run"]
    fields = plan.axes
    for one in to_run[:_MOST_SHOWN]:
        lines.append(f"        {_run_text(one, plan, fields)}")
    if len(to_run) > _MOST_SHOWN:
        lines.append(f"        and {len(to_run) - _MOST_SHOWN} more; --json names them all")
    write_lines(lines + foreseen.lines())


def _run_text(one: PlannedAction, plan: Plan, fields: Any) -> str:
    values = ", ".join(
        f"{name}={one.run.values[name]}"
        + (f" {fields[name].unit}" if fields[name].unit not in (None, "", "1") else "")
        for name in plan.swept
    )
    seed = f"seed {one.run.seed}"
    return f"{one.run.backend}  {values}, {seed}" if values else f"{one.run.backend}  {seed}"


def _closing_lines(plan: Plan, store: Any, counts: Counter[str]) -> list[str]:
    lines = [
        f"{plan.experiment.name}: {counts['done']} of {counted(len(plan.runs), 'run')} done, "
        f"{counts['failed']} failed; tables in {store.folder.parent}"
    ]
    if counts["failed"]:
        lines.append("    why: column 'error' of runs.parquet; --retry-failed tries them again")
    return lines
