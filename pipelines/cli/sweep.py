"""``counterpoint sweep``: all runs of an experiment, or what carrying them out would do."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.output import counted, write_json, write_lines
from pipelines.cli.probe_process import ask, refusals_of
from pipelines.errors import BadInput, CounterpointError
from pipelines.experiment import describe, load_experiment
from pipelines.sweep import Plan
from pipelines.sweep import plan as plan_sweep
from pipelines.workflow import command

if TYPE_CHECKING:
    from pipelines.execution.dry_run import PlannedAction

SUMMARY = "carry out the sweep of an experiment, or say what that would do"
DESCRIPTION = (
    "Carry out the runs of a sweep that are not stored yet, and make its tables, as snakemake\n"
    "does. With --dry-run: say what would be run, what is reused, and why, and what backends\n"
    "would refuse of it: each builds networks in which every value of the sweep occurs, and runs\n"
    "none."
)
EXAMPLE = "example: counterpoint sweep stdp_window --dry-run"

# Runs that are named one by one; JSON has them all.
_MOST_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
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
    """Carry out a sweep, or say what that would do."""
    from pipelines.execution.dry_run import planned_actions
    from pipelines.tables.run_store import RunStore

    experiment = load_experiment(options.experiment)
    plan = plan_sweep(options.experiment, options.profile)
    cores = _cores(options.cores)
    store = RunStore(experiment.root / options.results / experiment.name / "runs")
    expected = planned_actions(plan, store, retry_failed=options.retry_failed)
    if options.dry_run:
        _show(plan, expected, _asked(plan, expected), options.json)
        return 0
    code = _snakemake(plan, options, cores, experiment.root)
    if code != 0:
        raise CounterpointError(f"snakemake ended with exit code {code}; what it did is kept")
    statuses = store.ids()
    counts = Counter(statuses.get(run.run_id, "missing") for run in plan.runs)
    if options.json:
        write_json(_summary(plan, expected) | {"statuses": dict(counts)})
    else:
        write_lines(_closing(plan, store, counts))
    return 0 if set(counts) <= {"done"} else 1


def _asked(plan: Plan, expected: list[PlannedAction]) -> dict[str, dict[str, Any]]:
    """What each backend that has something to run says of the sweep."""
    waiting = {one.run.backend for one in expected if one.action == "run"}
    where = plan.experiment.name, plan.sweep.profile
    return {backend: ask(backend, *where) for backend in plan.sweep.backends if backend in waiting}


def _cores(given: str | None) -> str:
    if given is None or given == "all":
        return "all"
    if not given.isdigit() or int(given) < 1:
        raise BadInput("--cores", f"'{given}' is no number of processes", "1 and more, or 'all'")
    return given


def _snakemake(plan: Plan, options: argparse.Namespace, cores: str, root: Path) -> int:
    """Let the workflow make the tables of one experiment."""
    name = plan.experiment.name
    settings = {
        "experiments": json.dumps([name]),
        "profile": options.profile,
        "results": options.results,
        "conformance": "false",
        "retry_failed": str(options.retry_failed).lower(),
    }
    return command.carry_out(root, cores, settings)


def _summary(plan: Plan, expected: list[PlannedAction]) -> dict[str, Any]:
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
            for one in expected
        ],
    }


def _show(
    plan: Plan, expected: list[PlannedAction], asked: dict[str, dict[str, Any]], as_json: bool
) -> None:
    refusals = [refusal for answer in asked.values() for refusal in answer.get("refusals", [])]
    failed = {
        backend: answer["detail"]
        for backend, answer in asked.items()
        if not answer["ok"] and "refusals" not in answer
    }
    if as_json:
        write_json(_summary(plan, expected) | {"refusals": refusals, "not_asked": failed})
        return
    actions = Counter(one.action for one in expected)
    lines = [
        f"{plan.experiment.name}, profile {plan.sweep.profile}: {counted(len(expected), 'run')}, "
        f"{actions['reused']} reused, {actions['run']} to run"
    ]
    groups = Counter((one.run.backend, one.action, one.reason) for one in expected)
    for (backend, action, reason), number in groups.items():
        lines.append(f"    {backend}: {number} {'to run' if action == 'run' else action}: {reason}")
    waiting = [one for one in expected if one.action == "run"]
    fields = describe(plan.experiment.parameters)
    for one in waiting[:_MOST_SHOWN]:
        lines.append(f"        {_point(one, plan, fields)}")
    if len(waiting) > _MOST_SHOWN:
        lines.append(f"        and {len(waiting) - _MOST_SHOWN} more; --json names them all")
    told = refusals_of({plan.sweep.profile: refusals})
    told += [f"{backend} does not say what it refuses: {why}" for backend, why in failed.items()]
    if told:
        lines += ["would fail, known before anything runs:", *(f"    {text}" for text in told)]
    write_lines(lines)


def _point(one: PlannedAction, plan: Plan, fields: Any) -> str:
    values = ", ".join(
        f"{name}={one.run.parameters[name]}"
        + (f" {fields[name].unit}" if fields[name].unit not in (None, "", "1") else "")
        for name in plan.swept
    )
    seed = f"seed {one.run.seed}"
    return f"{one.run.backend}  {values}, {seed}" if values else f"{one.run.backend}  {seed}"


def _closing(plan: Plan, store: Any, counts: Counter[str]) -> list[str]:
    lines = [
        f"{plan.experiment.name}: {counts['done']} of {counted(len(plan.runs), 'run')} done, "
        f"{counts['failed']} failed; tables in {store.folder.parent}"
    ]
    if counts["failed"]:
        lines.append("    why: column 'error' of runs.parquet; --retry-failed tries them again")
    return lines
