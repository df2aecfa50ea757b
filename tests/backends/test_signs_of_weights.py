"""Weights of the wrong sign for a receptor are refused, of static and of plastic synapses."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.errors import Unsupported

pytestmark = [pytest.mark.usefixtures("interpreted"), pytest.mark.filterwarnings("ignore")]
SYNAPSES = {
    "static": lambda sim, weight: sim.StaticSynapse(weight=weight, delay=1.0),
    "short-term": lambda sim, weight: sim.TsodyksMarkramSynapse(weight=weight, delay=1.0),
    "pair rule": lambda sim, weight: sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(),
        weight_dependence=sim.AdditiveWeightDependence(w_max=2 * weight),
        weight=weight,
        delay=1.0,
    ),
}
# Cell type, receptor, and sign of its weights.
RECEPTORS = [
    ("IF_curr_exp", "excitatory", 1), ("IF_curr_exp", "inhibitory", -1),
    ("IF_cond_exp", "excitatory", 1), ("IF_cond_exp", "inhibitory", 1),
    ("EIF_cond_alpha_isfa_ista", "inhibitory", 1), ("HH_cond_exp", "inhibitory", 1),
    ("named", "inhibitory", 1), ("named", "slow", 1),
]  # fmt: skip


def network(backend, name):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    if name == "named":
        receptors = {one: sim.AlphaPSR(tau_syn=3.0) for one in ("inhibitory", "slow")}
        celltype = sim.PointNeuron(sim.AdExp(), **receptors)
    else:
        celltype = getattr(sim, name)()
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[5.0]))
    return sim, source, sim.Population(2, celltype)


@pytest.mark.parametrize("backend", backends.names())
@pytest.mark.parametrize("synapse", SYNAPSES)
@pytest.mark.parametrize(("name", "receptor", "sign"), RECEPTORS)
def test_signs_of_weights(backend, synapse, name, receptor, sign):
    sim, source, cells = network(backend, name)

    def make(weight):
        return sim.Projection(
            source, cells, sim.AllToAllConnector(), SYNAPSES[synapse](sim, weight),
            receptor_type=receptor,
        )  # fmt: skip

    made = make(sign * 0.01)
    np.testing.assert_allclose(made.get("weight", format="array"), sign * 0.01, rtol=1e-12)
    made.set(weight=sign * 0.015)
    side = "below" if sign < 0 else "above"
    message = (
        f"weight {-sign * 0.02:g} on the {receptor} receptor; allowed: weights of 0 and {side}"
    )
    with pytest.raises(Unsupported, match=message):
        make(-sign * 0.02)
    with pytest.raises(Unsupported, match=message):
        made.set(weight=-sign * 0.02)
    np.testing.assert_allclose(made.get("weight", format="array"), sign * 0.015, rtol=1e-12)
    sim.end()


@pytest.mark.parametrize("backend", backends.names())
def test_a_list_with_one_weight_of_the_wrong_sign(backend):
    sim, source, cells = network(backend, "IF_cond_exp")
    connector = sim.FromListConnector([(0, 0, 0.1, 1.0), (1, 1, -0.2, 1.0)])
    with pytest.raises(Unsupported, match=r"weight -0\.2 .*those of conductances"):
        sim.Projection(source, cells, connector, receptor_type="inhibitory")
    sim.end()
