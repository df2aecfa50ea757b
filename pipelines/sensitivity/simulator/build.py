"""What a backend reports of a network of the small simulator that it built."""

from __future__ import annotations

import numpy as np

from pipelines.diagnosis.repeats.built_network import BuiltNetwork, BuiltPopulation, BuiltProjection
from pipelines.sensitivity.simulator.network import Network, Synapses


def report(believed: Network, made: Network) -> BuiltNetwork:
    """Report of a backend on the network that it built.

    Parameters
    ----------
    believed
        The network whose cells, trains and rules of plasticity the backend reports: the one that
        it was asked for, if it does not know of its fault.
    made
        The network whose connections, weights and delays it reads, as for the table of weights.
    """
    populations = {
        name: BuiltPopulation("IF_curr_exp", dict(cells.parameters), {"v": cells.initial_v})
        for name, cells in believed.cells.items()
    }
    populations |= {
        name: BuiltPopulation("SpikeSourceArray", {}, {}, list(trains))
        for name, trains in believed.sources.items()
    }
    return BuiltNetwork(
        populations,
        {
            name: _projection(one, believed.synapses.get(name, one))
            for name, one in made.synapses.items()
        },
    )


def _projection(made: Synapses, believed: Synapses) -> BuiltProjection:
    order = np.lexsort((made.delay_ms, made.weight, made.post, made.pre))
    parameters = {"weight": made.weight[order], "delay": made.delay_ms[order]}
    rule = believed.rule
    if rule is None:
        timing = dependence = ""
    else:
        timing = "SpikePairRule"
        dependence = f"{'Multiplicative' if rule.mu_plus else 'Additive'}WeightDependence"
        names = ("A_plus", "A_minus", "tau_plus", "tau_minus", "w_min", "w_max")
        parameters |= {name: np.array([float(getattr(rule, name))]) for name in names}
        parameters["dendritic_delay_fraction"] = np.array([rule.dendritic_fraction])
    return BuiltProjection(
        made.receptor, "StaticSynapse" if rule is None else "STDPMechanism", timing, dependence,
        made.pre[order], made.post[order], parameters,
    )  # fmt: skip
