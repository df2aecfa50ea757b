"""Causes from the jumps of recorded synaptic currents or conductances.

Only inputs up to the first difference of any spikes are used: until then both runs have the same
presynaptic spikes, so that a jump that differs shows a difference of the synapses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.diagnosis.run_pair import Cause, Pair, joined, steps_in_words
from pipelines.diagnosis.synaptic_inputs import SynapticInput
from pipelines.diagnosis.transmissions import (
    Transmissions,
    is_plastic,
    projections_of,
    transmissions_to,
)

# Relative difference of sizes that is no rounding error.
_SAME = 1e-6
# Largest shift in steps, and smallest share of the inputs that must fit it.
_LARGEST_SHIFT, _FITTING_SHARE = 200, 0.9
# Shifts that are always tried, and number of inputs between which others are looked for.
_SMALL_SHIFT, _FEW = 5, 20


@dataclass(frozen=True)
class Receptor:
    """Recorded inputs of one receptor of one neuron in both runs."""

    population: str
    neuron: int
    variable: str
    a: SynapticInput
    b: SynapticInput


@dataclass(frozen=True)
class _Jumps:
    """Inputs of one receptor until the runs part; sizes are 0 where there is none."""

    receptor: Receptor
    steps: np.ndarray
    a: np.ndarray
    b: np.ndarray

    @property
    def differs(self) -> np.ndarray:
        largest = max(np.abs(self.a).max(initial=0.0), np.abs(self.b).max(initial=0.0))
        return np.abs(self.a - self.b) > _SAME * largest


def input_causes(pair: Pair, receptors: list[Receptor]) -> Iterator[Cause]:
    """Find causes in the inputs of neurons until the first difference of any spikes.

    Parameters
    ----------
    pair
        The runs.
    receptors
        Receptors whose inputs are known in both runs.
    """
    end = np.inf
    if pair.divergence is not None:
        end = round(pair.divergence.time_ms / pair.timestep)
    jumps = [_until(one, end) for one in receptors if one.a.is_known and one.b.is_known]
    jumps = [one for one in jumps if one.differs.any()]
    if not jumps:
        return
    if (shifted := _shift(jumps, pair)) is not None:
        yield shifted
        return
    sizes = [one for one in jumps if np.all((one.a != 0) & (one.b != 0) | ~one.differs)]
    missing = [one for one in jumps if one not in sizes]
    if missing:
        yield _missing(missing, pair)
    if sizes and not missing:
        yield _sizes(sizes, pair)


def _until(one: Receptor, end: float) -> _Jumps:
    parts = []
    for given in (one.a, one.b):
        until = given.steps <= end
        parts.append((given.steps[until], given.sizes[until]))
    steps = np.union1d(parts[0][0], parts[1][0]).astype(int)
    sizes = []
    for at, size in parts:
        here = np.zeros(len(steps))
        here[np.searchsorted(steps, at)] = size
        sizes.append(here)
    return _Jumps(one, steps, *sizes)


def _shift(jumps: list[_Jumps], pair: Pair) -> Cause | None:
    """Inputs, or some of them, that come a number of steps earlier or later in the second run."""
    candidates = {*range(1, _SMALL_SHIFT + 1)}
    for one in jumps:
        less, more = (one.steps[one.differs & side] for side in (one.a > one.b, one.a < one.b))
        apart = np.abs(less[:_FEW, None] - more[None, :_FEW])
        candidates |= {int(step) for step in np.unique(apart) if 0 < step <= _LARGEST_SHIFT}
    for size in sorted(candidates):
        for steps in (size, -size):
            moved = [_moved(one, steps) for one in jumps]
            matched = sum(one[0] for one in moved if one is not None)
            all_of = sum(one[1] for one in moved if one is not None)
            if None not in moved and matched and matched >= _FITTING_SHARE * (all_of - len(jumps)):
                return _shifted(jumps, steps, matched, pair)
    return None


def _shifted(jumps: list[_Jumps], steps: int, matched: int, pair: Pair) -> Cause:
    text = (
        f"{matched} inputs of recorded neurons come {steps_in_words(steps, 'later', 'earlier')}"
        f" {pair.where[1]}"
    )
    guilty = sorted({name for one in jumps for name in _guilty(one, pair)[0]})
    if guilty:
        text += f", through {joined(guilty)}"
    others: tuple[str, ...] = ("inputs delayed",)
    if _sources_are_known(pair):
        text, others = f"{text}, although the presynaptic spikes are the same", ()
    if matched == 1:
        # One input may as well be lost, and another one be new.
        others = (*others, "missing or further input")
    return Cause("different delays", text, 1.0, steps, others)


def _moved(one: _Jumps, steps: int) -> tuple[int, int] | None:
    """Number of inputs that arrive after a shift, and of all that are shifted.

    With x the inputs that are shifted by s, b[k] - a[k] = x[k - s] - x[k], so that they follow one
    after the other; None unless each is a part of the inputs in the first run.
    """
    a, b = (one.a, one.b) if steps > 0 else (one.b, one.a)
    s, n = abs(steps), int(one.steps[-1]) + 1
    rows = -(-n // s)
    given, lost = np.zeros((2, rows * s))
    given[one.steps], lost[one.steps] = a, a - b
    x = np.cumsum(lost.reshape(rows, s), axis=0).ravel()[:n]
    given = given[:n]
    small = 10 * _SAME * np.abs(given).max(initial=0.0)
    if np.any(x < np.minimum(given, 0.0) - small) or np.any(x > np.maximum(given, 0.0) + small):
        return None
    shifted = np.abs(x) > small
    return int(shifted[: max(n - s, 0)].sum()), int(shifted.sum())


def _sources_are_known(pair: Pair) -> bool:
    """Whether the spikes of all presynaptic populations are recorded."""
    for one in (pair.a, pair.b):
        described = projections_of(one)
        before = {about.get("pre") for about in described.values()}
        if not described or not before <= set(one.spikes["population"]):
            return False
    return True


def _missing(jumps: list[_Jumps], pair: Pair) -> Cause:
    """Inputs that only one run has."""
    first = min(jumps, key=lambda one: one.steps[one.differs].min())
    receptor = first.receptor
    lost = [sum(int(np.sum(one.differs & (side(one) == 0))) for one in jumps)
            for side in (lambda one: one.a, lambda one: one.b)]  # fmt: skip
    at = int(first.steps[first.differs][0])
    text = (
        f"until the runs part, {lost[1]} inputs of recorded neurons are there {pair.where[0]} alone"
        f" and {lost[0]} {pair.where[1]} alone; the first is one of {receptor.variable} of neuron"
        f" {receptor.neuron} of {receptor.population} at {at * pair.timestep:g} ms"
    )
    guilty, all_of = _guilty(first, pair)
    if guilty:
        text += f", through {joined(guilty)}"
    names = ["missing or further input"]
    if not all_of:
        names.append("different connectivity")
    if not _sources_are_known(pair):
        names.append("different inputs")
    return Cause(names[0], text, 1.0, 0, tuple(names[1:]))


def _guilty(one: _Jumps, pair: Pair) -> tuple[list[str], bool]:
    """Projections through which inputs that differ come, and whether some of them are right."""
    known = _transmissions(one, pair)
    if known is None:
        return [], False
    wrong = np.isin(known.step, one.steps[one.differs])
    right = np.isin(known.step, one.steps[~one.differs])
    pairs_wrong = set(zip(known.projection[wrong], known.pre[wrong], strict=True))
    pairs_right = set(zip(known.projection[right], known.pre[right], strict=True))
    names = [known.projections[index] for index in sorted({p for p, _ in pairs_wrong})]
    return names, bool(pairs_wrong) and pairs_wrong <= pairs_right


def _transmissions(one: _Jumps, pair: Pair) -> Transmissions | None:
    receptor = one.receptor
    return transmissions_to(
        pair.a, receptor.population, receptor.neuron, receptor.variable, pair.timestep
    )


def _sizes(jumps: list[_Jumps], pair: Pair) -> Cause:
    """Inputs whose sizes differ."""
    first = min(jumps, key=lambda one: one.steps[one.differs].min())
    receptor, at = first.receptor, first.steps[first.differs][0]
    k = int(np.searchsorted(first.steps, at))
    unit = "nA" if receptor.variable.startswith("isyn") else "uS"
    n = sum(int(one.differs.sum()) for one in jumps)
    of = sum(len(one.steps) for one in jumps)
    text = (
        f"{n} of {of} inputs of recorded neurons differ until the runs part; the first, of"
        f" {receptor.variable} of neuron {receptor.neuron} of {receptor.population} at"
        f" {at * pair.timestep:g} ms, is {first.a[k]:.7g} {unit} {pair.where[0]} and"
        f" {first.b[k]:.7g} {unit} {pair.where[1]}"
    )
    ratio = np.concatenate([one.b[one.differs] / one.a[one.differs] for one in jumps])
    uniform = bool(np.ptp(ratio) <= _SAME * np.abs(ratio).max())
    found = _first_transmissions(jumps, pair)
    if found is not None:
        names, plastic, agrees = found
        text += f", through {joined(names)}"
        if plastic:
            return _plastic(text, agrees)
    if uniform:
        text += f": {ratio[0]:.7g} times as large in all"
        others: tuple[str, ...] = ("synapses doubled",) if abs(ratio[0] - 2) < 1e-6 else ()
        if found is None:
            others += ("different initial weights",)
        return Cause("weights scaled", text, n / of, 0, others)
    if found is not None:
        return Cause("different weights", text, n / of)
    return Cause("different weights", text, n / of, 0, ("different weight rule",))


def _plastic(text: str, agrees: bool | None) -> Cause:
    """Cause of inputs of plastic projections that differ."""
    if agrees is None:
        return Cause("different weight rule", text, 1.0, 0, ("different initial weights",))
    if agrees:
        text += "; transmissions through synapses that have not learned yet agree"
        return Cause("different weight rule", text, 1.0)
    text += "; transmissions through synapses that have not learned yet differ too"
    return Cause("different initial weights", text, 1.0)


def _first_transmissions(
    jumps: list[_Jumps], pair: Pair
) -> tuple[list[str], bool, bool | None] | None:
    """Projections whose transmissions differ, whether plastic, and whether the first ones agree.

    A first transmission is one before which neither neuron has fired, so that no rule has changed
    the weight; None if there is none. Only steps in which all transmissions are of one projection
    are used. None if there are none, or if both static and plastic projections differ.
    """
    described = projections_of(pair.a)
    wrong_ones: set[str] = set()
    # Names of the projections of first transmissions that differ, and of those that agree.
    first: dict[bool, set[str]] = {True: set(), False: set()}
    for one in jumps:
        known = _transmissions(one, pair)
        if known is None:
            return None
        untouched = _first_spike(one.receptor, pair)
        for step, wrong in zip(one.steps, one.differs, strict=True):
            here = known.step == step
            projections = set(known.projection[here].tolist())
            if wrong and not projections:
                # It comes through a projection that the tables do not have.
                return None
            if len(projections) != 1:
                continue
            name = known.projections[projections.pop()]
            if wrong:
                wrong_ones.add(name)
            if np.all(known.ordinal[here] == 0) and step <= untouched:
                first[bool(wrong)].add(name)
    plastic = {is_plastic(described[name]) for name in wrong_ones}
    if len(plastic) != 1:
        return None
    agrees = None
    if (first[True] | first[False]) & wrong_ones:
        agrees = not first[True] & wrong_ones
    return sorted(wrong_ones), plastic.pop(), agrees


def _first_spike(receptor: Receptor, pair: Pair) -> float:
    """Step of the first spike of a neuron in any run; infinite without one."""
    first = np.inf
    for one in (pair.a, pair.b):
        rows = one.spikes
        mine = (rows["population"] == receptor.population) & (rows["neuron"] == receptor.neuron)
        first = min(first, rows.loc[mine, "time_ms"].min() if mine.any() else np.inf)
    return float(first) / pair.timestep
