"""``counterpoint validate-validator``: what the validation says of faults that are known."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.atomic import write_bytes
from pipelines.cli.output import counted, table, write_json, write_lines
from pipelines.errors import BadInput
from pipelines.experiment import project_root

if TYPE_CHECKING:
    import pandas as pd

SUMMARY = "put known faults into a simulator, and see whether what is said of them is right"
DESCRIPTION = (
    "Put each known fault into one of two runs. Every one that changes a spike, a weight or a\n"
    "signal must be found; count how often the cause that is named is right, among several that\n"
    "are named, vague, wrong, or not named at all: from tables alone, and as `compare` names it.\n"
    "Then compare a faulty backend and a healthy one whose runs have different seeds, and the\n"
    "healthy one with itself, by the strength of the fault and the number of seeds. Tables and\n"
    "figures go to the results. Exit code 1 if a fault is missed, more than 2 % of the causes are\n"
    "wrong, or a healthy backend is called different in more than 5 % beyond chance."
)
EXAMPLE = "example: counterpoint validate-validator --causes-only"

_MOST_WRONG = 0.02
_FALSE_ALARM_LEVEL = 0.05
# Standard errors by which the share of false alarms may be above its level.
_ERRORS = 2.0
# Number of seeds of the curves that compare true and false alarms.
_ROC_SEEDS = 12
_FIGURES = ("power_by_seeds", "power_by_strength", "roc")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments and options of the command."""
    parser.add_argument(
        "fault",
        nargs="*",
        help="faults to put in, or kinds or sets of them, such as 'cells' or 'third set'; all by"
        " default",
    )  # fmt: skip
    parser.add_argument("--causes-only", action="store_true", help="leave out different seeds")
    parser.add_argument(
        "--draws", default="20", metavar="N", help="comparisons of each strength; 20 by default"
    )
    parser.add_argument(
        "--cores", default="2", metavar="N", help="processes at the same time; 2 by default"
    )
    parser.add_argument(
        "--pages", metavar="FOLDER", help="also write the pages of the documentation, into a folder"
    )
    parser.add_argument(
        "--results", default="results", metavar="FOLDER", help="'results' by default"
    )


def execute(options: argparse.Namespace) -> int:
    """Carry the study out, and write its tables, figures and a summary."""
    from pipelines.sensitivity.fault_bench import as_json, counts, run_bench

    cores = _parse_number("--cores", options.cores, 1)
    draws = _parse_number("--draws", options.draws, 1)
    _check_faults(options.fault)
    root = project_root() / options.results / "validator"
    root.mkdir(parents=True, exist_ok=True)
    bench = run_bench(options.fault or None, workers=cores)
    by_kind = counts(bench)
    _write_csv(bench, root / "faults.csv")
    _write_csv(by_kind, root / "outcomes.csv")
    good = _is_good(bench)
    shares = None
    answer: dict[str, Any] = {"outcomes": as_json(by_kind), "faults": as_json(bench)}
    lines = _cause_lines(bench, by_kind)
    if not options.causes_only:
        comparisons, shares = _study_seeds(root, cores, draws)
        answer["seeds"] = as_json(shares)
        good &= _are_alarms_rare(comparisons)
        lines += _seed_lines(shares)
    if options.pages:
        _write_pages(Path(options.pages), bench, by_kind, shares, draws, root)
    if options.json:
        write_json(answer)
    else:
        write_lines([*lines, f"tables and figures are in {root}"])
    return 0 if good else 1


def _write_pages(
    folder: Path, bench: pd.DataFrame, outcomes: pd.DataFrame, shares: pd.DataFrame | None,
    draws: int, results: Path,
) -> None:  # fmt: skip
    """Write the pages of the documentation, with the figures of the study."""
    from pipelines.sensitivity.pages import causes_page, study_page

    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    write_bytes(folder / "causes.md", causes_page(bench).encode())
    write_bytes(folder / "sensitivity.md", study_page(bench, outcomes, shares, draws).encode())
    if shares is not None:
        for name in _FIGURES:
            shutil.copy(results / f"{name}.png", pictures)


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    write_bytes(path, table.to_csv(index=False).encode())


def _parse_number(what: str, text: str, least: int) -> int:
    if not text.isdigit() or int(text) < least:
        raise BadInput(what, f"'{text}' is no such number", f"a whole number, {least} and above")
    return int(text)


def _check_faults(names: list[str]) -> None:
    from pipelines.sensitivity.fault import KINDS
    from pipelines.sensitivity.fault_list import FAULTS, SETS

    for name in names:
        groups = (*KINDS, *SETS)
        if name not in groups and not any(fault.startswith(name) for fault in FAULTS):
            raise BadInput("fault", f"there is no '{name}'", given=name, among=[*FAULTS, *groups])


