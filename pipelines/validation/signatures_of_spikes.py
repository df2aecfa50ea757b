"""Signatures of a run's record and of its first spikes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipelines.validation.divergence import lags
from pipelines.validation.pairs import Cause, Pair, listed, mode, more

# Spikes of each neuron that count as early.
_EARLY = 4
# Share of the neurons that must fit.
_MOST = 0.9
# A long common history before the first difference.
_LONG_MS, _MANY_SPIKES = 50.0, 200


def other_parameters(pair: Pair) -> Iterator[Cause]:
    own = ("run_id", "point_id", "backend", "seed", "experiment")
    first, second = (one.record.get("parameters", {}) for one in (pair.a, pair.b))
    if not isinstance(first, dict) or not isinstance(second, dict):
        return
    apart = [
        f"{name} = {first[name]} and {second[name]}"
        for name in first
        if name in second and name not in own and first[name] != second[name]
    ]
    if apart:
        yield Cause("different parameters", "; ".join(apart), 1.0)


def other_seed(pair: Pair) -> Iterator[Cause]:
    seeds = [one.record.get("seed") for one in (pair.a, pair.b)]
    if None not in seeds and seeds[0] != seeds[1]:
        yield Cause(
            "different seeds", f"the runs were drawn from seeds {seeds[0]}, {seeds[1]}", 1.0
        )


def other_hashes(pair: Pair) -> Iterator[Cause]:
    for column, what in (
        ("input_sha256", "inputs or initial values"),
        ("connectivity_sha256", "connectivity"),
    ):
        first, second = (str(one.record.get(column) or "") for one in (pair.a, pair.b))
        if first and second and first != second:
            yield Cause(
                f"different {what}",
                f"the {what} handed to the simulators have the digests {first[:8]} and"
                f" {second[:8]}",
                1.0,
            )


def off_grid(pair: Pair) -> Iterator[Cause]:
    for one, which in ((pair.a, "first"), (pair.b, "second")):
        exact = one.spikes["time_ms"].to_numpy(float) / pair.timestep
        off = np.abs(exact - np.rint(exact)) > 1e-4
        if len(off) and off.mean() > 0.1:
            text = f"{off.mean():.0%} of the spikes of the {which} run lie between time steps"
            yield Cause("spikes off the grid", text, float(off.mean()))


def shifts(pair: Pair) -> Iterator[Cause]:
    """Spikes that come some steps later, and intervals that are some steps longer."""
    if pair.divergence is None:
        return
    population, lag, number = lags(pair.grid, _EARLY)
    moved: dict[str, int] = {}
    longer: dict[str, int] = {}
    for code, name in enumerate(pair.grid.populations):
        of_population = (population == code) & (number >= 1)
        if not of_population.any():
            continue
        first, share = mode(lag[of_population, 0])
        if share >= _MOST:
            moved[name] = first
        twice = (population == code) & (number >= 2)
        if twice.sum() >= 2 or (twice.any() and number[twice].max() > 2):
            growth, share = mode(_growth(lag[twice], number[twice]))
            if growth and share >= _MOST:
                longer[name] = growth
    yield from _shifted(moved)
    yield from _longer(longer)


def _growth(lag: np.ndarray, number: np.ndarray) -> np.ndarray:
    """By how many steps each early interval is longer in the second run."""
    there = np.arange(1, lag.shape[1])[None, :] < number[:, None]
    return np.diff(lag, axis=1)[there]


def _shifted(moved: dict[str, int]) -> Iterator[Cause]:
    still = [name for name, by in moved.items() if not by]
    for steps in sorted(set(moved.values()) - {0}):
        names = [name for name, by in moved.items() if by == steps]
        where = f"spikes of {listed(names)} come {more(steps, 'step', 'later', 'earlier')}"
        if still:
            text = f"{where}, those of {listed(still)} do not: what reaches them is delayed"
            yield Cause("shifted response", text, 1.0)
        else:
            yield Cause("constant shift", f"{where} in the second run, from the first on", 1.0)


def _longer(longer: dict[str, int]) -> Iterator[Cause]:
    for steps in sorted(set(longer.values())):
        names = [name for name, by in longer.items() if by == steps]
        text = (
            f"intervals of {listed(names)} are {more(steps, 'step')} in the second run, from the"
            " first on: as with another refractory period"
        )
        yield Cause("refractory period", text, 1.0)


def rounding(pair: Pair) -> Iterator[Cause]:
    """One spike by one step, after a long time without any difference."""
    found = pair.divergence
    if found is None or found.last_common_ms is None:
        return
    if found.last_common_ms < _LONG_MS or found.n_common_before < _MANY_SPIKES:
        return
    text = (
        f"{found.n_common_before:,} spikes until {found.last_common_ms:g} ms are the same, then"
        f" neuron {found.neuron} of {found.population} differs alone: a potential that meets the"
        " threshold within rounding, or a small difference of parameters that had to grow"
    )
    yield Cause("threshold tie or slow growth", text, 1.0)
