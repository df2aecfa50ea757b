"""Renewal processes as spike sources: the same spikes on every backend.

Each process is drawn in continuous time and in equilibrium, as if it had begun long before `start`:
the expected number of spikes in any window is the mean rate times its length. A spike time is
rounded up to the end of its step.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): NEST does not support `start` and `duration` for two of
the types, and has no model of the third; Brian2 has none of them (row "sources with memory").
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pyNN.standardmodels import cells
from scipy.special import gammaincc, gammaln

from .frozen_inputs import DrawnTrains, block_generator
from .synapse_types import same_names


class SpikeSourcePoissonRefractory(cells.SpikeSourcePoissonRefractory):
    """Poisson process with dead time: an interval is tau_refrac plus an exponential one.

    The mean interval is 1 / rate, dead time included: the exponential part has the mean
    1 / rate - tau_refrac, and the coefficient of variation is 1 - rate tau_refrac (Deger et al.
    2010, Phys. Rev. E 82:021129, eq. 1 and 2). Rate in Hz, times in ms.
    """

    translations = same_names("rate", "tau_refrac", "start", "duration")


class SpikeSourceGamma(cells.SpikeSourceGamma):
    """Gamma process: intervals have the density of a gamma distribution.

    Its shape is alpha and its rate beta (Hz): the mean interval is alpha / beta, and the
    coefficient of variation 1 / sqrt(alpha) (Cox 1962, Renewal Theory, section 1.3).
    """

    # PyNN takes whole numbers only.
    default_parameters: ClassVar[dict[str, Any]] = cells.SpikeSourceGamma.default_parameters | {
        "alpha": 2.0
    }
    translations = same_names("alpha", "beta", "start", "duration")


class SpikeSourceInhGamma(cells.SpikeSourceInhGamma):
    """Inhomogeneous gamma process, by thinning (Muller et al. 2007, Neural Comput. 19:2958).

    At time t, s after the last spike, the rate is the hazard of a gamma distribution of shape a(t)
    and scale b(t), at age s:

        h(s) = s^(a - 1) exp(-s / b) / (b^a Gamma(a, s / b))

    with the upper incomplete gamma function. a and b (seconds) are constant from each of the times
    `tbins` (ms, from 0 on) to the next; the first values also hold before the first time. For a of
    at least 1 the hazard is at most 1 / b: candidates are drawn at the largest 1 / b of a source,
    and each is accepted as a spike with probability h(s) b_min.
    """

    translations = same_names("a", "b", "tbins", "start", "duration")


class _SequentialTrains(DrawnTrains):
    """Base of the processes with memory, whose blocks are drawn in sequence."""

    # Time of the next event of each source (ms after the start of its window).
    _next_event_ms: np.ndarray
    _next_block = -1

    def _draw_block(self, block: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        if block != self._next_block:
            # Draw all blocks from the start, as after a reset.
            self._next_block = 0
            self._draw_first_events(block_generator(self._seeds, 0))
            for before in range(block):
                self._draw_next_block(before, self._after_step + (before + 1) * self._block_steps)
        return self._draw_next_block(block, last)

    def _draw_next_block(self, block: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        self._next_block = block + 1
        # One generator per block; generator 0 is that of the first events.
        source, time = self._draw_events(block_generator(self._seeds, block + 1), last)
        step = self._begin[source] + np.ceil(time / self.dt - 1e-9).astype(np.int64)
        return np.maximum(
            step, np.maximum(self._begin[source], last - self._block_steps) + 1
        ), source

    def _block_ends_ms(self, last: int) -> np.ndarray:
        """End of a block for each source (ms after the start of its window)."""
        return (np.minimum(self._end, last) - self._begin) * self.dt

    def _draw_first_events(self, rng: np.random.Generator) -> None:
        """Draw the first event of each source."""
        raise NotImplementedError

    def _draw_events(self, rng: np.random.Generator, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw the spikes of a block: sources, and times (ms after the start of their windows)."""
        raise NotImplementedError


