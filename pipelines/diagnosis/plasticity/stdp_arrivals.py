"""Arrivals of spikes at the synapses of a projection, as arrays over synapses.

The convention is that of `pipelines.backends.shared.plasticity_rules`: a presynaptic spike arrives
at the synapse after the axonal part of the delay, a postsynaptic one after the dendritic part.
Times and delays are in steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Trains:
    """Spike trains of a population: steps of all spikes, sorted by neuron and step.

    Attributes
    ----------
    steps
        Shape (n_spikes,).
    first
        Index of the first spike of each neuron, and the number of spikes: shape (n + 1,).
    """

    steps: Ints
    first: Ints

    @classmethod
    def of(cls, neuron: Ints, steps: Ints, n: int) -> Trains:
        """Trains of `n` neurons from the neuron and step of every spike."""
        order = np.lexsort((steps, neuron))
        return cls(steps[order], np.searchsorted(neuron[order], np.arange(n + 1)).astype(np.int64))

    @property
    def numbers(self) -> Ints:
        """Number of spikes of each neuron, shape (n,)."""
        return np.diff(self.first)

    def until(self, end: int) -> Trains:
        """Spikes until a step."""
        neuron = np.repeat(np.arange(len(self.first) - 1), self.numbers)
        kept = self.steps <= end
        return Trains.of(neuron[kept], self.steps[kept], len(self.first) - 1)

    def of_neurons(self, neurons: Ints) -> tuple[Ints, Ints]:
        """Row and step of all spikes of some neurons; `row` is the index in `neurons`."""
        numbers = self.numbers[neurons]
        row = np.repeat(np.arange(len(neurons)), numbers)
        within = np.arange(len(row)) - np.repeat(np.cumsum(numbers) - numbers, numbers)
        return row, self.steps[self.first[neurons][row] + within]


@dataclass(frozen=True)
class Course:
    """Synapses of a projection in one run: their spikes, delays, and readings of their weights.

    Attributes
    ----------
    pre, post, delay
        Neurons and delay (steps) of each synapse, shape (n,).
    trains
        Trains of the presynaptic and of the postsynaptic population.
    initial
        Weights at time 0, shape (n,); None if they were not read.
    times, weights
        Steps of the other readings, shape (n_readings,), and the weights, (n_readings, n).
    timestep
        In ms.
    """

    pre: Ints
    post: Ints
    delay: Ints
    trains: tuple[Trains, Trains]
    initial: Floats | None
    times: Ints
    weights: Floats
    timestep: float

    def __len__(self) -> int:
        return len(self.pre)

    def of(self, chosen: NDArray) -> Course:
        """Part of the synapses, by index or mask."""
        return replace(
            self,
            pre=self.pre[chosen],
            post=self.post[chosen],
            delay=self.delay[chosen],
            initial=None if self.initial is None else self.initial[chosen],
            weights=self.weights[:, chosen],
        )

    def until(self, end: int, n_readings: int) -> Course:
        """The first readings, and spikes until a step."""
        pre, post = self.trains
        return replace(
            self,
            trains=(pre.until(end), post.until(end)),
            times=self.times[:n_readings],
            weights=self.weights[:n_readings],
        )

    @property
    def numbers(self) -> tuple[Ints, Ints]:
        """Number of presynaptic and postsynaptic spikes of each synapse."""
        return self.trains[0].numbers[self.pre], self.trains[1].numbers[self.post]


@dataclass(frozen=True)
class Arrivals:
    """Steps in which spikes arrive at each of n synapses; rows are in order of time.

    Attributes
    ----------
    gap
        Time (ms) since the row before, shape (n_rows, n); 0 in the first row.
    pre, post
        Number of presynaptic and of postsynaptic arrivals in it, shape (n_rows, n).
    sent
        Last row with a presynaptic arrival until each reading, shape (n_readings, n); -1 if none.
    last
        Last row until each reading.
    certain
        Whether no spike arrives so close to a reading that it is unclear which came first.
    """

    gap: Floats
    pre: Floats
    post: Floats
    sent: Ints
    last: Ints
    certain: NDArray[np.bool_]


def dendritic_steps(delay: Ints, fraction: float) -> Ints:
    """Dendritic part of delays in steps, at least one unless the fraction is 0.

    Half a step is rounded up.
    """
    steps = np.floor(fraction * delay + 0.5 + 1e-9).astype(np.int64)
    return np.minimum(np.maximum(steps, int(fraction > 0)), delay)


def arrivals(course: Course, fraction: float, longer: int = 0) -> Arrivals:
    """Arrivals of all spikes at the synapses of a course.

    Parameters
    ----------
    course
        The synapses.
    fraction
        Dendritic fraction of the delays.
    longer
        Steps by which all delays are longer than those of the table.
    """
    n, delay = len(course), np.maximum(course.delay + longer, 0)
    dendritic = dendritic_steps(delay, fraction)
    axonal = delay - dendritic
    (row_pre, at_pre), (row_post, at_post) = (
        trains.of_neurons(ends)
        for trains, ends in zip(course.trains, (course.pre, course.post), strict=True)
    )
    at_pre, at_post = at_pre + axonal[row_pre], at_post + dendritic[row_post]
    end = int(course.times.max(initial=0)) + 1
    span = end + 1
    keys = [
        row * span + np.minimum(at, end) for row, at in ((row_pre, at_pre), (row_post, at_post))
    ]
    unique, owner = np.unique(np.concatenate(keys), return_inverse=True)
    counts = [
        np.bincount(part, minlength=len(unique))
        for part in (owner[: len(row_pre)], owner[len(row_pre) :])
    ]
    synapse, step = np.divmod(unique, span)
    inside = step < end
    synapse, step = synapse[inside], step[inside]
    numbers = np.bincount(synapse, minlength=n)
    row = np.arange(len(synapse)) - np.repeat(np.cumsum(numbers) - numbers, numbers)
    shape = (int(numbers.max(initial=0)), n)
    gap, pre, post = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    before = np.where(row > 0, np.roll(step, 1), step)
    gap[row, synapse] = (step - before) * course.timestep
    pre[row, synapse], post[row, synapse] = counts[0][inside], counts[1][inside]

    sent, last = (np.full((len(course.times), n), -1) for _ in range(2))
    certain = np.ones((len(course.times), n), dtype=bool)
    sends = pre[row, synapse] > 0
    for reading, time in enumerate(course.times):
        before_it = step <= time
        np.maximum.at(last[reading], synapse[before_it], row[before_it])
        before_it &= sends
        np.maximum.at(sent[reading], synapse[before_it], row[before_it])
        # Simulators update weights when a spike is sent, or when it arrives, or a step later.
        unclear = (step > time - course.delay[synapse] - 2) & (step <= time + 1)
        certain[reading, synapse[unclear]] = False
    return Arrivals(gap, pre, post, sent, last, certain)
