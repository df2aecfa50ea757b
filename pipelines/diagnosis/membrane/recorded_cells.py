"""Neurons whose state was recorded in both runs, in repeated runs or in the table of signals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipelines.diagnosis.membrane.cell_recording import (
    CONDUCTANCES,
    CURRENTS,
    SAME,
    Cell,
    Recording,
    State,
)
from pipelines.diagnosis.membrane.spike_constants import steps_to_reset
from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.diagnosis.synapses.transmissions import cell_types_of

Neuron = tuple[str, int]

# Neurons of a population of which signals are used.
_MOST_NEURONS = 8
# Fewest samples of a recording.
_FEWEST_SAMPLES = 20
_VARIABLES = ("v", *CURRENTS, *CONDUCTANCES)


def states_alike(pair: Pair) -> dict[Neuron, tuple[bool, float]]:
    """Whether the states of each neuron are the same in both repeated runs, and until when (ms)."""
    found = {}
    for neuron in pair.a.states.keys() & pair.b.states.keys():
        a, b = pair.a.states[neuron], pair.b.states[neuron]
        same = a.keys() == b.keys() and all(
            len(a[name]) == len(b[name])
            and np.allclose(a[name], b[name], rtol=SAME, atol=0, equal_nan=True)
            for name in a
        )
        ends = [float(one["time_ms"][-1]) for one in (a, b) if len(one.get("time_ms", ()))]
        found[neuron] = same, min(ends, default=0.0)
    return found


def recorded_cells(pair: Pair) -> dict[Neuron, Cell]:
    """Neurons whose state is known in both runs."""
    states = [_states(one, pair.timestep) for one in (pair.a, pair.b)]
    found = {}
    for neuron, state in states[0].items():
        if neuron not in states[1]:
            continue
        n = min(len(values) for one in (state, states[1][neuron]) for values in one.values())
        if n < _FEWEST_SAMPLES:
            continue
        recordings = [
            _recording(one, of[neuron], neuron, pair.timestep, n)
            for one, of in zip((pair.a, pair.b), states, strict=True)
        ]
        asked = _asked(pair, neuron)
        found[neuron] = Cell(recordings[0], recordings[1], pair.timestep, pair.where, asked)
    return found


def _recording(one: Evidence, state: State, neuron: Neuron, timestep: float, n: int) -> Recording:
    """The first `n` samples of a neuron, with its spikes at the samples of its resets."""
    state = {name: state[name][:n] for name in _VARIABLES if name in state}
    spikes = _spike_steps(one, neuron, timestep, n)
    steps = steps_to_reset(state["v"], spikes) if "v" in state else None
    moved = spikes + (steps or 0)
    return Recording(state, moved[moved < n], _cell_type(one, neuron[0]), steps)


def _states(one: Evidence, timestep: float) -> dict[Neuron, State]:
    """States of neurons with a sample at each time step from 0 on."""
    given: Mapping[Neuron, State] = one.states
    if not given and one.signals is not None:
        given = states_of_signals(one.signals)
    found: dict[Neuron, State] = {}
    for neuron, state in given.items():
        time = np.asarray(state["time_ms"], float) if "time_ms" in state else np.empty(0)
        if len(time) >= _FEWEST_SAMPLES and np.allclose(
            time, np.arange(len(time)) * timestep, atol=0.01 * timestep
        ):
            found[neuron] = {
                name: np.asarray(values, float)
                for name, values in state.items()
                if name != "time_ms" and len(values) == len(time) and np.isfinite(values).all()
            }
    return found


def states_of_signals(signals: pd.DataFrame) -> Mapping[Neuron, State]:
    """States of the first recorded neurons of each population."""
    found: dict[Neuron, dict[str, np.ndarray]] = {}
    for population, rows in signals.groupby("population", sort=True):
        neurons = np.sort(rows["neuron"].unique())[:_MOST_NEURONS]
        few = rows[rows["neuron"].isin(neurons)].sort_values("time_ms", kind="stable")
        for (neuron, variable), of in few.groupby(["neuron", "variable"], sort=True):
            state = found.setdefault((str(population), int(neuron)), {})
            time = state.setdefault("time_ms", of["time_ms"].to_numpy(float))
            if len(time) == len(of):
                state[str(variable)] = of["value"].to_numpy(float)
    return found


def _spike_steps(one: Evidence, neuron: Neuron, timestep: float, n: int) -> np.ndarray:
    """Samples at which a neuron spikes; a spike between steps is at the end of its step."""
    rows = one.spikes
    mine = rows[(rows["population"] == neuron[0]) & (rows["neuron"] == neuron[1])]
    steps = np.ceil(mine["time_ms"].to_numpy(float) / timestep - 1e-3).astype(int)
    return np.sort(steps[(steps >= 0) & (steps < n)])


def _cell_type(one: Evidence, population: str) -> str:
    """Cell type of a population; empty if unknown or if there are several."""
    kinds = cell_types_of(one).get(population) or [""]
    return str(kinds[0]) if len(kinds) == 1 else ""


def _asked(pair: Pair, neuron: Neuron) -> dict[str, float]:
    """Parameters of a neuron, if both backends report the same."""
    reported = [_reported(one.built, neuron) for one in (pair.a, pair.b)]
    return {
        name: value
        for name, value in reported[0].items()
        if np.isclose(reported[1].get(name, np.nan), value, rtol=1e-9, atol=0.0)
    }


def _reported(built: Any, neuron: Neuron) -> dict[str, float]:
    population = getattr(built, "populations", {}).get(neuron[0])
    if population is None:
        return {}
    return {
        name: float(values[neuron[1]])
        for name, values in population.parameters.items()
        if len(values) > neuron[1]
    }
