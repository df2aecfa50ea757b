"""What PyNN's unmodified modules are known to do: rows of the register, for naming causes.

A signature says what two runs look like; where one of them is of a stock module, a row of the
register (`pipelines/conformance/DIFFERENCES.md`) often says why: `known_of_stock_rows` lists those
of each stock module. Rows are named where a signature fits them, and, if what they are about
cannot fail to matter, wherever an experiment uses it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipelines import backends
from pipelines.diagnosis.known_of_stock_rows import CELLS, OTHER_INPUT, ROWS, Row
from pipelines.diagnosis.run_pair import Cause, Pair

VAGUE = (
    "more excitable", "less excitable", "what follows a spike", "threshold tie or slow growth",
    OTHER_INPUT,
)  # fmt: skip
"""Signatures that are no more than a description, where something else says what it is."""


def names_used(path: Path) -> frozenset[str]:
    """Names that the code of an experiment takes from a module or object, PyNN's among them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def named(pair: Pair, found: list[Cause]) -> list[Cause]:
    """Causes under the names of the register, where a run is of a stock module.

    Parameters
    ----------
    found
        What signatures say of the pair.

    Returns
    -------
    list of Cause
        First the rows that explain one of these causes, then what no row explains, then rows that
        are sure to matter although the tables do not show them by themselves.
    """
    known: list[Cause] = []
    explained: set[str] = set()
    sure: list[Cause] = []
    for label, row, sign in _rows_of(pair):
        if not _is_about(row, pair.uses):
            continue
        fitting = [cause for cause in found if _explains(row, cause, sign)]
        text = f"{label}: {row.text}"
        if fitting:
            explained.update(cause.name for cause in fitting)
            known.append(replace(fitting[0], name=row.name, explanation=text))
        elif _is_sure(row, pair.uses):
            sure.append(Cause(row.name, text, 1.0))
    if not known and not sure:
        return found
    rest = [c for c in found if c.name not in explained and c.name not in VAGUE]
    return _once([*known, *rest, *sure])


def refusals(backend: str, error: str) -> list[Cause]:
    """Rows that say why a run on a stock backend failed, by its error."""
    return [
        Cause(row.name, f"{_label(backend)} {row.text}", 1.0)
        for row in ROWS.get(backend, ())
        if any(part in error for part in row.errors)
    ]


def _is_about(row: Row, uses: frozenset[str]) -> bool:
    """Whether an experiment that uses these names is concerned.

    Where they are not known, it is taken to have cells, and nothing else.
    """
    return not row.uses or not (uses or frozenset(CELLS)).isdisjoint(row.uses)


def _is_sure(row: Row, uses: frozenset[str]) -> bool:
    """Whether it matters in an experiment that uses these names, and is about them."""
    return bool(uses) and (row.sure or not uses.isdisjoint(row.sure_with))


def _explains(row: Row, cause: Cause, sign: int) -> bool:
    """Whether a signature is what it makes; `sign` is 1 if the second run is the stock one."""
    return cause.name in row.fits and (not row.steps or cause.steps * sign == row.steps)


def _rows_of(pair: Pair) -> Iterator[tuple[str, Row, int]]:
    """Rows of the two modules, each with the module's label and sign, where these differ."""
    if pair.backends[0] == pair.backends[1]:
        return
    for backend, sign in zip(pair.backends, (-1, 1), strict=True):
        for row in ROWS.get(backend, ()):
            yield _label(backend), row, sign


def _label(backend: str) -> str:
    style = backends.style_of(backend)
    return style.label if style else backend


def _once(causes: list[Cause]) -> list[Cause]:
    """Each name once: two modules may have the same row."""
    return list({cause.name: cause for cause in reversed(causes)}.values())[::-1]
