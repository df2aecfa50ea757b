"""Rules of plasticity, and the weights that follow from them for given arrivals of spikes.

The rules are those of `pipelines.backends.shared.plasticity_rules`, computed for many synapses and
many sets of constants at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.backends.shared.pairings import PAIRINGS, TRIPLET, VOGELS
from pipelines.diagnosis.plasticity.stdp_arrivals import Arrivals, Floats

# Exponents of the weight dependences, for potentiation and depression; None: constants of the rule.
DEPENDENCES: dict[str, tuple[float, float] | None] = {
    "additive": (0.0, 0.0),
    "multiplicative": (1.0, 1.0),
    "additive potentiation, multiplicative depression": (0.0, 1.0),
    "Gütig": None,
}

# What a pair of lag zero does.
IGNORED, POTENTIATES, DEPRESSES = "nothing", "potentiation", "depression"
ZERO_LAGS = (IGNORED, POTENTIATES, DEPRESSES)

# Weights of a reading: as of the last presynaptic spike, or of all spikes until then.
TRANSMITTED, NOW = "as of the last presynaptic spike", "as of the time of reading"
READINGS = (TRANSMITTED, NOW)

Constants = Mapping[str, float]


@dataclass(frozen=True)
class Rule:
    """The form of a rule: all that is no constant.

    Attributes
    ----------
    dependence
        Weight dependence, a key of `DEPENDENCES`.
    scheme
        A pairing scheme of `PAIRINGS`, or `TRIPLET` or `VOGELS`.
    fraction
        Dendritic fraction of the delay.
    zero_lag
        Effect of a pair of lag zero.
    reading
        Which weights are read.
    longer
        Steps by which all delays are longer than those of the table.
    """

    dependence: str = "additive"
    scheme: str = "pair_rule"
    fraction: float = 1.0
    zero_lag: str = IGNORED
    reading: str = TRANSMITTED
    longer: int = 0

    @property
    def constants(self) -> tuple[str, ...]:
        """Names of its constants, those of PyNN; the initial weight is ``w_0``."""
        if self.scheme == VOGELS:
            return ("eta", "rho", "tau", "w_max", "w_min", "w_0")
        pairs = ("A_plus", "A_minus", "tau_plus", "tau_minus", "w_max", "w_min", "w_0")
        if self.scheme == TRIPLET:
            triplets = (f"{name}_triplet" for name in pairs[:4])
            return (*pairs, *triplets)
        exponents = ("mu_plus", "mu_minus") if DEPENDENCES[self.dependence] is None else ()
        return (*pairs, *exponents)


def weights_after(
    rule: Rule, arrivals: Arrivals, sets: Sequence[Constants], initial: Floats | None
) -> Floats:
    """Weights at the readings that follow from a rule.

    Parameters
    ----------
    rule
        Form of the rule.
    arrivals
        Arrivals of spikes at n synapses, for the rule's delay fraction.
    sets
        Sets of constants. Weights and their bounds are sizes (not negative), in one unit.
    initial
        Weights at time 0, shape (n,); the constant ``w_0`` if None.

    Returns
    -------
    array, shape (n_sets, n_readings, n)
    """
    n_rows, n = arrivals.gap.shape
    c = {name: np.array([one[name] for one in sets], float)[:, None] for name in sets[0]}
    w = np.broadcast_to(c["w_0"] if initial is None else initial, (len(sets), n)).copy()
    course = np.empty((n_rows + 1, len(sets), n))
    course[0] = w
    sent = course if rule.zero_lag != POTENTIATES else np.empty_like(course)
    sent[0] = w
    step = _Step(rule, c, w)
    decays = [np.exp(-arrivals.gap[:, None, :] / tau) for tau in step.taus]
    for row in range(n_rows):
        step.decay([decay[row] for decay in decays])
        sent[row + 1] = step(arrivals.pre[row], arrivals.post[row])
        course[row + 1] = step.w
    synapse = np.arange(n)[None, :]
    if rule.reading == NOW:
        return np.moveaxis(course[arrivals.last + 1, :, synapse], 2, 0)
    return np.moveaxis(sent[arrivals.sent + 1, :, synapse], 2, 0)


class _Step:
    """Weights and traces of all synapses, which each row of arrivals advances."""

    def __init__(self, rule: Rule, c: Mapping[str, Floats], w: Floats) -> None:
        self.w, self._c, self._rule = w, c, rule
        self._pairing = PAIRINGS.get(rule.scheme, PAIRINGS["pair_rule"])
        self._slow = rule.scheme == TRIPLET
        self._r, self._o, self._r2, self._o2 = np.zeros((4, *w.shape))
        self._post_since_pre = np.zeros(w.shape[1], dtype=bool)
        if rule.scheme == VOGELS:
            self.taus = [c["tau"], c["tau"]]
            # Amplitudes in units of w_max.
            self._up = self._down = c["eta"] / c["w_max"]
            self._mu: tuple[Floats | float, Floats | float] = (0.0, 0.0)
        else:
            self.taus = [c["tau_plus"], c["tau_minus"]]
            if self._slow:
                self.taus += [c["tau_plus_triplet"], c["tau_minus_triplet"]]
            self._up, self._down = c["A_plus"], c["A_minus"]
            self._mu = DEPENDENCES[rule.dependence] or (c["mu_plus"], c["mu_minus"])

    def decay(self, factors: Sequence[Floats]) -> None:
        """Let the traces decay by a factor for each time constant."""
        self._r = self._r * factors[0]
        self._o = self._o * factors[1]
        if self._slow:
            self._r2, self._o2 = self._r2 * factors[2], self._o2 * factors[3]

    def __call__(self, pre: Floats, post: Floats) -> Floats:
        """Advance by a row; returns the weights that its presynaptic spikes transmit."""
        zero, slow = self._rule.zero_lag, (self._r2, self._o2) if self._slow else (0.0, 0.0)
        if zero == POTENTIATES:
            self._on_pre(pre, slow[0])
            sent = self.w.copy()
            self._trace_pre(pre)
            self._on_post(post, slow[1])
            self._trace_post(post)
            return sent
        self._on_post(post, slow[1])
        if zero == DEPRESSES:
            self._trace_post(post)
        self._on_pre(pre, slow[0])
        self._trace_pre(pre)
        if zero == IGNORED:
            self._trace_post(post)
        return self.w

    def _on_post(self, post: Floats, slow: Floats | float) -> None:
        c, there = self._c, post > 0
        if not there.any():
            return
        amplitude = self._up + c["A_plus_triplet"] * slow if self._slow else self._up
        factor = _power(1 - self.w / c["w_max"], self._mu[0])
        grown = np.minimum(self.w + c["w_max"] * amplitude * factor * self._r * post, c["w_max"])
        self.w = np.where(there, grown, self.w)
        self._post_since_pre |= there
        if self._pairing.resets_pre_trace:
            self._r = np.where(there, 0.0, self._r)

    def _on_pre(self, pre: Floats, slow: Floats | float) -> None:
        c, there = self._c, pre > 0
        if not there.any():
            return
        w = self.w
        if self._rule.scheme == VOGELS:
            w = np.minimum(w + c["eta"] * self._o * pre, c["w_max"])
            w = np.maximum(w - c["eta"] * 2 * c["rho"] * c["tau"] * pre, c["w_min"])
            self.w = np.where(there, w, self.w)
            return
        trace = self._o * self._post_since_pre if self._pairing.restricted else self._o
        amplitude = self._down + c["A_minus_triplet"] * slow if self._slow else self._down
        factor = _power((w - c["w_min"]) / c["w_max"], self._mu[1])
        w = np.maximum(w - c["w_max"] * amplitude * factor * trace * pre, c["w_min"])
        self.w = np.where(there, w, self.w)
        self._post_since_pre &= ~there

    def _trace_pre(self, pre: Floats) -> None:
        self._r = self._r + pre if self._pairing.all_pre else np.where(pre > 0, 1.0, self._r)
        if self._slow:
            self._r2 = self._r2 + pre

    def _trace_post(self, post: Floats) -> None:
        self._o = self._o + post if self._pairing.all_post else np.where(post > 0, 1.0, self._o)
        if self._slow:
            self._o2 = self._o2 + post


def _power(base: Floats, exponent: Floats | float) -> Floats | float:
    """base^exponent, without the cost of a power for the exponents 0 and 1."""
    if np.isscalar(exponent):
        return 1.0 if exponent == 0 else base
    return np.power(np.clip(base, 0.0, None), np.clip(exponent, 0.0, None))
