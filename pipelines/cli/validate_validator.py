"""``counterpoint validate-validator``: what the validation finds of faults that are put in."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.output import counted, table, write_json, write_lines
from pipelines.errors import BadInput, CounterpointError
from pipelines.experiment import project_root
from pipelines.workflow import command

if TYPE_CHECKING:
    import pandas as pd

SUMMARY = "put known faults into a backend, and see whether they are found and named"
DESCRIPTION = (
    "Put each known fault into one backend at a time. With frozen inputs, every one must be found\n"
    "and named. With inputs that are drawn anew, say how often it is found, by its strength and\n"
    "the number of seeds, and how often a backend is found to differ from itself. Tables and a\n"
    "figure of the power go to the results. Exit code 1 if a fault is missed, or false alarms are\n"
    "above 5 % beyond chance."
)
EXAMPLE = "example: counterpoint validate-validator --frozen-only"

_FALSE_ALARM_LEVEL = 0.05
# Of 200 comparisons: two standard errors of a share of 5 %.
_LEVEL_TOLERANCE = 0.03


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--frozen-only", action="store_true", help="leave out independent inputs")
    parser.add_argument(
        "--seeds", default="20", metavar="N", help="of each fault; 20 by default, 10 at least"
    )
    parser.add_argument("--cores", default="all", metavar="N", help="all by default")
    parser.add_argument(
        "--results", default="results", metavar="FOLDER", help="'results' by default"
    )


def execute(options: argparse.Namespace) -> int:
    """Carry the study out and say what came of it."""
    from pipelines.sensitivity.frozen_inputs import fault_table, find_faults
    from pipelines.sensitivity.study_plan import FROZEN, make_project

    seeds = _parse_number("--seeds", options.seeds, 10)
    cores = "all" if options.cores == "all" else str(_parse_number("--cores", options.cores, 1))
    root = project_root() / options.results / "validator"
    make_project(root, seeds)
    found = find_faults(_run_profile(root, FROZEN, cores))
    fault_rows = fault_table(found)
    fault_rows.to_csv(root / "frozen.csv", index=False)
    answer: dict[str, Any] = {"frozen": fault_rows.to_dict("records")}
    good = all(one.is_found and one.is_named for one in found)
    lines = _frozen_lines(fault_rows)
    if not options.frozen_only:
        rates, alarms = _study_independent_inputs(root, cores)
        answer |= {"rates": rates.to_dict("records"), "false_alarms": alarms}
        good &= alarms <= _FALSE_ALARM_LEVEL + _LEVEL_TOLERANCE
        lines += _independent_lines(rates, alarms, root)
    if options.json:
        write_json(answer)
    else:
        write_lines(lines)
    return 0 if good else 1


def _parse_number(what: str, text: str, least: int) -> int:
    if not text.isdigit() or int(text) < least:
        raise BadInput(what, f"'{text}' is no such number", f"a whole number, {least} and above")
    return int(text)


def _run_profile(root: Path, profile: str, cores: str) -> Any:
    """Tables of one profile of the study."""
    from pipelines.sensitivity.faults import is_possible
    from pipelines.sensitivity.study_plan import NAME
    from pipelines.tables.reader import Tables

    settings = {"conformance": "false", "profile": profile, "results": profile}
    code = command.carry_out(root, cores, settings)
    if code:
        raise CounterpointError(f"snakemake ended with exit code {code}")
    tables = Tables(root / profile / NAME)
    failed = tables.runs[tables.runs["status"] != "done"]
    if any(is_possible(run["fault"], run["backend"]) for _, run in failed.iterrows()):
        raise CounterpointError(f"validate-validator: a run failed: {failed['error'].iloc[0]}")
    return tables


def _study_independent_inputs(root: Path, cores: str) -> tuple[pd.DataFrame, float]:
    from pipelines.figures.power_curves import draw
    from pipelines.sensitivity.independent_inputs import (
        detection_rates,
        false_alarms,
        samples_by_fault,
    )
    from pipelines.sensitivity.study_plan import BASE, INDEPENDENT

    ((_, healthy),) = samples_by_fault(_run_profile(root, BASE, cores)).items()
    faulty = samples_by_fault(_run_profile(root, INDEPENDENT, cores))
    rates = detection_rates(healthy, faulty, _report_comparison)
    alarms = false_alarms(healthy)
    rates.to_csv(root / "detection_rates.csv", index=False)
    figure = draw(rates, alarms)
    for ending in ("png", "svg"):
        figure.savefig(root / f"power.{ending}")
    return rates, alarms


def _report_comparison(what: str) -> None:
    sys.stderr.write(f"comparing: {what}\n")


def _frozen_lines(fault_rows: pd.DataFrame) -> list[str]:
    injected = fault_rows[fault_rows["fault"] != "(none)"]
    lines = [
        f"frozen inputs: {int(injected['found'].sum())} of {counted(len(injected), 'fault')} found,"
        f" {int(injected['is_named'].sum())} named; without a fault:"
        f" {', '.join(sorted(set(fault_rows[fault_rows['fault'] == '(none)']['verdict'])))}"
    ]
    missed = fault_rows[~(fault_rows["found"] & fault_rows["is_named"])]
    for _, row in missed.iterrows():
        said = f"named '{row['named']}'" if row["found"] else row["verdict"]
        lines.append(f"    on {row['backend']}: {row['fault']}: {said}")
    return lines


def _independent_lines(rates: pd.DataFrame, alarms: float, root: Path) -> list[str]:
    wide = rates.pivot_table(
        index=["fault", "strength", "unit"], columns="seeds", values="rate", sort=False
    )
    head = ["fault", "strength", *(f"{n} runs" for n in wide.columns)]
    rows = [
        [fault, f"{strength:+g} {unit}" if unit else "", *(f"{rate:.0%}" for rate in row)]
        for (fault, strength, unit), row in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    return [
        "independent inputs: share of comparisons that find the fault",
        *table([head, *rows], "    "),
        f"a backend with itself, under other seeds: {alarms:.1%} of 200 comparisons say different",
        f"tables and power.png are in {root}",
    ]
