"""More projections than NEST has room for synapse models: they share some, and stay apart."""

import nest
import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.backends.nest import synapse_models

pytestmark = pytest.mark.slow


def played(sim):
    """Synapses of every kind between the same cells, one of them set: weights, and spikes."""
    sim.setup(timestep=0.1)
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=[0.9, 1.0, 1.2]))
    cells.record("spikes")
    made = [sim.connect(cells[0], cells[1], weight=0.1 * k, delay=0.5) for k in range(1, 5)]
    made[2].set(weight=0.7)
    for receptor, sign in (("excitatory", 1.0), ("inhibitory", -1.0)):
        rule = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(A_plus=0.02, A_minus=0.01),
            weight_dependence=sim.AdditiveWeightDependence(w_max=0.5 * sign),
            weight=0.1 * sign, delay=0.4, dendritic_delay_fraction=0.5,
        )  # fmt: skip
        every = sim.AllToAllConnector()
        made.append(sim.Projection(cells, cells, every, rule, receptor_type=receptor))
    short_term = sim.TsodyksMarkramSynapse(U=0.3, tau_rec=100.0, weight=0.2, delay=0.2)
    made.append(sim.Projection(cells, cells, sim.AllToAllConnector(), short_term))
    sim.run(150.0)
    weights = [np.ravel(one.get("weight", format="array")) for one in made]
    return np.concatenate(weights), np.stack(collect.spikes(cells))


def test_projections_that_share_a_model_stay_apart(monkeypatch):
    sim = backends.load("nest")
    sim.setup()
    own, room = len(nest.synapse_models), 2
    monkeypatch.setattr(synapse_models, "_FIRST_FULL_CHECK", 0)
    monkeypatch.setattr(synapse_models, "_MAX_MODELS", own + room)
    weights, spikes = played(sim)
    assert len(nest.synapse_models) == own + room
    expected, right = played(backends.load("reference"))
    assert np.allclose(weights, expected, rtol=1e-9, atol=0, equal_nan=True)
    assert spikes.shape[1] > 10 and np.array_equal(spikes, right)


def test_nest_has_the_room_that_is_counted_on():
    sim = backends.load("nest")
    sim.setup()
    assert nest.max_num_syn_models == synapse_models._MAX_MODELS
    assert len(nest.synapse_models) < synapse_models._MAX_MODELS - synapse_models._FIRST_FULL_CHECK
