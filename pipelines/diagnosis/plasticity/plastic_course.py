"""Spikes and weights of one projection in one run, prepared for fits of its rule of plasticity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from pipelines.diagnosis.plastic import readings_of, recorded_facts
from pipelines.diagnosis.plasticity.stdp_arrivals import Course, Floats, Ints, Trains
from pipelines.diagnosis.plasticity.stdp_fit import Data
from pipelines.diagnosis.run_pair import Evidence
from pipelines.tables.mappings import as_mapping

# Largest number of readings that are used, and of spikes at a synapse.
_MOST_READINGS, _MOST_SPIKES = 8, 1_500
# Median number of spikes at a synapse up to the last reading that is used, if there are several.
_USUAL_SPIKES = 500
# Deviation from the grid of time steps, in steps, that is rounding.
_ROUNDED = 0.02
# Smallest number of synapses between neurons with spikes.
_FEWEST = 3

# Constants of rules that a run may be asked for, by PyNN's names.
_CONSTANTS = (
    "A_plus", "A_minus", "tau_plus", "tau_minus", "w_max", "w_min", "mu_plus", "mu_minus",
    "tau_plus_triplet", "tau_minus_triplet", "A_plus_triplet", "A_minus_triplet", "eta", "rho",
)  # fmt: skip


@dataclass(frozen=True)
class Learning:
    """A projection in one run, for one choice of the populations that it connects.

    Attributes
    ----------
    ends
        Names of its presynaptic and its postsynaptic population.
    data
        Its weights and spikes.
    unchanged
        Whether no weight changed, or, without a reading at time 0, whether all are the same.
    """

    ends: tuple[str, str]
    data: Data
    unchanged: bool


def learning(run: Evidence, name: str, timestep: float) -> Iterator[Learning]:
    """A projection of a run, for each choice of populations that it may connect.

    Nothing if its spikes, delays or readings do not suffice: neurons without recorded spikes,
    spikes or delays between the time steps, no delays, or readings of different synapses.
    """
    weights = run.weights[run.weights["projection"] == name]
    if "recorded_connections" in recorded_facts(run, name):
        # The last reading may be of all connections, the others are of some.
        connection = pd.MultiIndex.from_frame(weights[["pre", "post", "delay_ms"]])
        first = (weights["time_ms"] == weights["time_ms"].min()).to_numpy()
        weights = weights[connection.isin(connection[first])]
    readings = list(readings_of(weights, name))
    if not readings or any(len(v["pre"]) != len(readings[0][1]["pre"]) for _, v in readings):
        return
    columns = readings[-1][1]
    delay = columns["delay_ms"].astype(float) / timestep
    steps = _steps(run.spikes, timestep)
    if steps is None or not np.all(np.abs(delay - np.rint(delay)) < _ROUNDED):
        return
    values_read = [values["weight"].astype(float) for _, values in readings]
    scale = max(float(np.abs(one).max(initial=0.0)) for one in values_read)
    sign = _sign(values_read)
    if sign == 0 or scale == 0:
        return
    sizes: list[Floats] = [float(sign) * one for one in values_read]
    initial = sizes.pop(0) if readings[0][0] == 0 else None
    times = np.array([round(time / timestep) for time, _ in readings if time > 0], np.int64)
    if not sizes:
        return
    chosen = np.unique(np.linspace(0, len(sizes) - 1, _MOST_READINGS).round().astype(int))
    for ends in _possible_ends(run, name, columns):
        trains = [_trains(run.spikes, steps, end, columns) for end in ends]
        course = Course(
            columns["pre"].astype(np.int64),
            columns["post"].astype(np.int64),
            np.rint(delay).astype(np.int64),
            (trains[0], trains[1]),
            initial,
            times[chosen],
            np.array(sizes)[chosen],
            timestep,
        )
        usable = _usable(course)
        if usable is not None:
            yield Learning(ends, Data(usable, scale), _is_unchanged(course, scale))


def constants_asked_for(run: Evidence) -> dict[str, float]:
    """Constants of plasticity among the parameters of a run; from these, fits start."""
    found: dict[str, float] = {}
    for source in (run.record, as_mapping(run.record.get("parameters"))):
        for name in _CONSTANTS:
            value: Any = source.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                found[name] = float(value)
    if "w_max" in found:
        found["w_max"] = abs(found["w_max"])
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _steps(spikes: pd.DataFrame, timestep: float) -> Ints | None:
    """Steps of all spikes; None if some are between the time steps."""
    exact = spikes["time_ms"].to_numpy(float) / timestep
    steps = np.rint(exact)
    return None if np.any(np.abs(exact - steps) > _ROUNDED) else steps.astype(np.int64)


def _sign(weights: list[Floats]) -> int:
    """Sign of all weights; 0 if both occur."""
    signs = {int(sign) for one in weights for sign in np.unique(np.sign(one))} - {0}
    return signs.pop() if len(signs) == 1 else 0


def _possible_ends(
    run: Evidence, name: str, columns: dict[str, np.ndarray]
) -> Iterator[tuple[str, str]]:
    """Pairs of populations that a projection may connect: those recorded, or all that fit."""
    facts = recorded_facts(run, name)
    sizes = dict(as_mapping(run.record.get("population_sizes")))
    for population, some in as_mapping(run.record.get("recorded_neurons")).items():
        sizes[population] = some["of"]
    largest = run.spikes.groupby("population")["neuron"].max()
    choices = []
    for end in ("pre", "post"):
        known = facts.get(end)
        # Without its size, a population is as large as the projection needs.
        fitting = [str(one) for one in largest.index if sizes.get(one, np.inf) > columns[end].max()]
        choices.append([one for one in fitting if not known or one == known])
    yield from product(*choices)


def _trains(
    spikes: pd.DataFrame, steps: Ints, population: str, columns: dict[str, np.ndarray]
) -> Trains:
    own = (spikes["population"] == population).to_numpy()
    neuron = spikes["neuron"].to_numpy(np.int64)[own]
    highest = max(int(columns["pre"].max()), int(columns["post"].max()))
    n = 1 + max(int(neuron.max(initial=0)), highest)
    return Trains.of(neuron, steps[own], n)


def _usable(course: Course) -> Course | None:
    """Synapses between neurons with spikes, few enough for a fit, and the readings that are used.

    If there are too many spikes, only the first readings are used; None if that does not help.
    """
    found = None
    for last in range(len(course.times), 0, -1):
        until = course.until(int(course.times[last - 1]), last)
        pre, post = until.numbers
        chosen = (pre > 0) & (post > 0) & (pre + post <= _MOST_SPIKES)
        if chosen.sum() < min(_FEWEST, len(course)):
            continue
        found = until.of(chosen)
        if np.median((pre + post)[chosen]) <= _USUAL_SPIKES:
            break
    return found


def _is_unchanged(course: Course, scale: float) -> bool:
    start = course.weights[0] if course.initial is None else course.initial
    apart = np.abs(course.weights - start) > 1e-9 * scale
    spread = np.ptp(start) > 1e-9 * scale
    return not apart.any() and (course.initial is not None or not spread)
