"""Repetition of both runs of a pair, for the states that show why they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from pipelines.diagnosis.repeats.replay import Repetition, Request, repeat
from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.diagnosis.synapses.transmissions import cell_types_of, population_sizes_of
from pipelines.errors import CounterpointError

# Neurons recorded in all, and in each population.
_MOST, _MOST_OF_POPULATION = 10, 4
# Spikes that differ, among which neurons are chosen.
_MOST_LISTED = 20_000
# Steps recorded after the first difference: some resets and refractory periods.
_STEPS_AFTER = 600


def repeat_runs(pair: Pair, root: Path) -> tuple[Pair, str]:
    """Repeat both runs, to record states of neurons and describe the networks as built.

    Parameters
    ----------
    pair
        Runs of an experiment of this project.
    root
        The project's folder.

    Returns
    -------
    pair : Pair
        With `Evidence.states` and `Evidence.built`, or unchanged.
    trouble : str
        Why states are not known; empty if they are.
    """
    neurons = neurons_to_record(pair)
    until = _until_ms(pair)
    try:
        a, b = repeat(*(_request(one, root, neurons, until) for one in (pair.a, pair.b)))
    except CounterpointError as error:
        return pair, str(error)
    return (
        replace(pair, a=_with(pair.a, a), b=_with(pair.b, b)),
        _trouble(pair, (a, b)),
    )


def _with(one: Evidence, repeated: Repetition) -> Evidence:
    return replace(one, states=repeated.states, built=repeated.built)


def _trouble(pair: Pair, repeated: tuple[Repetition, Repetition]) -> str:
    parted = pair.divergence
    if parted is None:
        return ""
    if all((parted.population, parted.neuron) in one.states for one in repeated):
        return ""
    return f"{parted.population} has none that can be recorded, as sources have not"


def _request(
    one: Evidence, root: Path, neurons: Mapping[str, tuple[int, ...]], until_ms: float | None
) -> Request:
    record = one.record
    missing = [
        name
        for name in ("experiment", "backend", "seed")
        if record.get(name) is None or pd.isna(record[name])
    ]
    if missing:
        lacking = " and no ".join(missing)
        raise CounterpointError(f"not recorded again, as the table runs has no {lacking}")
    given = record.get("parameters")
    return Request(
        root, str(record["experiment"]), str(record["backend"]),
        given if isinstance(given, dict) else {}, int(float(str(record["seed"]))), neurons,
        until_ms,
        bool(record.get("independent_draws")),
    )  # fmt: skip


def _until_ms(pair: Pair) -> float | None:
    """End of the recording in ms; None for the whole run, if no spikes differ."""
    if pair.divergence is None:
        return None
    # A run ends on the grid, also if the divergence is off the grid.
    steps = np.ceil(pair.divergence.time_ms / pair.timestep - 1e-6) + _STEPS_AFTER
    return round(float(steps * pair.timestep), 9)


def neurons_to_record(pair: Pair) -> dict[str, tuple[int, ...]]:
    """Neurons whose state is recorded, by population.

    The neuron with the first difference comes first, then those whose spikes differ earliest, in
    each population; of populations of equal spikes a few neurons, those that fire most often.
    """
    chosen: dict[str, list[int]] = {}
    sources = _sources(pair)
    for population, neuron in _candidates(pair):
        of = chosen.setdefault(population, [])
        if (
            population not in sources
            and neuron not in of
            and len(of) < _MOST_OF_POPULATION
            and sum(map(len, chosen.values())) < _MOST
        ):
            of.append(neuron)
    return {population: tuple(neurons) for population, neurons in chosen.items() if neurons}


def _sources(pair: Pair) -> set[str]:
    """Populations of spike sources, as far as cell types are known."""
    return {
        name
        for one in (pair.a, pair.b)
        for name, kinds in cell_types_of(one).items()
        if kinds and all(str(kind).startswith("SpikeSource") for kind in kinds)
    }


def _candidates(pair: Pair) -> list[tuple[str, int]]:
    """Neurons in the order in which their state is of interest, the same one several times."""
    grid, counts = pair.grid, pair.counts
    found = [*_of_signals(pair)]
    apart = counts.keys[counts.a != counts.b]
    if len(apart):
        _, population, neuron = grid.split_keys(apart)
        cells = zip(population[:_MOST_LISTED].tolist(), neuron[:_MOST_LISTED].tolist(), strict=True)
        found = [*dict.fromkeys((grid.populations[p], n) for p, n in cells), *found]
    for name in grid.populations:
        rows = pd.concat(
            [one.spikes.loc[one.spikes["population"] == name, "neuron"] for one in (pair.a, pair.b)]
        )
        busiest = rows.value_counts(sort=True).index[:2]
        found += [(name, int(neuron)) for neuron in sorted(busiest)]
    # Populations may be silent.
    return [*found, *((population, 0) for population in population_sizes_of(pair.a))]


def _of_signals(pair: Pair) -> list[tuple[str, int]]:
    """The neuron of the first sample that differs in the tables of signals."""
    a, b = pair.a.signals, pair.b.signals
    if a is None or b is None or not len(a) or not len(b):
        return []
    index = ["population", "neuron", "variable", "time_ms"]
    both = a[[*index, "value"]].merge(b[[*index, "value"]], on=index, suffixes=("_a", "_b"))
    x, y = both["value_a"].to_numpy(float), both["value_b"].to_numpy(float)
    apart = both[np.abs(x - y) > 1e-9 * np.maximum(np.abs(x), np.abs(y))]
    if apart.empty:
        return []
    first = apart.sort_values("time_ms", kind="stable").iloc[0]
    return [(str(first["population"]), int(first["neuron"]))]
