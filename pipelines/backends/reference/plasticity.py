"""Spike-timing-dependent weights: pair rules, the triplet rule and inhibitory plasticity.

Units and arrays are those of `transmission`. What counts as a pair is defined in `shared.rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..shared.plasticity_rules import PAIRINGS, TRIPLET, VOGELS, Pairing
from ..shared.spike_trains import in_turn
from .simulator import Inputs
from .transmission import OnTheWay, StaticSynapses


class Traces:
    """One trace a synapse: sums over spikes of exp(-(now - spike) / tau), or that of the last."""

    def __init__(self, tau_steps: np.ndarray, of_all: bool = True) -> None:
        self._tau, self._of_all = tau_steps, of_all
        self._value, self._since = np.zeros(len(tau_steps)), np.zeros(len(tau_steps))

    def go_on_from(self, before: Traces, now: int) -> None:
        """Have the values that another trace has at step `now`."""
        self._value, self._since[:] = before.at(now, np.arange(len(self._value))), now

    def at(self, now: int, rows: np.ndarray) -> np.ndarray:
        """Present values at some synapses."""
        return self._value[rows] * np.exp((self._since[rows] - now) / self._tau[rows])

    def add_spike(self, now: int, rows: np.ndarray) -> None:
        """Count a spike at some synapses."""
        self._value[rows] = (self.at(now, rows) if self._of_all else 0.0) + 1.0
        self._since[rows] = now

    def forget(self, rows: np.ndarray) -> None:
        """Set the trace of some synapses to 0."""
        self._value[rows] = 0.0


class PlasticSynapses(StaticSynapses):
    """Synapses whose weight changes with the arrival of spikes.

    A presynaptic spike reaches the synapse after the axonal delay, a postsynaptic one after the
    dendritic delay; both together are the delay. Within a step postsynaptic spikes act first, then
    presynaptic ones; then the weight is transmitted, and arrives at the neuron after the dendritic
    delay. Traces are those of spikes of earlier steps: a pair of lag zero contributes nothing.
    Several spikes of a source in one step come one after the other.

    Parameters
    ----------
    axonal, dendritic : ndarray of int, shape (n,)
        Parts of the delay, in steps; others as for `StaticSynapses`.
    """

    def __init__(self, *args: Any) -> None:
        *others, self._axonal, self._dendritic = args
        super().__init__(*others)

    def restart(self) -> None:
        super().restart()
        self._transmitted = self.weight.copy()
        self._from_pre = OnTheWay(self.pre, self._axonal)
        self._from_post = OnTheWay(self.post, self._dendritic)
        self._pre_traces, self._post_traces = self._traces()

    @property
    def transmitted(self) -> np.ndarray:
        return self._transmitted

    def set_weights(self, weights: np.ndarray, initially: bool) -> None:
        super().set_weights(weights, initially)
        self._transmitted = self.weight.copy()

    def set_rule(self, values: dict[str, np.ndarray], now: int) -> None:
        """Set parameters at step `now`: until then traces decay as they did before."""
        self.values |= values
        before = *self._pre_traces, *self._post_traces
        self._pre_traces, self._post_traces = self._traces()
        for after, trace in zip((*self._pre_traces, *self._post_traces), before, strict=True):
            after.go_on_from(trace, now)

    def transmit(self, now: int, spikes: np.ndarray, inputs: Inputs) -> None:
        pre, post = self._from_pre.send(now, spikes), self._from_post.send(now, spikes)
        if post.size:
            self._at_post(post, *(trace.at(now, post) for trace in self._pre_traces), now=now)
        for rows in in_turn(pre):
            self._at_pre(rows, *(trace.at(now, rows) for trace in self._post_traces), now=now)
            self._transmitted[rows] = self.weight[rows]
            due = now + self._dendritic[rows]
            inputs.add(due, self.receptor, self.post[rows], self.weight[rows])
            for trace in self._pre_traces:
                trace.add_spike(now, rows)
        if post.size:
            for trace in self._post_traces:
                trace.add_spike(now, post)

    def _traces(self) -> tuple[list[Traces], list[Traces]]:
        """New traces of presynaptic and of postsynaptic spikes."""
        raise NotImplementedError

    def _at_post(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        """Change weights at which a postsynaptic spike arrives, given the presynaptic traces."""
        raise NotImplementedError

    def _at_pre(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        """Change weights at which a presynaptic spike arrives, given the postsynaptic traces."""
        raise NotImplementedError

    def _of(self, rows: np.ndarray, *names: str) -> list[np.ndarray]:
        return [self.values[name][rows] for name in names]

    def _steps(self, name: str) -> np.ndarray:
        """A time constant in steps."""
        return self.values[name] / self.dt

    def _increase(self, rows: np.ndarray, amount: np.ndarray) -> None:
        """Add to weights, in units of w_max, up to w_max."""
        (w_max,) = self._of(rows, "w_max")
        self.weight[rows] = np.minimum(self.weight[rows] / w_max + amount, 1.0) * w_max

    def _decrease(self, rows: np.ndarray, amount: np.ndarray) -> None:
        """Take from weights, in units of w_max, down to w_min."""
        w_max, w_min = self._of(rows, "w_max", "w_min")
        self.weight[rows] = np.maximum(self.weight[rows] / w_max - amount, w_min / w_max) * w_max


class PairRuleSynapses(PlasticSynapses):
    """Synapses with pair-based spike-timing-dependent plasticity.

    Every pair of arrivals counts, or those of a pairing scheme. With W = w_max,

        w += A_plus  W ((W - w) / W)^mu_plus       exp(-lag / tau_plus)    pre before post
        w -= A_minus W ((w - w_min) / W)^mu_minus  exp(-lag / tau_minus)   post before pre

    and w stays between w_min and w_max (both may be negative). A pair of lag zero contributes
    nothing. Morrison, Diesmann and Gerstner (2008), Biol. Cybern. 98:459-478, eq. 2 to 4; Guetig et
    al. (2003), J. Neurosci. 23:3697-3714.

    Parameters
    ----------
    pairing
        Which pairs count; others as for `PlasticSynapses`.
    """

    def __init__(self, *args: Any, pairing: Pairing) -> None:
        self._pairing = pairing
        super().__init__(*args)

    def restart(self) -> None:
        super().restart()
        # Whether a postsynaptic spike has come since the last presynaptic one.
        self._fresh = np.zeros(len(self.pre), dtype=bool)

    def _traces(self) -> tuple[list[Traces], list[Traces]]:
        return (
            [Traces(self._steps("tau_plus"), self._pairing.all_pre)],
            [Traces(self._steps("tau_minus"), self._pairing.all_post)],
        )

    def _at_post(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        a, mu, w_max = self._of(rows, "A_plus", "mu_plus", "w_max")
        self._increase(rows, a * _power(1 - self.weight[rows] / w_max, mu) * traces[0])
        self._fresh[rows] = True
        if self._pairing.used_up:
            self._pre_traces[0].forget(rows)

    def _at_pre(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        a, mu, w_max, w_min = self._of(rows, "A_minus", "mu_minus", "w_max", "w_min")
        trace = traces[0] * self._fresh[rows] if self._pairing.restricted else traces[0]
        self._decrease(rows, a * _power((self.weight[rows] - w_min) / w_max, mu) * trace)
        self._fresh[rows] = False


class TripletSynapses(PlasticSynapses):
    """Synapses with the triplet rule: the equations are those of `shared.rules.TripletRule`."""

    def _traces(self) -> tuple[list[Traces], list[Traces]]:
        plus, minus = (
            [Traces(self._steps(name)) for name in (f"tau_{side}", f"tau_{side}_triplet")]
            for side in ("plus", "minus")
        )
        return plus, minus

    def _at_post(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        pair, triplet = self._of(rows, "A_plus", "A_plus_triplet")
        # The spike itself is in the postsynaptic traces only after this.
        slow = self._post_traces[1].at(now, rows)
        self._increase(rows, traces[0] * (pair + triplet * slow))

    def _at_pre(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        pair, triplet = self._of(rows, "A_minus", "A_minus_triplet")
        slow = self._pre_traces[1].at(now, rows)
        self._decrease(rows, traces[0] * (pair + triplet * slow))


class VogelsSynapses(PlasticSynapses):
    """Synapses with the rule of Vogels et al. (2011): see `shared.rules.Vogels2011Rule`."""

    def _traces(self) -> tuple[list[Traces], list[Traces]]:
        return [Traces(self._steps("tau"))], [Traces(self._steps("tau"))]

    def _at_post(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        eta, w_max = self._of(rows, "eta", "w_max")
        self._increase(rows, eta / np.abs(w_max) * traces[0])

    def _at_pre(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        eta, rho, tau, w_max = self._of(rows, "eta", "rho", "tau", "w_max")
        self._increase(rows, eta / np.abs(w_max) * traces[0])
        self._decrease(rows, eta / np.abs(w_max) * 2 * rho * tau)


def _power(base: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    """base^exponent; a weight that was set beyond its bound has no broken power."""
    broken = (exponent != 0) & (exponent != 1)
    return np.power(np.where(broken, np.clip(base, 0.0, 1.0), base), exponent)


# What synapses of each rule are, by the rule's name.
RULES: dict[str, Callable[..., PlasticSynapses]] = {
    **{name: partial(PairRuleSynapses, pairing=pairing) for name, pairing in PAIRINGS.items()},
    TRIPLET: TripletSynapses,
    VOGELS: VogelsSynapses,
}
