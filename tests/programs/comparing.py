"""Says what differs between the outcomes of one program on several backends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .playing import CRASHED, DONE, REFUSED, Outcome

SAME, DIFFER, CRASH = "same", "differ", "crash"
REFUSED_BY_ALL, REFUSED_BY_SOME = "refused by all", "refused by some"
# Of the largest weight, and of the range of a signal.
_TOLERANCE = 1e-9
# Of a signal that is solved with adaptive steps, whose sizes follow from rounding, too: the least
# tolerance of the solvers.
_SOLVED = 1e-6


@dataclass(frozen=True)
class Verdict:
    """What a program comes to, and lines that say why.

    It is `REFUSED_BY_ALL` where all backends say the same, and `REFUSED_BY_SOME` where the others
    agree with each other.
    """

    kind: str
    lines: tuple[str, ...] = ()

    def is_like(self, other: Verdict) -> bool:
        """Whether another program fails in the same manner, its numbers aside."""
        return self.kind == other.kind and self._manner == other._manner

    @property
    def _manner(self) -> set[str]:
        shapes = {"shapes" for line in self.lines if "shapes" in line}
        return shapes | {_kind(line) for line in self.lines if " [" in line}


def compare(outcomes: dict[str, Outcome]) -> Verdict:
    """Judge a program by its outcome on each backend."""
    said = tuple(f"{name}: {each.message}" for name, each in outcomes.items() if each.message)
    statuses = {each.status for each in outcomes.values()}
    if CRASHED in statuses:
        return Verdict(CRASH, said)
    if statuses == {REFUSED}:
        kinds = {_kind(each.message) for each in outcomes.values()}
        return Verdict(REFUSED_BY_ALL if len(kinds) == 1 else DIFFER, said)
    lines: list[str] = []
    done = [name for name, each in outcomes.items() if each.status == DONE]
    for one, other in combinations(done, 2):
        found = list(_differences(outcomes[one].values, outcomes[other].values, one, other))
        lines += [f"{one}, {other}: {line}" for line in found]
    if lines:
        return Verdict(DIFFER, (*said, *lines))
    return Verdict(REFUSED_BY_SOME if REFUSED in statuses else SAME, said)


def _kind(message: str) -> str:
    """A refusal without what it says about this program and this backend."""
    problem = message.partition(" [")[0].partition("; allowed:")[0]
    return re.sub(r"[-+.\d]+|on [A-Z]\w+|'[^']*'", "", problem)


def _differences(
    first: dict[str, np.ndarray], second: dict[str, np.ndarray], one: str, other: str
) -> Iterator[str]:
    for name in sorted(first.keys() ^ second.keys()):
        yield f"{name}: only on {one if name in first else other}"
    for name in first:
        if name not in second:
            continue
        if name.startswith("spikes"):
            line = _spikes(first[name], second[name], one, other)
        elif name.startswith("weight"):
            line = _weights(first[name], second[name])
        else:
            tolerance = _SOLVED if name.endswith(" solved") else _TOLERANCE
            line = _signals(first[name], second[name], tolerance)
        if line:
            yield f"{name}: {line}"


def _spikes(first: np.ndarray, second: np.ndarray, one: str, other: str) -> str | None:
    if np.array_equal(first, second):
        return None
    sets = {tuple(row) for row in first.tolist()}, {tuple(row) for row in second.tolist()}
    alone = sets[0] ^ sets[1]
    said = f"{len(first)} and {len(second)} spikes, {len(alone)} on one alone"
    if not alone:
        return said
    neuron, step = min(alone, key=lambda row: row[::-1])
    where = one if (neuron, step) in sets[0] else other
    return f"{said}, the first on {where}: neuron {neuron}, step {step}"


def _weights(first: np.ndarray, second: np.ndarray) -> str | None:
    if first.shape != second.shape:
        return f"{len(first)} and {len(second)} synapses"
    # Synapses of one pair, whose weights may be the same but for rounding, by their delays.
    first, second = (rows[np.lexsort(rows.T[::-1])] for rows in (first, second))
    if not np.array_equal(first[:, :3], second[:, :3]):
        return "other pairs or delays"
    # Synapses of one pair and delay are in order of weight, which rounding may exchange: no harm.
    return _far(first[:, 3], second[:, 3], np.max(np.abs(first[:, 3]), initial=0.0), "the largest")


def _signals(first: np.ndarray, second: np.ndarray, tolerance: float) -> str | None:
    if first.shape != second.shape:
        return f"shapes {first.shape} and {second.shape}"
    if first.size == 0:
        return None
    # An array of weights has no number where there is no synapse.
    if not np.array_equal(np.isnan(first), np.isnan(second)):
        return "not a number in other places"
    first, second = np.nan_to_num(first), np.nan_to_num(second)
    # A signal that hardly changes is known to the rounding of its value.
    scale = max(np.ptp(first), 1e-3 * np.max(np.abs(first)))
    line = _far(first, second, scale, "its range", tolerance)
    if line and first.ndim == 2:
        far = ~(np.abs(first - second) <= tolerance * scale)
        sample, neuron = np.argwhere(far)[0]
        line += f", first in sample {sample}, column {neuron}"
    return line


def _far(
    first: np.ndarray, second: np.ndarray, scale: float, of: str, tolerance: float = _TOLERANCE
) -> str | None:
    apart = np.abs(first - second)
    if np.all(apart <= tolerance * scale + 1e-15):
        return None
    return f"apart by up to {np.max(apart) / scale if scale else np.inf:.2g} of {of}"
