"""Explanation of causes by the known differences between stock backends.

Causes found in tables say what differs between two runs. If one run is on a stock backend, the
register of known differences (`pipelines.differences`) often says why: its entries list the
symptoms of each difference. A difference is named if a symptom fits a cause. If a symptom is
certain, it is also named whenever the experiment uses the construct in question.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipelines import backends, differences
from pipelines.diagnosis.run_pair import Cause, Pair
from pipelines.differences import Symptom

DESCRIPTIVE_CAUSES = (
    "more excitable", "less excitable", "what follows a spike", "threshold tie",
    "different inputs or initial values", "different inputs", "first spikes either way",
    "first spikes differ", "later spikes differ", "single neurons differ",
)  # fmt: skip
"""Causes that only describe a difference; dropped if a known difference explains it."""

_UNKNOWN_USES = frozenset({"IF_curr_exp"})
"""Names that an experiment is assumed to use if they are unknown: a neuron model only."""


def names_used(path: Path) -> frozenset[str]:
    """Attribute names in the code of an experiment, among them the names used from PyNN."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def name_causes(pair: Pair, found: list[Cause]) -> list[Cause]:
    """Replace causes by the known differences that explain them, if a run is on a stock backend.

    Parameters
    ----------
    pair
        The two runs.
    found
        Causes found in their tables.

    Returns
    -------
    list of Cause
        First the known differences that explain one of these causes, then the unexplained causes,
        then known differences that are certain to matter although no cause shows them.
    """
    known: list[Cause] = []
    explained: set[str] = set()
    certain: list[Cause] = []
    for label, name, symptom, sign in _symptoms_of(pair):
        if not _concerns(symptom, pair.uses):
            continue
        fitting = [cause for cause in found if _explains(symptom, cause, sign)]
        text = f"{label}: {symptom.explanation}"
        if fitting:
            explained.update(cause.name for cause in fitting)
            known.append(replace(fitting[0], name=name, explanation=text, alternatives=()))
        elif _is_certain(symptom, pair.uses):
            certain.append(Cause(name, text, 1.0))
    if not known and not certain:
        return _without_repeats(found)
    rest = [c for c in found if c.name not in explained and c.name not in DESCRIPTIVE_CAUSES]
    return _without_repeats([*known, *rest, *certain])


def refusals(backend: str, error: str) -> list[Cause]:
    """Known differences that explain the error of a failed run on a stock backend."""
    return [
        Cause(name, f"{_label(backend)} {symptom.explanation}", 1.0)
        for name, symptom in _symptoms_on(backend)
        if any(part in error for part in symptom.errors)
    ]


def _concerns(symptom: Symptom, uses: frozenset[str]) -> bool:
    """Whether a symptom applies to an experiment that uses these names."""
    return not symptom.uses or not (uses or _UNKNOWN_USES).isdisjoint(symptom.uses)


def _is_certain(symptom: Symptom, uses: frozenset[str]) -> bool:
    """Whether a symptom certainly matters in an experiment that uses these names."""
    return bool(uses) and (symptom.certain or not uses.isdisjoint(symptom.certain_with))


def _explains(symptom: Symptom, cause: Cause, sign: int) -> bool:
    """Whether a symptom explains a cause; `sign` is 1 if the second run is stock, else -1."""
    return cause.name in symptom.causes and (
        not symptom.steps or cause.steps * sign == symptom.steps
    )


def _symptoms_of(pair: Pair) -> Iterator[tuple[str, str, Symptom, int]]:
    """Label, name, symptom and sign for stock backends of a pair of different backends."""
    if pair.backends[0] == pair.backends[1]:
        return
    for backend, sign in zip(pair.backends, (-1, 1), strict=True):
        for name, symptom in _symptoms_on(backend):
            yield _label(backend), name, symptom, sign


def _symptoms_on(backend: str) -> Iterator[tuple[str, Symptom]]:
    """Name and symptom of the known differences of a stock backend; none for other backends."""
    compared = backends.stock_names().get(backend)
    if compared is None:
        return
    for name, known in differences.known().items():
        if symptom := known.symptoms.get(compared):
            yield name, symptom


def _label(backend: str) -> str:
    style = backends.style_of(backend)
    return style.label if style else backend


def _without_repeats(causes: list[Cause]) -> list[Cause]:
    """Causes with each name once: two stock backends may have the same difference."""
    return list({cause.name: cause for cause in reversed(causes)}.values())[::-1]
