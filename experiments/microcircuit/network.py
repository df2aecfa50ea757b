"""Sizes, pathways and drive of the microcircuit at any scale, as numbers; no simulator.

Sources: T. C. Potjans and M. Diesmann, "The cell-type specific cortical microcircuit", Cerebral
Cortex 24:785-806 (2014), doi:10.1093/cercor/bhs358; for smaller networks S. J. van Albada,
M. Helias and M. Diesmann, "Scalability of asynchronous networks is limited by one-to-one mapping
between effective connectivity and correlations", PLoS Computational Biology 11:e1004490 (2015).
"""

from dataclasses import dataclass
from math import log, sqrt

from .data_files import (
    CONNECTION_PROBABILITIES,
    EXTERNAL_INDEGREES,
    FULL_SCALE_RATES,
    NAMES,
    SIZES,
)

DOUBLED = ("L4E", "L23E")  # the pathway, from and to, with twice the usual weight


@dataclass(frozen=True)
class Pathway:
    """The synapses from one population to another.

    Attributes
    ----------
    pre, post
        Names of the populations.
    synapses
        Their number; a pair of cells may have several.
    weight, weight_sd
        Mean and standard deviation in nA.
    delay, delay_sd
        The same in ms, before delays below one time step are drawn again.
    """

    pre: str
    post: str
    synapses: int
    weight: float
    weight_sd: float
    delay: float
    delay_sd: float

    @property
    def receptor(self):
        """The receptor that it acts on, by the last letter of its source."""
        return "inhibitory" if self.pre.endswith("I") else "excitatory"


def sizes(scale):
    """Cells of each population."""
    return {name: max(1, round(size * scale)) for name, size in SIZES.items()}


def full_scale_synapses(pre, post):
    """Synapses of a pathway at full scale; 0 where there is none.

    N N' pairs, each with a synapse at least with chance p, have

        K = ln(1 - p) / ln(1 - 1 / (N N'))

    synapses, if these are drawn one by one and a pair may be drawn again.
    """
    p = CONNECTION_PROBABILITIES[post, pre]
    return round(log(1 - p) / log(1 - 1 / (SIZES[pre] * SIZES[post])))


def excitatory_weight(parameters):
    """Weight (nA) of a synapse that causes a potential of height `psp`, at full scale.

    A current w exp(-t / tau_s) moves the membrane by

        w tau_s tau_m / (cm (tau_m - tau_s)) (exp(-t / tau_m) - exp(-t / tau_s)),

    which is largest at t = ln(tau_m / tau_s) tau_m tau_s / (tau_m - tau_s).
    """
    tau_m, tau_s = parameters.tau_m, parameters.tau_syn
    ratio = tau_m / tau_s
    height = ratio ** (-tau_s / (tau_m - tau_s)) - ratio ** (-tau_m / (tau_m - tau_s))
    return parameters.psp * parameters.cm * (tau_m - tau_s) / (tau_s * tau_m * height)


def pathways(parameters):
    """All pathways that have synapses, by target and then by source.

    A part `scale` of the cells has a part `scale` of the synapses of each cell, whose weights are
    over ``sqrt(scale)``: the variance of the input stays, and `compensating_currents` keep its
    mean.
    """
    found = []
    for post in NAMES:
        for pre in NAMES:
            full = full_scale_synapses(pre, post)
            if not full:
                continue
            inhibitory = pre.endswith("I")
            weight = _full_scale_weight(parameters, pre, post)
            if parameters.compensated:
                weight /= sqrt(parameters.scale)
            delay = parameters.delay_inh if inhibitory else parameters.delay_exc
            found.append(
                Pathway(
                    pre,
                    post,
                    max(1, round(full * parameters.scale**2)),
                    weight,
                    parameters.weight_sd * abs(weight),
                    delay,
                    parameters.delay_sd * delay,
                )
            )
    return found


def _full_scale_weight(parameters, pre, post):
    relative = -parameters.g if pre.endswith("I") else 1.0
    if (pre, post) == DOUBLED:
        relative *= parameters.doubling
    return excitatory_weight(parameters) * relative


def external_weight(parameters):
    """Weight (nA) of a synapse from outside."""
    weight = excitatory_weight(parameters)
    return weight / sqrt(parameters.scale) if parameters.compensated else weight


def external_rates(parameters):
    """Rate (Hz) of the Poisson source of a cell of each population: all its synapses in one."""
    return {
        name: parameters.external_rate * number * parameters.scale
        for name, number in EXTERNAL_INDEGREES.items()
    }


def constant_currents(parameters):
    """Constant current (nA) into each cell of a population.

    It is the mean of the Poisson input at full scale where that is left out, and what a smaller
    network loses of its mean input (`compensating_currents`).
    """
    lost = compensating_currents(parameters)
    if parameters.drive == "poisson":
        return lost
    return {name: lost[name] + _external_mean(parameters, name) for name in NAMES}


def compensating_currents(parameters):
    """Current (nA) that makes up for the mean input that a smaller network loses.

    With K synapses of weight w at full scale there are s K of weight w / sqrt(s), and their mean
    input is sqrt(s) of what it was. With the published rates nu_j at full scale,

        I = (1 - sqrt(s)) tau_s sum_j w_j K_j nu_j

    over all sources j in the network, and over those outside if they are Poisson sources.
    """
    share = 1 - sqrt(parameters.scale) if parameters.compensated else 0.0
    currents = {}
    for post in NAMES:
        mean = sum(
            _full_scale_weight(parameters, pre, post)
            * full_scale_synapses(pre, post) / SIZES[post]
            * FULL_SCALE_RATES[pre] * parameters.tau_syn * 1e-3
            for pre in NAMES
        )  # fmt: skip
        if parameters.drive == "poisson":
            mean += _external_mean(parameters, post)
        currents[post] = share * mean
    return currents


def _external_mean(parameters, name):
    """Mean current (nA) of the input from outside, at full scale."""
    rate = EXTERNAL_INDEGREES[name] * parameters.external_rate
    return excitatory_weight(parameters) * rate * parameters.tau_syn * 1e-3
