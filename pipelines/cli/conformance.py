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

    _check_options(options)
    if options.register is not None:
        return _write_register_page(options)
    chosen_backends = [options.backend] if options.backend else list(backends.names())
    if options.support is not None:
        return _write_support_page(options, matrix.support(target=options.target))
    rows = rows_of(options.check)
    chosen = suite.names(options.check, others=rows)
    unmodified = [name for name in chosen_backends if options.stock and backends.get(name).stock]
    modules = [(backend, False) for backend in chosen_backends] + [
        (backend, True) for backend in unmodified
    ]
    outcomes = suite.run(chosen, modules, options.target) if chosen else []
    unexpected = [o for o in outcomes if not o.stock and not register.is_expected(o)]
    support = matrix.support(rows, chosen_backends, options.target) if rows else []
    nonconforming = [one for one in support if not one.conforms]
    if options.json:
        rows_found = [
            o.as_dict() | {"expected": o.stock or register.is_expected(o)} for o in outcomes
        ]
        write_json(
            {
                "conforms": not unexpected and not nonconforming,
                "versions": of_stack(),
                "outcomes": rows_found,
                "support": [one.as_dict() | {"conforms": one.conforms} for one in support],
            }
        )
    else:
        lines = _outcome_lines(outcomes, unexpected) if outcomes else []
        write_lines([*lines, *([""] if lines and support else []), *_support_lines(support)])
    return 1 if unexpected or nonconforming else 0


def _check_options(options: argparse.Namespace) -> None:
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


def _write_register_page(options: argparse.Namespace) -> int:
    from pipelines import differences
    from pipelines.conformance import register

    write_bytes(options.register, register.page().encode())
    if options.json:
        write_json({"file": str(options.register), "rows": len(differences.known())})
    else:
        write_lines([f"{options.register}: {counted(len(differences.known()), 'row')}"])
    return 0


def _write_support_page(options: argparse.Namespace, found: list[Support]) -> int:
    from pipelines.conformance.support.page import page

    write_bytes(options.support, page(found).encode())
    nonconforming = [one for one in found if not one.conforms]
    if options.json:
        write_json(
            {"file": str(options.support), "outcomes": len(found), "wrong": len(nonconforming)}
        )
    else:
        write_lines(
            [
                f"{options.support}: {counted(len(found), 'outcome')}",
                *_nonconforming_lines(nonconforming),
            ]
        )
    return 1 if nonconforming else 0


def _support_lines(support: list[Support]) -> list[str]:
    """The support matrix as a table for people."""
    columns = list(dict.fromkeys(one.backend for one in support))
    found = {(one.key, one.backend): one for one in support}
    rows = [
        [key, *(_outcome_text(found[key, column]) for column in columns)]
        for key in dict.fromkeys(one.key for one in support)
    ]
    reasons = dict.fromkeys(
        f"{one.backend}: {one.detail}" for one in support if one.outcome == "refused"
    )
    lines = table([["support", *columns], *rows]) if rows else []
    lines += ["", "refused, and why:", *(f"    {reason}" for reason in reasons)] if reasons else []
    return lines + _nonconforming_lines([one for one in support if not one.conforms])


def _nonconforming_lines(nonconforming: list[Support]) -> list[str]:
    rows = [[f"{one.key} on {one.backend}", one.outcome, one.detail] for one in nonconforming]
    return (
        ["", "not supported as it should be:", *table(rows, indent="    ")] if nonconforming else []
    )


def _outcome_lines(outcomes: list[Outcome], unexpected: list[Outcome]) -> list[str]:
    columns = list(dict.fromkeys((o.backend, o.stock) for o in outcomes))
    found = {(o.name, o.backend, o.stock): o for o in outcomes}
    names = list(dict.fromkeys(o.name for o in outcomes))
    heading = ["check", *(_column_heading(*column) for column in columns), "known difference"]
    rows = [
        [
            name,
            *(_outcome_text(found[name, *column]) for column in columns),
            found[name, *columns[0]].row,
        ]
        for name in names
    ]
    lines = table([heading, *rows])
    for column in columns:
        counts = Counter(o.outcome for o in outcomes if (o.backend, o.stock) == column)
        text = ", ".join(f"{n} {outcome}" for outcome, n in sorted(counts.items()))
        lines += ["", f"{_column_heading(*column)}: {text}"][0 if column == columns[0] else 1 :]
    if unexpected:
        lines += ["", "not as they should be:"]
        rows = [[f"{o.name} on {o.backend}", o.outcome, " ".join(o.detail.split())]
                for o in unexpected]  # fmt: skip
        lines += table(rows, indent="    ")
    return lines


def _column_heading(backend: str, stock: bool) -> str:
    return f"{'stock ' if stock else ''}{backend}"


def _outcome_text(outcome: Outcome | Support) -> str:
    """The outcome, in capitals if it is not the expected one."""
    return outcome.outcome if outcome.conforms else outcome.outcome.upper()
