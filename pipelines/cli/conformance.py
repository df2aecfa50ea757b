"""``counterpoint conformance``: whether the backends give what is right on this installation."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import backends
from pipelines.atomic import write_bytes
from pipelines.cli.output import counted, table, write_json, write_lines
from pipelines.errors import BadInput
from pipelines.versions import of_stack

if TYPE_CHECKING:
    from pipelines.conformance.check import Outcome

SUMMARY = "check the backends against closed forms and an independent reference"
DESCRIPTION = (
    "Run small PyNN programs whose result is known, and say which backend gives it. Exit code 1\n"
    "unless every check is passed, or refused as the register of known differences says\n"
    "(pipelines/conformance/DIFFERENCES.md). All checks take a minute or two."
)
EXAMPLE = (
    "example: counterpoint conformance\n"
    "example: counterpoint conformance refractory --target cython\n"
    "example: counterpoint conformance zero --stock"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "check", nargs="?", default="", metavar="CHECK", help="checks whose name contains this"
    )
    parser.add_argument(
        "--backend",
        metavar="BACKEND",
        help=f"{' or '.join(backends.names())}; all by default",
    )
    parser.add_argument(
        "--stock", action="store_true", help="the unmodified PyNN modules too, for comparison"
    )
    parser.add_argument(
        "--target",
        default="numpy",
        metavar="TARGET",
        help="code generation, where a simulator has a choice: "
        f"{' or '.join(backends.code_targets())}; numpy by default",
    )
    parser.add_argument(
        "--register", type=Path, metavar="FILE", help="run nothing; write the register's page"
    )


def execute(options: argparse.Namespace) -> int:
    """Run the checks and show them, or write the page."""
    from pipelines.conformance import register, run

    _check(options)
    if options.register is not None:
        return _write_page(options)
    chosen = run.names(options.check)
    wanted = [options.backend] if options.backend else list(backends.names())
    unmodified = [name for name in wanted if options.stock and backends.get(name).stock]
    on = [(backend, False) for backend in wanted] + [(backend, True) for backend in unmodified]
    outcomes = run.run(chosen, on, options.target)
    unexpected = [o for o in outcomes if not o.stock and not register.is_expected(o)]
    if options.json:
        rows = [o.as_dict() | {"expected": o.stock or register.is_expected(o)} for o in outcomes]
        write_json({"conforms": not unexpected, "versions": of_stack(), "outcomes": rows})
    else:
        write_lines(_lines(outcomes, unexpected))
    return 1 if unexpected else 0


def _check(options: argparse.Namespace) -> None:
    for option, given, among in (
        ("--backend", options.backend or backends.names()[0], backends.names()),
        ("--target", options.target, backends.code_targets()),
    ):
        if given not in among:
            raise BadInput(option, f"there is no '{given}'", given=given, among=among)
    if options.register is not None and (options.check or options.backend or options.stock):
        raise BadInput("--register", "writes the whole page and runs no check", "no CHECK")


def _write_page(options: argparse.Namespace) -> int:
    from pipelines.conformance import register

    write_bytes(options.register, register.page().encode())
    if options.json:
        write_json({"file": str(options.register), "rows": len(register.REGISTER)})
    else:
        write_lines([f"{options.register}: {counted(len(register.REGISTER), 'row')}"])
    return 0


def _lines(outcomes: list[Outcome], unexpected: list[Outcome]) -> list[str]:
    columns = list(dict.fromkeys((o.backend, o.stock) for o in outcomes))
    found = {(o.name, o.backend, o.stock): o for o in outcomes}
    names = list(dict.fromkeys(o.name for o in outcomes))
    heading = ["check", *(_column(*column) for column in columns), "known difference"]
    rows = [
        [name, *(_mark(found[name, *column]) for column in columns), found[name, *columns[0]].row]
        for name in names
    ]
    lines = table([heading, *rows])
    for column in columns:
        counts = Counter(o.outcome for o in outcomes if (o.backend, o.stock) == column)
        said = ", ".join(f"{n} {outcome}" for outcome, n in sorted(counts.items()))
        lines += ["", f"{_column(*column)}: {said}"][0 if column == columns[0] else 1 :]
    if unexpected:
        lines += ["", "not as they should be:"]
        what = [[f"{o.name} on {o.backend}", o.outcome, " ".join(o.detail.split())]
                for o in unexpected]  # fmt: skip
        lines += table(what, indent="    ")
    return lines


def _column(backend: str, stock: bool) -> str:
    return f"{'stock ' if stock else ''}{backend}"


def _mark(outcome: Outcome) -> str:
    return outcome.outcome if outcome.conforms else outcome.outcome.upper()
