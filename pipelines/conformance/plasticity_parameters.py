"""Checks of the parameters of plastic synapses: given as arrays, and read back."""

from __future__ import annotations

from typing import Any

import numpy as np

from .check import check
from .neurons import begin, cell
from .stdp import KICK, W_MAX, plastic_pair, weight_dependence, weight_of


def accepted_fraction(sim: Any) -> float:
    """A split of the delay that the backend takes: stock NEST has 1 alone, stock Brian2 0."""
    try:
        _mechanism(sim, "additive", 1.0)
    except ValueError:
        return 0.0
    return 1.0


def _mechanism(sim: Any, rule: str, fraction: float, **timing: Any) -> Any:
    values = {"tau_plus": 20.0, "tau_minus": 20.0, "A_plus": 0.01, "A_minus": 0.012} | timing
    return sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(**values),
        weight_dependence=weight_dependence(sim, rule),
        dendritic_delay_fraction=fraction,
        weight=0.5 * W_MAX,
        delay=1.0,
    )


@check("weight read back")
def weight_as_last_transmitted(sim: Any) -> tuple[Any, Any]:
    """Potentiated at 60, after the last presynaptic spike: not transmitted yet."""
    begin(sim)
    synapse, _ = plastic_pair(
        sim, [50.0], [60.0], weight_dependence(sim, "additive"), 1.0, accepted_fraction(sim)
    )
    sim.run(100.0)
    return [weight_of(synapse)], [0.5]


@check('get("A_minus", "w_max")')
def rule_parameters_read_back(sim: Any) -> tuple[Any, Any]:
    """What was given, in PyNN's units."""
    begin(sim)
    projection = sim.Projection(
        cell(sim), cell(sim, 2), sim.AllToAllConnector(),
        _mechanism(sim, "additive", accepted_fraction(sim)),
    )  # fmt: skip
    names = ["A_plus", "A_minus", "tau_plus", "w_max", "weight", "delay"]
    rows = projection.get(names, format="list", with_address=False)
    return rows, [[0.01, 0.012, 20.0, W_MAX, 0.5 * W_MAX, 1.0]] * 2


@check("array parameters")
def potentiation_of_each_synapse(sim: Any) -> tuple[Any, Any]:
    """A_plus of two synapses onto one cell: each is potentiated by its own."""
    begin(sim)
    fraction = accepted_fraction(sim)
    sources = sim.Population(2, sim.SpikeSourceArray(spike_times=[50.0, 90.0]))
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=[59.8]))
    target = cell(sim, tau_syn_E=0.5, tau_refrac=20.0)
    sim.Projection(
        driver, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=KICK, delay=0.1)
    )
    each = np.array([[0.01], [0.03]])
    projection = sim.Projection(
        sources, target, sim.AllToAllConnector(),
        _mechanism(sim, "additive", fraction, A_plus=each, A_minus=0.0),
    )  # fmt: skip
    target.record("spikes")
    sim.run(100.0)
    fired = target.get_data("spikes").segments[0].spiketrains[0].magnitude[0]
    # The lag as the synapse sees it: the dendritic delay adds to it, the axonal one takes away.
    lag = fired - 50.0 + (2 * fraction - 1)
    changed = np.asarray(projection.get("weight", format="list", with_address=False)) / W_MAX
    return changed, 0.5 + each[:, 0] * np.exp(-lag / 20)


@check("array parameters")
def w_max_of_each_synapse(sim: Any) -> tuple[Any, Any]:
    """An array of w_max is read back as it was given."""
    begin(sim)
    each = np.array([[1.0, 2.0], [3.0, 4.0]]) * W_MAX
    mechanism = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(20.0, 20.0, 0.01, 0.012),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=each),
        dendritic_delay_fraction=accepted_fraction(sim),
        weight=0.5 * W_MAX,
        delay=1.0,
    )
    projection = sim.Projection(cell(sim, 2), cell(sim, 2), sim.AllToAllConnector(), mechanism)
    return projection.get("w_max", format="array"), each


@check("STDPMechanism.base_translations")
def parameters_of_one_mechanism_after_another(sim: Any) -> tuple[Any, Any]:
    """Exponents of a Gutig rule do not appear in the additive mechanism made after it."""
    begin(sim)
    fraction = accepted_fraction(sim)
    _mechanism(sim, "gutig", fraction)
    names = _mechanism(sim, "additive", fraction).translations
    return [float(name in names) for name in ("mu_plus", "mu_minus", "w_max")], [0.0, 0.0, 1.0]


@check("current- and conductance-based in one process")
def read_back_beside_another_unit(sim: Any) -> tuple[Any, Any]:
    """Weights onto currents (nA), read after a projection onto conductances (uS) was made."""
    begin(sim)
    fraction = accepted_fraction(sim)
    targets = [cell(sim, 2), sim.Population(2, sim.IF_cond_exp())]
    projections = [
        sim.Projection(
            cell(sim, 2), target, sim.AllToAllConnector(), _mechanism(sim, "additive", fraction)
        )
        for target in targets
    ]
    return [p.get("weight", format="array") for p in projections], np.full((2, 2, 2), 0.5 * W_MAX)
