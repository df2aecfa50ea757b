"""Causes from the sizes of inputs that arrive in both runs at the same times."""

from __future__ import annotations

import numpy as np

from pipelines.diagnosis.membrane.cell_recording import UNKNOWN
from pipelines.diagnosis.run_pair import Cause, Pair, joined
from pipelines.diagnosis.synapses.input_jumps import (
    FEWEST,
    SAME,
    Jumps,
    Receptor,
    guilty_projections,
    own_spike_steps,
    transmissions_of,
)
from pipelines.diagnosis.synapses.transmissions import is_plastic, projections_of


def different_sizes(jumps: list[Jumps], pair: Pair) -> Cause:
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
    uniform = bool(np.ptp(ratio) <= SAME * np.abs(ratio).max())
    found = _first_transmissions(jumps, pair)
    if found is not None:
        names, plastic, agrees = found
        text += f", through {joined(names)}"
        if plastic:
            return _plastic(text, agrees)
    if found is not None and all(guilty_projections(one, pair)[1] for one in jumps):
        # The same synapses transmit what they should at other times.
        also = (UNKNOWN, "different cell type")
        return Cause("different synapse type", text, n / of, alternatives=also)
    if order := _order_of_updates(jumps, text):
        return order
    others: tuple[str, ...] = ()
    if n < FEWEST or _others_are_right(jumps, pair, [] if found is None else found[0]):
        # A weight that is sent twice, or one of several that arrive together.
        also = ("missing or further input", *(("weights scaled",) if uniform else ()))
        return Cause("different weights", text, n / of, alternatives=also)
    if uniform:
        text += f": {ratio[0]:.7g} times as large in all"
        others = ("synapses doubled",) if abs(ratio[0] - 2) < 1e-6 else ()
        if found is None:
            others += ("different initial weights",)
        return Cause("weights scaled", text, n / of, 0, others)
    if found is not None:
        return Cause("different weights", text, n / of)
    return Cause("different weights", text, n / of, 0, ("different weight rule",))


def _others_are_right(jumps: list[Jumps], pair: Pair, names: list[str]) -> bool:
    """Whether other inputs through the same projections have the size that they should have."""
    for one in jumps:
        known = transmissions_of(one, pair)
        if known is None:
            continue
        right = np.isin(known.step, one.steps[~one.differs])
        if {known.projections[index] for index in known.projection[right]} & {*names}:
            return True
    return False


def _order_of_updates(jumps: list[Jumps], text: str) -> Cause | None:
    """Cause of inputs that are added at another point of a step, and have decayed since."""
    parts = []
    for one in jumps:
        decay = one.receptor.a.factor
        ratio = one.b[one.differs] / one.a[one.differs]
        if not 0 < decay < 1 or np.any(ratio <= 0):
            return None
        parts.append(np.log(ratio) / np.log(decay))
    part = np.concatenate(parts)
    if np.ptp(part) > 1e-4 or not 0 < abs(part[0]) < 1 + 1e-4:
        return None
    text += f": as much as it decays in {abs(part[0]):.4g} of a step"
    others = () if abs(abs(part[0]) - 1) < 1e-4 else ("weights scaled",)
    return Cause("different order of updates", text, alternatives=others)


def _plastic(text: str, agrees: bool | None) -> Cause:
    """Cause of inputs of plastic projections that differ."""
    if agrees is None:
        return Cause("different weight rule", text, 1.0, 0, ("different initial weights",))
    if agrees:
        text += "; transmissions through synapses that have not learned yet agree"
        # Synapses may transmit other weights than those that they learn.
        return Cause("different weight rule", text, 1.0, 0, ("different synapse type",))
    text += "; transmissions through synapses that have not learned yet differ too"
    # A rule may change weights without spikes, or keep them with few digits.
    return Cause("different initial weights", text, 1.0, 0, ("different weight rule",))


def _first_transmissions(
    jumps: list[Jumps], pair: Pair
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
        known = transmissions_of(one, pair)
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
    steps = [own_spike_steps(receptor, one, pair.timestep) for one in (pair.a, pair.b)]
    return float(np.concatenate(steps).min(initial=np.inf))