def _is_good(bench: pd.DataFrame) -> bool:
    """Whether every fault with an effect is found, and few causes are wrong."""
    from pipelines.sensitivity.fault_bench import COMPARE, TABLES
    from pipelines.sensitivity.judging import WRONG

    there = bench[bench["effect"]]
    few = all(
        (there[data] == WRONG).sum() <= _MOST_WRONG * len(there) for data in (TABLES, COMPARE)
    )
    return bool(there["found"].all()) and few


def _are_alarms_rare(comparisons: pd.DataFrame) -> bool:
    """Whether a healthy backend is rarely called different from itself, at each number of seeds."""
    from pipelines.sensitivity.seed_study import NO_FAULT
    from pipelines.verdicts.verdict_names import DIFFERENT

    healthy = comparisons[comparisons["fault"] == NO_FAULT]
    alarms = (healthy["verdict"] == DIFFERENT).groupby(healthy["seeds"]).agg(["mean", "size"])
    level = _FALSE_ALARM_LEVEL
    chance = _ERRORS * (level * (1 - level) / alarms["size"]) ** 0.5
    return bool((alarms["mean"] <= level + chance).all())


def _study_seeds(root: Path, cores: int, draws: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    from pipelines.figures import power_curves
    from pipelines.figures.draw import save
    from pipelines.sensitivity.seed_study import NO_FAULT, roc_table, shares, study

    comparisons = study(cores, draws, report=_report)
    found = shares(comparisons)
    _write_csv(comparisons, root / "seed_comparisons.csv")
    _write_csv(found, root / "seed_verdicts.csv")
    figures = (
        power_curves.draw_by_seeds(found, NO_FAULT),
        power_curves.draw_by_strength(found, NO_FAULT),
        power_curves.draw_roc(roc_table(comparisons, _ROC_SEEDS), _ROC_SEEDS),
    )
    for name, figure in zip(_FIGURES, figures, strict=True):
        save(figure, *(root / f"{name}.{ending}" for ending in ("png", "svg", "pdf")))
    return comparisons, found


def _report(what: str) -> None:
    sys.stderr.write(f"comparing seeds: {what}\n")


def _cause_lines(bench: pd.DataFrame, by_kind: pd.DataFrame) -> list[str]:
    from pipelines.sensitivity.fault_bench import COMPARE, TABLES
    from pipelines.sensitivity.judging import ONE_OF_THESE, OUTCOMES, WRONG

    words = {TABLES: "tables alone", COMPARE: "compare"}
    head = ["kind", "by", "with effect", "found", *OUTCOMES, "no effect"]
    columns = ["faults", "found", *OUTCOMES, "no_effect"]
    rows = [
        [row["kind"], words[row["data"]], *(str(row[name]) for name in columns)]
        for _, row in by_kind.iterrows()
    ]
    there = bench[bench["effect"]]
    missed = [f"    {row['fault']} in {row['network']}" for _, row in there.iterrows()
              if not row["found"]]  # fmt: skip
    lines = [f"{counted(len(bench), 'fault')} put in", *table([head, *rows], "    ")]
    lines += ["not found:", *missed] if missed else []
    for data in (TABLES, COMPARE):
        several = there.loc[there[data] == ONE_OF_THESE, f"names_{data}"]
        if len(several):
            lines.append(
                f"one of these by {words[data]}: among {several.median():g} names in the median,"
                f" {several.max()} at most"
            )
    for data, said in ((TABLES, "said_by_tables"), (COMPARE, "said_by_compare")):
        wrong = there[there[data] == WRONG]
        if len(wrong):
            lines.append(f"wrong by {words[data]}:")
        for _, row in wrong.iterrows():
            lines.append(f"    {row['fault']} in {row['network']} (right: {row['truth']})")
            lines.append(f"        {row[said]}")
    return lines


def _seed_lines(shares: pd.DataFrame) -> list[str]:
    from pipelines.sensitivity.seed_study import VERDICTS

    rows = [
        [row["fault"], f"{row['strength']:+g} {row['unit']}" if row["unit"] else "",
         str(row["seeds"]), *(f"{row[verdict]:.0%}" for verdict in VERDICTS)]
        for _, row in shares.iterrows()
    ]  # fmt: skip
    head = ["fault", "strength", "seeds", *VERDICTS]
    return ["different seeds: share of the verdicts", *table([head, *rows], "    ")]
