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
    from pipelines.conformance.support.outcome import Support

SUMMARY = "check the backends against closed forms and an independent reference"
DESCRIPTION = (
    "Run small PyNN programs whose result is known, and say which backend gives it; then one for\n"
    "every class of PyNN's and all that scripts do with it, the support matrix. Exit code 1\n"
    "unless every check is passed, or refused as the register of known differences says\n"
    "(pipelines/conformance/DIFFERENCES.md), and every row of the matrix is the same on all\n"
    "backends or refused by name (pipelines/conformance/SUPPORT.md). All of it takes some minutes."
)
EXAMPLE = (
    "example: counterpoint conformance\n"
    "example: counterpoint conformance refractory --target cython\n"
    "example: counterpoint conformance IF_cond_exp\n"
    "example: counterpoint conformance zero --stock"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "check",
        nargs="?",
        default="",
        metavar="CHECK",
        help="checks and rows whose name contains this",
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
    parser.add_argument(
        "--support", type=Path, metavar="FILE", help="run the support matrix; write its page"
    )


def execute(options: argparse.Namespace) -> int:
    """Run the checks and show them, or write the page."""
    from pipelines.conformance import register, suite
    from pipelines.conformance.support import run as matrix
    from pipelines.conformance.support.rows import rows_of

    _check(options)
    if options.register is not None:
        return _write_page(options)
    wanted = [options.backend] if options.backend else list(backends.names())
    if options.support is not None:
        return _write_matrix(options, matrix.support(target=options.target))
    rows = rows_of(options.check)
    chosen = suite.names(options.check, others=rows)
    unmodified = [name for name in wanted if options.stock and backends.get(name).stock]
    on = [(backend, False) for backend in wanted] + [(backend, True) for backend in unmodified]
    outcomes = suite.run(chosen, on, options.target) if chosen else []
    unexpected = [o for o in outcomes if not o.stock and not register.is_expected(o)]
    support = matrix.support(rows, wanted, options.target) if rows else []
    odd = [one for one in support if not one.conforms]
    if options.json:
        rows_found = [
            o.as_dict() | {"expected": o.stock or register.is_expected(o)} for o in outcomes
        ]
        write_json(
            {
                "conforms": not unexpected and not odd,
                "versions": of_stack(),
                "outcomes": rows_found,
                "support": [one.as_dict() | {"conforms": one.conforms} for one in support],
            }
        )
    else:
        lines = _lines(outcomes, unexpected) if outcomes else []
        write_lines([*lines, *([""] if lines and support else []), *_matrix_lines(support)])
    return 1 if unexpected or odd else 0


def _check(options: argparse.Namespace) -> None:
    for option, given, among in (
        ("--backend", options.backend or backends.names()[0], backends.names()),
        ("--target", options.target, backends.code_targets()),
    ):
        if given not in among:
            raise BadInput(option, f"there is no '{given}'", given=given, among=among)
    if options.register is not None and (options.check or options.backend or options.stock):
        raise BadInput("--register", "writes the whole page and runs no check", "no CHECK")
    if options.support is not None and (options.check or options.backend or options.stock):
        raise BadInput("--support", "writes the whole page", "no CHECK and no --backend")


def _write_page(options: argparse.Namespace) -> int:
    from pipelines import differences
    from pipelines.conformance import register

    write_bytes(options.register, register.page().encode())
    if options.json:
        write_json({"file": str(options.register), "rows": len(differences.known())})
    else:
        write_lines([f"{options.register}: {counted(len(differences.known()), 'row')}"])
    return 0


def _write_matrix(options: argparse.Namespace, found: list[Support]) -> int:
    from pipelines.conformance.support.page import page

    write_bytes(options.support, page(found).encode())
    odd = [one for one in found if not one.conforms]
    if options.json:
        write_json({"file": str(options.support), "outcomes": len(found), "wrong": len(odd)})
    else:
        write_lines([f"{options.support}: {counted(len(found), 'outcome')}", *_odd(odd)])
    return 1 if odd else 0


def _matrix_lines(support: list[Support]) -> list[str]:
    """The support matrix as a table for people."""
    columns = list(dict.fromkeys(one.backend for one in support))
    found = {(one.key, one.backend): one for one in support}
    rows = [
        [key, *(_supported(found[key, column]) for column in columns)]
        for key in dict.fromkeys(one.key for one in support)
    ]
    reasons = dict.fromkeys(
        f"{one.backend}: {one.detail}" for one in support if one.outcome == "refused"
    )
    lines = table([["support", *columns], *rows]) if rows else []
    lines += ["", "refused, and why:", *(f"    {reason}" for reason in reasons)] if reasons else []
    return lines + _odd([one for one in support if not one.conforms])


def _odd(odd: list[Support]) -> list[str]:
    what = [[f"{one.key} on {one.backend}", one.outcome, one.detail] for one in odd]
    return ["", "not supported as it should be:", *table(what, indent="    ")] if odd else []


def _supported(one: Support) -> str:
    return one.outcome if one.conforms else one.outcome.upper()


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
