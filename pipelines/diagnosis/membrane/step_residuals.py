"""Steps of a potential that do not follow the membrane which the other run shows.

If the potential of one run follows from its state one step before, by constants that are known to
rounding, each step of the other run can be predicted with the same constants. Where it deviates
says what else acts there: at inputs, after spikes of the neuron, at one potential, or everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.diagnosis.membrane.cell_recording import CONDUCTANCES, OTHER_EQUATIONS, Cell, Finding
from pipelines.diagnosis.membrane.membrane_fit import FEWEST_STEPS, Constants, free_steps
from pipelines.diagnosis.synapses.synaptic_inputs import SynapticInput

BY_ONE_AMOUNT, AT_INPUTS, AFTER_SPIKES, AT_ONE_POTENTIAL, ANYWHERE = (
    "by the same amount", "where inputs arrive", "after the first spike of the neuron",
    "at one potential", "",
)  # fmt: skip
"""Where steps deviate, in words."""

_CAUSES = {
    BY_ONE_AMOUNT: ("different i_offset", "different v_rest", *OTHER_EQUATIONS),
    AT_INPUTS: ("different order of updates", *OTHER_EQUATIONS),
    AFTER_SPIKES: OTHER_EQUATIONS,
    AT_ONE_POTENTIAL: OTHER_EQUATIONS,
    ANYWHERE: (
        "missing or further input",
        "noise in the membrane",
        *OTHER_EQUATIONS,
        "integration scheme",
        "different order of updates",
    ),
}
# Deviation (mV) that is no rounding error.
_LEAST_MV = 1e-6
# Smallest number of steps that deviate, and share of the candidates that must.
_FEWEST, _MOST = 3, 0.9
# Number of times that a constant current may be switched on or off.
_MOST_SWITCHES = 2


@dataclass(frozen=True)
class Deviations:
    """Steps of one run that deviate from the membrane of the other.

    Attributes
    ----------
    place
        One of `BY_ONE_AMOUNT`, `AT_INPUTS`, `AFTER_SPIKES`, `AT_ONE_POTENTIAL` and `ANYWHERE`.
    number, of
        Number of steps that deviate, and of those in which the membrane is free.
    largest_mv
        Largest deviation.
    """

    place: str
    number: int
    of: int
    largest_mv: float


def deviations(
    constants: Constants,
    v: np.ndarray,
    spikes: np.ndarray,
    inputs: Mapping[str, SynapticInput],
    timestep: float,
) -> Deviations | None:
    """Compare each step of a potential with the constants of another run.

    Parameters
    ----------
    constants
        Of the other run; see `membrane_fit.current_constants`.
    v, spikes, inputs, timestep
        Recording of a neuron; see there.

    Returns
    -------
    Deviations or None
        None if too few steps deviate, or the constants do not describe all of its currents.
    """
    predicted = _predicted(constants, v, inputs, timestep)
    free = free_steps(v, spikes)
    free[[0, -1]] = False
    if predicted is None or free.sum() < FEWEST_STEPS:
        return None
    apart = v[1:] - predicted
    deviates = free & (np.abs(apart) > _LEAST_MV)
    number = int(deviates.sum())
    if number < _FEWEST:
        return None
    switches = int(np.sum(np.diff(deviates[free].astype(int)) != 0))
    if switches <= _MOST_SWITCHES and np.ptp(apart[deviates]) <= _LEAST_MV:
        place = BY_ONE_AMOUNT
    else:
        place = _place(v, spikes, inputs, free, deviates)
    return Deviations(place, number, int(free.sum()), float(np.abs(apart[free]).max()))


def _predicted(
    constants: Constants, v: np.ndarray, inputs: Mapping[str, SynapticInput], timestep: float
) -> np.ndarray | None:
    """Potential at samples 1 to n - 1, from the state one step before."""
    factor = np.exp(-timestep / constants["tau_m"][0])
    found = constants["level"][0] * (1 - factor) + factor * v[:-1]
    for name, given in inputs.items():
        if f"effect {name}" not in constants.names:
            return None
        found += constants[f"effect {name}"][0] * np.roll(given.values, -constants.lag)[:-1]
        if given.is_alpha:
            later = np.roll(given.values, -constants.lag - 1)[:-1]
            found += constants[f"later effect {name}"][0] * later
    return found


def _place(
    v: np.ndarray,
    spikes: np.ndarray,
    inputs: Mapping[str, SynapticInput],
    free: np.ndarray,
    deviates: np.ndarray,
) -> str:
    arrives = np.zeros(len(v), bool)
    for given in inputs.values():
        arrives[given.steps] = True
    # The input of sample k + 1 may act on the step that leads there.
    before = free & arrives[1:]
    if np.all(before[deviates]) and deviates.sum() >= _MOST * before.sum() < free.sum():
        return AT_INPUTS
    reached = v[1:][deviates]
    if np.ptp(reached) == 0 and reached[0] in (v.min(), v.max()):
        return AT_ONE_POTENTIAL
    first = int(spikes.min(initial=len(v)))
    after = np.arange(len(free)) >= first
    most = 2 * deviates.sum() >= np.sum(free & after)
    if most and not np.any(deviates & ~after) and np.sum(free & ~after) >= FEWEST_STEPS:
        return AFTER_SPIKES
    return ANYWHERE


def step_finding(fits: Sequence[tuple[Constants, str] | None], cell: Cell) -> Finding | None:
    """A potential that follows from the state one step before in one run alone.

    Parameters
    ----------
    fits
        Constants of each run, as of `membrane_fit`, and their integration scheme.
    cell
        Both recordings.
    """
    exact = [fit is not None and fit[0].is_exact for fit in fits]
    both = (cell.a, cell.b)
    if exact[0] == exact[1] or any(name in CONDUCTANCES for one in both for name in one.state):
        return None
    which = int(exact[0])
    known, other, one = fits[1 - which], fits[which], both[which]
    if known is None:
        return None
    inputs = one.inputs(cell.timestep)
    found = deviations(known[0], one.state["v"], one.spikes, inputs, cell.timestep)
    if found is None or (other is not None and found.place == ANYWHERE):
        # A potential whose steps all deviate at random is one with noise.
        return None
    place = f", all {found.place}," if found.place else ""
    text = (
        f"{found.number} of {found.of} steps of v{place} do not follow {cell.where[which]}"
        f" from the state one step before, as all do {cell.where[1 - which]}; by up to"
        f" {found.largest_mv:.3g} mV"
    )
    return Finding("constants", _CAUSES[found.place], text)
