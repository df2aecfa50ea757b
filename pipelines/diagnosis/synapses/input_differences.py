"""Causes from the jumps of recorded synaptic currents or conductances.

Only inputs up to the first difference of any spikes are used: until then both runs have the same
presynaptic spikes, so that a jump that differs shows a difference of the synapses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from pipelines.diagnosis.membrane.cell_recording import UNKNOWN
from pipelines.diagnosis.run_pair import Cause, Pair, joined, steps_in_words
from pipelines.diagnosis.synapses.input_jumps import (
    FEWEST,
    SAME,
    Jumps,
    Receptor,
    guilty_projections,
    own_spike_steps,
)
from pipelines.diagnosis.synapses.input_sizes import different_sizes
from pipelines.diagnosis.synapses.transmissions import projections_of

# Largest shift in steps, and smallest share of the inputs that must fit it.
_LARGEST_SHIFT, _FITTING_SHARE = 200, 0.9
# Shifts that are always tried, and number of inputs between which others are looked for.
_SMALL_SHIFT, _FEW = 5, 20
# Smallest number of inputs of which each has the size of one that is lost.
_FEWEST_MOVED = 2


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
        yield _missing(missing, pair, end)
    if sizes and not missing:
        yield different_sizes(sizes, pair)


def _until(one: Receptor, end: float) -> Jumps:
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
    return Jumps(one, steps, *sizes)


def _shift(jumps: list[Jumps], pair: Pair) -> Cause | None:
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


def _shifted(jumps: list[Jumps], steps: int, matched: int, pair: Pair) -> Cause:
    text = (
        f"{matched} inputs of recorded neurons come {steps_in_words(steps, 'later', 'earlier')}"
        f" {pair.where[1]}"
    )
    guilty = sorted({name for one in jumps for name in guilty_projections(one, pair)[0]})
    if guilty:
        text += f", through {joined(guilty)}"
    others: tuple[str, ...] = ("inputs delayed",)
    if _sources_are_known(pair):
        text, others = f"{text}, although the presynaptic spikes are the same", ()
    if matched == 1:
        # One input may as well be lost, and another one be new.
        others = (*others, "missing or further input")
    return Cause("different delays", text, 1.0, steps, others)


def _moved(one: Jumps, steps: int) -> tuple[int, int] | None:
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
    small = 10 * SAME * np.abs(given).max(initial=0.0)
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


def _follow_own_spikes(jumps: list[Jumps], pair: Pair) -> bool:
    """Whether currents jump in one run alone only at spikes of the neuron, and right after them."""
    for one in jumps:
        own = np.union1d(
            *(own_spike_steps(one.receptor, run, pair.timestep) for run in (pair.a, pair.b))
        )
        explained = {*np.concatenate([own - 1, own, own + 1]).tolist()}
        for step in one.steps[one.differs].tolist():
            # While a neuron is refractory, its current may not decay.
            if step not in explained and step - 1 not in explained:
                return False
            explained.add(step)
    return True


def _missing(jumps: list[Jumps], pair: Pair, end: float) -> Cause:
    """Inputs that only one run has."""
    number = sum(int(one.differs.sum()) for one in jumps)
    names = ["missing or further input"]
    if _follow_own_spikes(jumps, pair):
        of_cells = [UNKNOWN, "different cell type"]
        names = of_cells if number >= FEWEST else [*names, *of_cells]
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
    guilty, all_of = guilty_projections(first, pair)
    if guilty:
        text += f", through {joined(guilty)}"
    if names[0] != UNKNOWN:
        last = max(one.steps[one.differs].max() for one in jumps)
        if number < FEWEST and end - last < _LARGEST_SHIFT:
            # What is missing may come after the runs part.
            names.append("different delays")
        if _same_sizes(jumps):
            text += "; most of them have the sizes of others that are lost nearby"
            names = ["different delays", "inputs delayed", *names]
        elif all(lost):
            # Inputs that scatter in time may arrive together with others.
            names += ["different delays", "inputs delayed"]
        if not all_of:
            names.append("different connectivity")
        if not _sources_are_known(pair):
            names.append("different inputs")
    else:
        text += "; all come when the neuron itself spikes, or right after"
    return Cause(names[0], text, 1.0, 0, tuple(dict.fromkeys(names[1:])))


def _same_sizes(jumps: list[Jumps]) -> bool:
    """Whether most inputs that one run has alone are there in the other at another time."""
    found, fewer = 0, 0
    for one in jumps:
        by = one.b - one.a
        lost = one.differs & (np.abs(one.a) > np.abs(one.b))
        new = one.differs & ~lost
        sizes = [Counter(_rounded(values)) for values in (-by[lost], by[new])]
        found += sum((sizes[0] & sizes[1]).values())
        fewer += min(int(lost.sum()), int(new.sum()))
    return found >= _FEWEST_MOVED and 2 * found >= fewer


def _rounded(values: np.ndarray) -> list[str]:
    """Numbers with six digits, so that equal ones can be counted."""
    return [f"{value:.6g}" for value in values.tolist()]
