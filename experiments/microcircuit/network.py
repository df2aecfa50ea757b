"""Sizes, pathways and external drive of the microcircuit at any scale.

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

DOUBLED = ("L4E", "L23E")  # source and target of the pathway with twice the usual weight


@dataclass(frozen=True)
class Pathway:
    """The synapses from one population to another.

    Attributes
    ----------
    pre, post
        Names of the populations.
    synapses
        Number of synapses; a pair of cells may have several.
    weight, weight_sd
        Mean and standard deviation of the weights in nA.
    delay, delay_sd
        Mean and standard deviation of the delays in ms, before the redrawing of delays below
        one time step.
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
        """Receptor type of the synapses, by the cell type (last letter) of the source."""
        return "inhibitory" if self.pre.endswith("I") else "excitatory"


def sizes(scale):
    """Number of cells in each population at a scale."""
    return {name: max(1, round(size * scale)) for name, size in SIZES.items()}


def full_scale_synapses(pre, post):
    """Number of synapses of a pathway at full scale; 0 if it does not exist.

    If N N' pairs have at least one synapse with probability p each, then

        K = ln(1 - p) / ln(1 - 1 / (N N'))

    is the number of synapses, drawn one by one with replacement of the pairs.
    """
    p = CONNECTION_PROBABILITIES[post, pre]
    return round(log(1 - p) / log(1 - 1 / (SIZES[pre] * SIZES[post])))


def excitatory_weight(parameters):
    """Weight (nA) of an excitatory synapse at full scale, whose potential has the height `psp`.

    A current w exp(-t / tau_s) depolarises the membrane by

        w tau_s tau_m / (cm (tau_m - tau_s)) (exp(-t / tau_m) - exp(-t / tau_s)),

    which is largest at t = ln(tau_m / tau_s) tau_m tau_s / (tau_m - tau_s).
    """
    tau_m, tau_s = parameters.tau_m, parameters.tau_syn
    ratio = tau_m / tau_s
    height = ratio ** (-tau_s / (tau_m - tau_s)) - ratio ** (-tau_m / (tau_m - tau_s))
    return parameters.psp * parameters.cm * (tau_m - tau_s) / (tau_s * tau_m * height)


def pathways(parameters):
    """All pathways with synapses, ordered by target and then by source.

    The number of cells and the number of synapses per cell are multiplied by `scale`, the weights
    by ``1 / sqrt(scale)``: this preserves the variance of the input; `compensating_currents`
    preserve its mean.
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
    """Weight (nA) of an external synapse."""
    weight = excitatory_weight(parameters)
    return weight / sqrt(parameters.scale) if parameters.compensated else weight


def external_rates(parameters):
    """Rate (Hz) of a cell's Poisson source by population: the sum over its external synapses."""
    return {
        name: parameters.external_rate * number * parameters.scale
        for name, number in EXTERNAL_INDEGREES.items()
    }


def constant_currents(parameters):
    """Constant current (nA) into each cell, by population.

    It is the sum of the mean external input at full scale, if there are no Poisson sources, and
    of `compensating_currents`.
    """
    lost = compensating_currents(parameters)
    if parameters.drive == "poisson":
        return lost
    return {name: lost[name] + _external_mean(parameters, name) for name in NAMES}


def compensating_currents(parameters):
    """Constant current (nA) by population that compensates the lost mean input at small scales.

    At scale s, K synapses of weight w become s K synapses of weight w / sqrt(s), whose mean input
    is sqrt(s) times the full one. With the published rates nu_j at full scale, the current is

        I = (1 - sqrt(s)) tau_s sum_j w_j K_j nu_j

    summed over all sources j in the network, and over the external ones if they are Poisson
    sources.
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
    """Mean current (nA) of the external input of a population at full scale."""
    rate = EXTERNAL_INDEGREES[name] * parameters.external_rate
    return excitatory_weight(parameters) * rate * parameters.tau_syn * 1e-3
