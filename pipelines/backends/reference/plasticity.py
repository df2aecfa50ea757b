"""Spike-timing-dependent plasticity: pair rules, the triplet rule and inhibitory plasticity.

Units and arrays are those of `transmission`; pairs are defined in `shared.plasticity_rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..shared.pairings import PAIRINGS, TRIPLET, VOGELS, Pairing
from ..shared.spike_trains import occurrence_groups
from .simulator import PendingInputs
from .transmission import SpikesInTransit, StaticSynapses


class Traces:
    """Traces of spikes, one per synapse: sums of exp(-(now - spike) / tau), times in steps.

    Parameters
    ----------
    tau_steps : ndarray, shape (n_synapses,)
    sum_all
        Whether to sum over all spikes; otherwise only the last one is counted.
    """

    def __init__(self, tau_steps: np.ndarray, sum_all: bool = True) -> None:
        self._tau, self._sum_all = tau_steps, sum_all
        self._value, self._since = np.zeros(len(tau_steps)), np.zeros(len(tau_steps))

    def continue_from(self, before: Traces, now: int) -> None:
        """Start from the values of another trace at step `now`."""
        self._value, self._since[:] = before.at(now, np.arange(len(self._value))), now

    def at(self, now: int, rows: np.ndarray) -> np.ndarray:
        """Values at step `now` of the synapses in `rows`."""
        return self._value[rows] * np.exp((self._since[rows] - now) / self._tau[rows])

    def add_spike(self, now: int, rows: np.ndarray) -> None:
        """Add a spike at step `now` to the traces in `rows`."""
        self._value[rows] = (self.at(now, rows) if self._sum_all else 0.0) + 1.0
        self._since[rows] = now

    def reset(self, rows: np.ndarray) -> None:
        """Set the traces in `rows` to 0."""
        self._value[rows] = 0.0


class PlasticSynapses(StaticSynapses):
    """Synapses whose weights change with the arrival of spikes.

    A presynaptic spike arrives at the synapse after the axonal delay, a postsynaptic one after the
    dendritic delay; their sum is the delay. Within a step postsynaptic spikes act first, then
    presynaptic ones; then the weight is transmitted, and arrives at the neuron after the dendritic
    delay. Traces contain spikes of earlier steps only: a pair of lag zero contributes nothing.
    Several spikes of a source in one step are processed one after the other.

    Parameters
    ----------
    axonal, dendritic : ndarray of int, shape (n_synapses,)
        Parts of the delay, in steps; further parameters as for `StaticSynapses`.
    """

    def __init__(self, *args: Any) -> None:
        *others, self._axonal, self._dendritic = args
        super().__init__(*others)

    def restart(self) -> None:
        super().restart()
        self._transmitted = self.weight.copy()
        self._pre_transit = SpikesInTransit(self.pre, self._axonal)
        self._post_transit = SpikesInTransit(self.post, self._dendritic)
        self._pre_traces, self._post_traces = self._traces()

    @property
    def transmitted(self) -> np.ndarray:
        return self._transmitted

    def set_weights(self, weights: np.ndarray, initially: bool) -> None:
        super().set_weights(weights, initially)
        self._transmitted = self.weight.copy()

    def set_rule(self, values: dict[str, np.ndarray], now: int) -> None:
        """Set parameters at step `now`; traces decay with the earlier time constants until then."""
        self.values |= values
        before = *self._pre_traces, *self._post_traces
        self._pre_traces, self._post_traces = self._traces()
        for after, trace in zip((*self._pre_traces, *self._post_traces), before, strict=True):
            after.continue_from(trace, now)

    def transmit(self, now: int, spikes: np.ndarray, inputs: PendingInputs) -> None:
        pre, post = self._pre_transit.step(now, spikes), self._post_transit.step(now, spikes)
        if post.size:
            self._on_post_spike(post, *(trace.at(now, post) for trace in self._pre_traces), now=now)
        for rows in occurrence_groups(pre):
            self._on_pre_spike(rows, *(trace.at(now, rows) for trace in self._post_traces), now=now)
            self._transmitted[rows] = self.weight[rows]
            due = now + self._dendritic[rows]
            inputs.add(due, self.receptor, self.post[rows], self.weight[rows])
            for trace in self._pre_traces:
                trace.add_spike(now, rows)
        if post.size:
            for trace in self._post_traces:
                trace.add_spike(now, post)

    def _traces(self) -> tuple[list[Traces], list[Traces]]:
        """New traces of presynaptic spikes, and of postsynaptic ones."""
        raise NotImplementedError

    def _on_post_spike(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        """Update the weights in `rows` on a postsynaptic spike, given the presynaptic traces."""
        raise NotImplementedError

    def _on_pre_spike(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        """Update the weights in `rows` on a presynaptic spike, given the postsynaptic traces."""
        raise NotImplementedError

    def _parameters(self, rows: np.ndarray, *names: str) -> list[np.ndarray]:
        """Values of parameters of the synapses in `rows`."""
        return [self.values[name][rows] for name in names]

    def _in_steps(self, name: str) -> np.ndarray:
        """A time constant in steps, shape (n_synapses,)."""
        return self.values[name] / self.dt

    def _increase(self, rows: np.ndarray, amount: np.ndarray) -> None:
        """Increase weights by an amount in units of w_max, up to w_max."""
        (w_max,) = self._parameters(rows, "w_max")
        self.weight[rows] = np.minimum(self.weight[rows] / w_max + amount, 1.0) * w_max

    def _decrease(self, rows: np.ndarray, amount: np.ndarray) -> None:
        """Decrease weights by an amount in units of w_max, down to w_min."""
        w_max, w_min = self._parameters(rows, "w_max", "w_min")
        self.weight[rows] = np.maximum(self.weight[rows] / w_max - amount, w_min / w_max) * w_max


class PairRuleSynapses(PlasticSynapses):
    """Synapses with pair-based spike-timing-dependent plasticity.

    Weights change with all pairs of arrivals, or with those of a pairing scheme. With W = w_max,

        w += A_plus  W ((W - w) / W)^mu_plus       exp(-lag / tau_plus)    pre before post
        w -= A_minus W ((w - w_min) / W)^mu_minus  exp(-lag / tau_minus)   post before pre

    and w stays between w_min and w_max (both may be negative). A pair of lag zero contributes
    nothing. Morrison, Diesmann and Gerstner (2008), Biol. Cybern. 98:459-478, eq. 2 to 4; Guetig et
    al. (2003), J. Neurosci. 23:3697-3714.

    Parameters
    ----------
    pairing
        Pairing scheme; further parameters as for `PlasticSynapses`.
    """

    def __init__(self, *args: Any, pairing: Pairing) -> None:
        self._pairing = pairing
        super().__init__(*args)

    def restart(self) -> None:
        super().restart()
        # Whether a postsynaptic spike has arrived since the last presynaptic one.
        self._post_since_pre = np.zeros(len(self.pre), dtype=bool)

    def _traces(self) -> tuple[list[Traces], list[Traces]]:
        return (
            [Traces(self._in_steps("tau_plus"), self._pairing.all_pre)],
            [Traces(self._in_steps("tau_minus"), self._pairing.all_post)],
        )

    def _on_post_spike(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        a, mu, w_max = self._parameters(rows, "A_plus", "mu_plus", "w_max")
        self._increase(rows, a * _power(1 - self.weight[rows] / w_max, mu) * traces[0])
        self._post_since_pre[rows] = True
        if self._pairing.resets_pre_trace:
            self._pre_traces[0].reset(rows)

    def _on_pre_spike(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        a, mu, w_max, w_min = self._parameters(rows, "A_minus", "mu_minus", "w_max", "w_min")
        trace = traces[0] * self._post_since_pre[rows] if self._pairing.restricted else traces[0]
        self._decrease(rows, a * _power((self.weight[rows] - w_min) / w_max, mu) * trace)
        self._post_since_pre[rows] = False


class TripletSynapses(PlasticSynapses):
    """Synapses with the triplet rule: see `plasticity_rules.TripletRule`."""

    def _traces(self) -> tuple[list[Traces], list[Traces]]:
        plus, minus = (
            [Traces(self._in_steps(name)) for name in (f"tau_{side}", f"tau_{side}_triplet")]
            for side in ("plus", "minus")
        )
        return plus, minus

    def _on_post_spike(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        pair, triplet = self._parameters(rows, "A_plus", "A_plus_triplet")
        # The spike itself is added to the postsynaptic traces later.
        slow = self._post_traces[1].at(now, rows)
        self._increase(rows, traces[0] * (pair + triplet * slow))

    def _on_pre_spike(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        pair, triplet = self._parameters(rows, "A_minus", "A_minus_triplet")
        slow = self._pre_traces[1].at(now, rows)
        self._decrease(rows, traces[0] * (pair + triplet * slow))


class VogelsSynapses(PlasticSynapses):
    """Synapses with the rule of Vogels et al. (2011): see `plasticity_rules.Vogels2011Rule`."""

    def _traces(self) -> tuple[list[Traces], list[Traces]]:
        return [Traces(self._in_steps("tau"))], [Traces(self._in_steps("tau"))]

    def _on_post_spike(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        eta, w_max = self._parameters(rows, "eta", "w_max")
        self._increase(rows, eta / np.abs(w_max) * traces[0])

    def _on_pre_spike(self, rows: np.ndarray, *traces: np.ndarray, now: int) -> None:
        eta, rho, tau, w_max = self._parameters(rows, "eta", "rho", "tau", "w_max")
        self._increase(rows, eta / np.abs(w_max) * traces[0])
        self._decrease(rows, eta / np.abs(w_max) * 2 * rho * tau)


def _power(base: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    """base^exponent; clips the base if needed, for weights that were set beyond their bounds."""
    is_power = (exponent != 0) & (exponent != 1)
    return np.power(np.where(is_power, np.clip(base, 0.0, 1.0), base), exponent)


# Class of synapses by the name of the rule.
RULES: dict[str, Callable[..., PlasticSynapses]] = {
    **{name: partial(PairRuleSynapses, pairing=pairing) for name, pairing in PAIRINGS.items()},
    TRIPLET: TripletSynapses,
    VOGELS: VogelsSynapses,
}
