"""Outcome of a row of the support matrix on each backend, by comparison of their results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipelines.verdicts.bounds import Bound, exceeds_bound, largest_shift

from .row import Found, Row

# The same numbers as the backend that the row is compared with.
EXACT = "exact"
# Not the same, and within the bound that the row states.
BOUNDED = "bounded"
# The backend that the others are compared with.
BASIS = "basis"
# It runs, but on no other backend, so that it cannot be compared.
ALONE = "alone"
REFUSED = "refused"
# It runs, but its results differ.
WRONG = "wrong"
# It raises an error that is no refusal, or its process ends.
CRASHED = "crashed"

OUTCOMES = {
    EXACT: "the same spikes, and signals and weights within {tolerance:g} of the largest",
    BOUNDED: "not the same numbers, and within the bound that is stated and checked",
    BASIS: "what the others are compared with",
    ALONE: "runs, and on no other backend to compare it with",
    REFUSED: "refused by name, with the reason",
    WRONG: "runs and gives something else",
    CRASHED: "fails with an error that is no refusal",
}

TOLERANCE = 1e-9
"""Largest deviation of a signal or weight, of its largest absolute value on the basis."""

# Spike times (ms) closer than this are the same: the grids agree, but not their rounding.
_SAME_TIME = 1e-6


@dataclass(frozen=True)
class Answer:
    """Results of a program on a backend, or the reason why it did not run."""

    found: Found | None = None
    refusal: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Support:
    """Outcome of one row on one backend.

    Attributes
    ----------
    outcome
        One of `OUTCOMES`.
    basis
        The backend that it is compared with; empty if none.
    deviation
        Largest deviation of signals and weights, as a share of the largest value.
    detail
        Reason of a refusal, or description of the difference.
    """

    kind: str
    name: str
    backend: str
    outcome: str
    basis: str
    deviation: float | None
    detail: str

    @property
    def key(self) -> str:
        """Name of the row among all rows."""
        return f"{self.kind}: {self.name}"

    @property
    def conforms(self) -> bool:
        """Whether the backend behaves as PyNN documents, or refuses the construct."""
        return self.outcome not in (WRONG, CRASHED)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for tables and JSON."""
        return asdict(self)


def classify(row: Row, answers: Mapping[str, Answer], order: Sequence[str]) -> list[Support]:
    """Determine the outcome of a row on each backend.

    Parameters
    ----------
    row
        The row.
    answers
        Results of the program on each backend.
    order
        Backends by priority as basis of the comparison: the first that ran is the basis. If the
        row has a bound, the first backend has the lowest priority.

    Returns
    -------
    list of Support
        In the order of `answers`.
    """
    first = [*order[1:], order[0]] if row.bound else order
    ran = [backend for backend in first if answers[backend].found is not None]
    basis = ran[0] if ran else ""
    return [_support(row, name, answers, basis, len(ran)) for name in answers]


def _support(
    row: Row,
    backend: str,
    answers: Mapping[str, Answer],
    basis: str,
    n_ran: int,
) -> Support:
    answer = answers[backend]

    def support(outcome: str, against: str, deviation: float | None, detail: str) -> Support:
        return Support(
            row.kind, row.name, backend, outcome, against, deviation, " ".join(detail.split())
        )

    if answer.error is not None:
        return support(CRASHED, "", None, answer.error)
    if answer.refusal is not None:
        return support(REFUSED, "", None, answer.refusal)
    assert answer.found is not None
    empty = [name for name, values in answer.found.items() if np.size(values) == 0]
    if empty or not answer.found:
        return support(WRONG, "", None, f"gives no {empty[0] if empty else 'numbers'}")
    if backend == basis:
        return support(BASIS if n_ran > 1 else ALONE, "", None, "")
    right = answers[basis].found
    assert right is not None
    deviation, problem = compare(answer.found, right)
    if problem and row.bound:
        problem = outside(row.bound, answer.found, right)
        return support(WRONG if problem else BOUNDED, basis, deviation, problem or str(row.bound))
    return support(WRONG if problem else EXACT, basis, deviation, problem)


def outside(bound: Bound, found: Found, right: Found) -> str:
    """Description of a difference that exceeds a bound; empty if none does."""
    if set(found) != set(right):
        return compare(found, right)[1]
    shifted = False
    for name in (name for name in found if name.endswith("spikes")):
        shift = largest_shift(np.asarray(found[name]), np.asarray(right[name]))
        if shift is None:
            return f"{name}: {len(found[name])}, {len(right[name])} expected"
        if exceeds_bound(shift, bound):
            return f"{name}: one is shifted by {shift:g} ms, {bound.shift:g} ms are allowed"
        shifted |= shift > 0
    signals = [name for name in found if not name.endswith("spikes")]
    problems = [_values_apart(name, found[name], right[name], bound.signals)[1] for name in signals]
    return "" if shifted else "; ".join(filter(None, problems))


def compare(found: Found, right: Found) -> tuple[float | None, str]:
    """Compare the results of two backends.

    Returns
    -------
    deviation : float or None
        Largest deviation of signals and weights, as a share of the largest value; None if there
        are none of the same shape.
    problem : str
        Description of differences above `TOLERANCE`; empty if there are none.
    """
    if set(found) != set(right):
        odd = sorted(set(found) ^ set(right))
        return None, f"only one of the two gives {', '.join(odd)}"
    largest: float | None = None
    problems = []
    for name, values in found.items():
        if name.endswith("spikes"):
            problem = _spikes_apart(name, np.asarray(values), np.asarray(right[name]))
        else:
            off, problem = _values_apart(name, np.asarray(values), np.asarray(right[name]))
            largest = largest if off is None else max(off, largest or 0.0)
        problems += [problem] if problem else []
    return largest, "; ".join(problems)


def _spikes_apart(name: str, found: np.ndarray, right: np.ndarray) -> str:
    """Description of a difference between two lists of spikes; empty if they are the same."""
    ours, theirs = (
        {(int(neuron), round(time / _SAME_TIME)) for neuron, time in one} for one in (found, right)
    )
    if len(found) == len(right) and ours == theirs:
        return ""
    return f"{name}: {len(found)}, {len(right)} expected, {len(ours & theirs)} in common"


def _values_apart(
    name: str, found: np.ndarray, right: np.ndarray, tolerance: float = TOLERANCE
) -> tuple[float | None, str]:
    if found.shape != right.shape:
        return None, f"{name}: shape {found.shape}, expected {right.shape}"
    off = np.abs(found - right)
    # NaN compares false with everything, so it is counted as an infinite deviation.
    off = np.where(np.isnan(off), np.inf, off)
    worst = int(np.argmax(off))
    deviation = float(off.flat[worst]) / (float(np.max(np.abs(right))) or 1.0)
    if deviation <= tolerance:
        return deviation, ""
    return deviation, f"{name}: {found.flat[worst]:.6g}, expected {right.flat[worst]:.6g}"
