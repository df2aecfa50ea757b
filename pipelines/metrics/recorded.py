"""Recordings of one run, in the form that metrics are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.metrics.metric import NETWORK, POPULATION, PROJECTION, SIGNAL
from pipelines.metrics.spike_trains import TIME_TOLERANCE, Trains, after, cached_on_subject

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Trace = tuple[Floats, Floats]
"""Times in ms and values of one neuron."""


@dataclass(frozen=True, eq=False)
class Readings:
    """Weights of one projection: arrays of shape (n,), one entry per connection and reading."""

    pre: Ints
    post: Ints
    delay_ms: Floats
    weight: Floats
    time_ms: Floats

    def columns(self) -> tuple[NDArray[Any], ...]:
        """All arrays, in the order of the arguments in `pipelines.metrics.weight_statistics`."""
        return self.pre, self.post, self.delay_ms, self.weight, self.time_ms


@dataclass(frozen=True, eq=False)
class Signal:
    """One variable of one population: arrays (n_samples,), one entry per neuron and time."""

    neuron: Ints
    time_ms: Floats
    value: Floats

    def until(self, time_ms: float) -> Signal:
        """The samples before a time (ms)."""
        if not len(self.time_ms) or self.time_ms.max() < time_ms:
            return self
        before = self.time_ms < time_ms
        return Signal(self.neuron[before], self.time_ms[before], self.value[before])

    def since(self, time_ms: float) -> Signal:
        """The samples from a time (ms) on."""
        if time_ms <= 0:
            return self
        later = self.time_ms >= time_ms - TIME_TOLERANCE
        return Signal(self.neuron[later], self.time_ms[later], self.value[later])

    def of(self, neuron: int) -> Trace:
        """The samples of one neuron."""
        mine = self.neuron == neuron
        return self.time_ms[mine], self.value[mine]


@dataclass(frozen=True, eq=False)
class Run:
    """Recordings of one run.

    Attributes
    ----------
    record
        Its row of `runs`: parameters by name, ``seed``, ``backend`` and so on.
    duration_ms
        Simulated time; NaN if it is not known.
    warm_up_ms
        Duration at the start that is left out of the spike trains and of the metrics of signals.
    sizes
        Number of neurons of each population whose spikes were recorded.
    neurons
        Their indices, ascending, for populations of which these are not all.
    spikes
        Neuron and time (ms) of every spike, by population; silent populations may be missing.
    weights
        Readings of the weights, by projection.
    signals
        Recorded variables, by population and variable, such as ``"cells.v"``.
    """

    record: Mapping[str, Any]
    duration_ms: float
    warm_up_ms: float = 0.0
    sizes: Mapping[str, int] = field(default_factory=dict)
    spikes: Mapping[str, tuple[Ints, Floats]] = field(default_factory=dict)
    weights: Mapping[str, Readings] = field(default_factory=dict)
    signals: Mapping[str, Signal] = field(default_factory=dict)
    neurons: Mapping[str, Ints] = field(default_factory=dict)

    @cached_on_subject
    def trains(self, population: str) -> Trains:
        """Spike trains of a population after the warm-up; times count from its end.

        If not all neurons were recorded, they are those that were, numbered consecutively.
        """
        neuron, time_ms = self.spikes.get(population, (np.empty(0, np.int64), np.empty(0)))
        if population in self.neurons:
            neuron = np.searchsorted(self.neurons[population], neuron)
        whole = Trains(neuron, time_ms, self.sizes[population], self.duration_ms)
        return after(whole, self.warm_up_ms)

    @cached_on_subject
    def all_trains(self) -> Trains:
        """Spike trains of all populations joined to one, with neurons numbered consecutively."""
        parts = [self.trains(name) for name in self.sizes]
        first = np.cumsum([0, *(one.size for one in parts)])
        duration_ms = parts[0].duration_ms if parts else np.nan
        return Trains(
            np.concatenate([[], *(one.neuron + k for one, k in zip(parts, first, strict=False))]),
            np.concatenate([[], *(one.time_ms for one in parts)]),
            int(first[-1]),
            duration_ms,
        )

    def subjects(self, kind: str) -> Mapping[str, Any]:
        """Subjects of the metrics of one kind, by their name in the column `population`."""
        if kind == POPULATION:
            return {name: self.trains(name) for name in sorted(self.sizes)}
        if kind == SIGNAL:
            return {name: one.since(self.warm_up_ms) for name, one in self.signals.items()}
        of_kind: dict[str, Mapping[str, Any]] = {
            PROJECTION: self.weights, NETWORK: {NETWORK: self}
        }  # fmt: skip
        return of_kind[kind]