class _RenewalTrains(_SequentialTrains):
    """Renewal processes with independent, identically distributed intervals."""

    _rate: np.ndarray  # Hz

    def _draw_intervals(
        self, rng: np.random.Generator, source: np.ndarray, number: int
    ) -> np.ndarray:
        """Draw `number` intervals (ms) of each given source, shape (len(source), number)."""
        raise NotImplementedError

    def _draw_events(self, rng: np.random.Generator, last: int) -> tuple[np.ndarray, np.ndarray]:
        ends = self._block_ends_ms(last)
        found: list[tuple[np.ndarray, np.ndarray]] = []
        active = np.flatnonzero(self._next_event_ms <= ends)
        while active.size:
            expected = np.max((ends - self._next_event_ms)[active] * self._rate[active] * 1e-3)
            number = int(min(2 + expected + 2 * np.sqrt(expected), 1 + 1_000_000 // active.size))
            intervals = self._draw_intervals(rng, active, number)
            times = np.cumsum(np.column_stack([self._next_event_ms[active], intervals]), axis=1)
            # The next event is the first one beyond the block, or else the last one drawn.
            inside = times[:, :-1] <= ends[active][:, None]
            row, column = np.nonzero(inside)
            found.append((active[row], times[row, column]))
            reached = np.minimum(inside.sum(axis=1), number)
            self._next_event_ms[active] = times[np.arange(active.size), reached]
            active = active[self._next_event_ms[active] <= ends[active]]
        none = np.empty(0, dtype=np.int64), np.empty(0)
        source, time = zip(none, *found, strict=True)
        return np.concatenate(source), np.concatenate(time)


class RefractoryTrains(_RenewalTrains):
    """Trains of `SpikeSourcePoissonRefractory`."""

    celltype = "SpikeSourcePoissonRefractory"

    def _rates(self) -> np.ndarray:
        rate, dead = self.values["rate"], self.values["tau_refrac"]
        wrong = ~((rate >= 0) & (rate < np.inf))
        if np.any(wrong):
            self._refuse_value("rate", rate[wrong][0], "0 Hz and above")
        wrong = ~((dead >= 0) & (rate * dead < 1e3))
        if np.any(wrong):
            self._refuse_value("tau_refrac", dead[wrong][0], "0 ms and above, and below 1 / rate")
        self._rate = rate
        with np.errstate(divide="ignore"):
            self._mean_exponential_ms = 1e3 / rate - dead
        return rate

    def _draw_first_events(self, rng: np.random.Generator) -> None:
        dead, mean = self.values["tau_refrac"], self._mean_exponential_ms
        draws = rng.random((2, self.size))
        silent = self._rate == 0
        rest = np.where(silent, np.inf, rng.exponential(np.where(silent, 1.0, mean)))
        # In equilibrium a source is in its dead time with probability rate * tau_refrac.
        self._next_event_ms = rest + (draws[0] < self._rate * dead * 1e-3) * draws[1] * dead

    def _draw_intervals(
        self, rng: np.random.Generator, source: np.ndarray, number: int
    ) -> np.ndarray:
        rest = rng.exponential(self._mean_exponential_ms[source][:, None], (source.size, number))
        return self.values["tau_refrac"][source][:, None] + rest


class GammaTrains(_RenewalTrains):
    """Trains of `SpikeSourceGamma`."""

    celltype = "SpikeSourceGamma"

    def _rates(self) -> np.ndarray:
        alpha, beta = self.values["alpha"], self.values["beta"]
        for name, value, allowed in (
            ("alpha", alpha, "above 0"),
            ("beta", beta, "above 0 Hz"),
        ):
            wrong = ~((value > 0) & (value < np.inf))
            if np.any(wrong):
                self._refuse_value(name, value[wrong][0], allowed)
        self._rate = beta / alpha
        return self._rate

    def _draw_first_events(self, rng: np.random.Generator) -> None:
        # The interval around a random time is length-biased: gamma of shape alpha + 1.
        interval = rng.gamma(self.values["alpha"] + 1) / self.values["beta"] * 1e3
        self._next_event_ms = rng.random(self.size) * interval

    def _draw_intervals(
        self, rng: np.random.Generator, source: np.ndarray, number: int
    ) -> np.ndarray:
        alpha, beta = (self.values[name][source][:, None] for name in ("alpha", "beta"))
        return rng.gamma(np.broadcast_to(alpha, (source.size, number))) / beta * 1e3


class InhGammaTrains(_SequentialTrains):
    """Trains of `SpikeSourceInhGamma`; `_next_event_ms` is the next candidate."""

    celltype = "SpikeSourceInhGamma"

    def _rates(self) -> np.ndarray:
        a, b, bins = (
            [np.asarray(one.value, dtype=float) for one in self.values[name]]
            for name in ("a", "b", "tbins")
        )
        for name, allowed, wrong in (
            ("a", "1 and above, one of each of tbins", [x[~(x >= 1)] for x in a]),
            ("b", "above 0 s, one of each of tbins", [x[~(x > 0)] for x in b]),
            ("tbins", "times in ms in increasing order", [x[1:][np.diff(x) <= 0] for x in bins]),
        ):
            if np.concatenate([np.empty(0), *wrong]).size:
                self._refuse_value(name, np.concatenate(wrong)[0], allowed)
        for k, times in enumerate(bins):
            if not len(times) or not len(a[k]) == len(b[k]) == len(times):
                self._refuse_value(
                    "tbins", len(times), "as many times as values of a and b, at least 1"
                )
        # One table with a row per source; the last value of a row holds until the end.
        width = max(map(len, bins), default=1)
        self._bins = np.full((self.size, width), np.inf)
        self._a, self._b = np.ones((2, self.size, width))
        for k, times in enumerate(bins):
            n = len(times)
            self._bins[k, :n], self._a[k, :n], self._b[k, :n] = times, a[k], b[k]
        self._b_min = np.array([x.min() for x in b])
        mean: np.ndarray = 1 / self._b_min
        return mean

    def _draw_first_events(self, rng: np.random.Generator) -> None:
        a, b = self._shape_and_scale(np.arange(self.size), np.zeros(self.size))
        # Time since the last spike, in equilibrium with the values at the start.
        self._last_spike_ms = -rng.random(self.size) * rng.gamma(a + 1) * b * 1e3
        self._next_event_ms = rng.exponential(self._b_min * 1e3)

    def _shape_and_scale(
        self, source: np.ndarray, time: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """a and b (s) of sources at times (ms after the start of their windows)."""
        now = self._begin[source] * self.dt + time
        column = np.maximum(np.sum(self._bins[source] <= now[:, None], axis=1) - 1, 0)
        return self._a[source, column], self._b[source, column]

    def _draw_events(self, rng: np.random.Generator, last: int) -> tuple[np.ndarray, np.ndarray]:
        ends = self._block_ends_ms(last)
        sources, times = [np.empty(0, dtype=np.int64)], [np.empty(0)]
        active = np.flatnonzero(self._next_event_ms <= ends)
        while active.size:
            time = self._next_event_ms[active]
            a, b = self._shape_and_scale(active, time)
            hazard = gamma_hazard((time - self._last_spike_ms[active]) * 1e-3, a, b)
            spikes = rng.random(active.size) < hazard * self._b_min[active]
            self._last_spike_ms[active[spikes]] = time[spikes]
            sources.append(active[spikes])
            times.append(time[spikes])
            self._next_event_ms[active] += rng.exponential(self._b_min[active] * 1e3)
            active = active[self._next_event_ms[active] <= ends[active]]
        return np.concatenate(sources), np.concatenate(times)


def gamma_hazard(age: Any, a: Any, b: Any) -> np.ndarray:
    """Hazard (1/s) of a gamma distribution of shape `a` and scale `b` (s) at age `age` (s).

    Examples
    --------
    >>> float(gamma_hazard(0.3, 1.0, 0.02).round(9)), float(gamma_hazard(100.0, 3.0, 0.02).round(2))
    (50.0, 49.98)
    """
    x = np.maximum(np.asarray(age, dtype=float) / b, 1e-300)
    survival = gammaincc(a, x)
    is_tail = survival < 1e-280
    density = np.exp((a - 1) * np.log(x) - x - gammaln(a)) / np.where(is_tail, 1.0, survival)
    # Gamma(a, x) approaches x^(a - 1) exp(-x) (1 + (a - 1) / x).
    limit = 1 / (1 + (a - 1) / x)
    hazard: np.ndarray = np.where(is_tail, limit, density) / b
    return hazard
