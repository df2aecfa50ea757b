"""Programs that do not share a line of numeric code with it: spike for spike what NEST gives."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from tests.backends.network import play, same

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

# Weights of excitation and of inhibition, and parameters.
CELLS = {
    "IF_curr_exp": (0.9, -1.2, {}),
    "IF_curr_alpha": (0.9, -1.2, {"tau_syn_E": 2.0, "tau_syn_I": 4.0}),
    "IF_curr_delta": (1.5, -1.5, {}),
    "IF_cond_exp": (0.013, 0.02, {}),
    "IF_cond_alpha": (0.013, 0.02, {"tau_syn_E": 2.0, "tau_syn_I": 4.0}),
    "IF_cond_exp_gsfa_grr": (0.013, 0.02, {"q_rr": 300.0}),
    "IF_facets_hardware1": (0.006, 0.01, {}),
    "LIF": (1.4, -1.2, {"tau_syn_E": 2.0, "tau_syn_I": 4.0}),
}
# Near a spike the potential grows by orders of what rounding leaves, which may also move a step of
# the solver (tolerance 1e-6 each): only spikes are the same.
STEEP = {
    "EIF_cond_exp_isfa_ista": (0.013, 0.02, {}),
    "EIF_cond_alpha_isfa_ista": (0.013, 0.02, {"tau_syn_E": 2.0, "tau_syn_I": 4.0}),
    "EIF_cond_exp_isfa_ista, no exponential": (0.013, 0.02, {"delta_T": 0.0}),
    # So steep that no step of the solver is short enough for its tolerance.
    "EIF_cond_exp_isfa_ista, steep": (0.013, 0.02, {"delta_T": 0.5, "v_spike": -10.0}),
    "HH_cond_exp": (0.013, 0.02, {"tau_syn_E": 2.0}),
    "Izhikevich": (1.7, -1.3, {}),
    "AdExp": (0.013, 0.02, {"tau_syn_E": 2.0, "tau_syn_I": 4.0}),
    "AdExp, beta": (0.013, 0.02, {"tau_rise_E": 0.5, "tau_decay_E": 2.0, "tau_rise_I": 4.0,
                                  "tau_decay_I": 4.0}),
}  # fmt: skip


def made(sim, kind, scale, changes):
    """A cell type, with a constant current where it has one."""
    name = kind.partition(",")[0]
    offset = {} if name == "IF_facets_hardware1" else {"i_offset": 0.4 * scale}
    if name not in ("LIF", "AdExp"):
        return getattr(sim, name)(**offset, **changes)
    receptor = sim.CurrExpPostSynapticResponse if name == "LIF" else sim.AlphaPSR
    receptor = sim.BetaPSR if "beta" in kind else receptor
    reversal = {} if name == "LIF" else {"e_syn": [-1.0, -75.0]}
    of_each = [
        {key[:-2]: value for key, value in changes.items() if key.endswith(end)}
        | {key: values[place] for key, values in reversal.items()}
        for place, end in enumerate("EI")
    ]
    receptors = (receptor(**parameters) for parameters in of_each)
    labels = ("excitatory", "inhibitory")
    return sim.PointNeuron(
        getattr(sim, name)(**offset), **dict(zip(labels, receptors, strict=True))
    )


@pytest.mark.parametrize(
    ("rule", "fraction"), [("additive", 1.0), ("multiplicative", 0.3), ("gutig", 0.5)]
)
def test_a_plastic_network(rule, fraction):
    nest, reference = (
        play(backends.load(name), rule=rule, fraction=fraction) for name in ("nest", "reference")
    )
    assert len(nest["exc"][0]) > 300 and np.ptp(nest["weights"]["weight"]) > 0.001
    assert same(nest, reference)


def driven(sim, kind, dt):
    """Cells under random spikes of both signs, and all kinds of currents."""
    excitation, inhibition, changes = (CELLS | STEEP)[kind]
    sim.setup(timestep=dt, rng_seed=5)
    # That of Izhikevich is in pA, whatever PyNN says.
    scale = 0.01 if kind == "Izhikevich" else 1.0
    target = sim.Population(3, made(sim, kind, scale, changes), initial_values={"v": -65.0})
    for n, weight, receptor in ((20, excitation, "excitatory"), (8, inhibition, "inhibitory")):
        source = sim.Population(n, sim.SpikeSourcePoisson(rate=60.0))
        synapse = sim.StaticSynapse(weight=weight, delay=1.5)
        sim.Projection(source, target, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    for current in (
        sim.DCSource(amplitude=0.3 * scale, start=20.0, stop=80.0),
        sim.ACSource(amplitude=0.1 * scale, start=10.0, stop=90.0, frequency=30.0),
        sim.StepCurrentSource(times=[10.0, 50.0], amplitudes=[0.1 * scale, -0.1 * scale]),
        sim.NoisyCurrentSource(mean=0.0, stdev=0.2 * scale, start=5.0, stop=90.0, dt=1.0),
    ):
        current.inject_into(target[0:2])
    target.record(["spikes", "v"])
    sim.run(100.0 if dt == 0.1 else 50.0)
    return (*collect.spikes(target), collect.signal(target, "v")[1])


def both(kind, dt):
    return (driven(backends.load(name), kind, dt) for name in ("nest", "reference"))


@pytest.mark.parametrize("dt", [0.05, 0.1, 0.25])
@pytest.mark.parametrize("kind", CELLS)
def test_cells(kind, dt):
    nest, reference = both(kind, dt)
    assert len(nest[0]) > 5
    assert np.array_equal(nest[0], reference[0]) and np.array_equal(nest[1], reference[1])
    assert np.abs(nest[2] - reference[2]).max() < 1e-11


@pytest.mark.parametrize("dt", [0.05, 0.1, 0.25])
@pytest.mark.parametrize("kind", STEEP)
def test_cells_with_steep_spikes(kind, dt):
    nest, reference = both(kind, dt)
    assert len(nest[0]) > 5
    assert np.array_equal(nest[0], reference[0]) and np.array_equal(nest[1], reference[1])
    assert np.median(np.abs(nest[2] - reference[2])) < 1e-4


def test_adaptive_exponential_cells_without_a_refractory_period(monkeypatch):
    # What is left of the step of a spike follows from where in it the spike was, and this from how
    # the potential was rounded: a spike may be a step off, and a later one two.
    kind = "EIF_cond_exp_isfa_ista, no refractory period"
    monkeypatch.setitem(STEEP, kind, (0.013, 0.02, {"tau_refrac": 0.0}))
    nest, reference = both(kind, 0.1)
    assert len(nest[0]) > 50 and len(nest[0]) == len(reference[0])
    for cell in range(3):
        shift = nest[1][nest[0] == cell] - reference[1][reference[0] == cell]
        assert np.abs(shift).max() <= 0.2 + 1e-9


def short_term(sim, kind, receptor):
    sim.setup(timestep=0.1, rng_seed=5)
    celltype = getattr(sim, kind)(tau_syn_E=4.0, tau_syn_I=7.0, i_offset=0.3)
    target = sim.Population(3, celltype, initial_values={"v": -65.0})
    source = sim.Population(10, sim.SpikeSourcePoisson(rate=60.0))
    weight = CELLS[kind][receptor == "inhibitory"]
    synapse = sim.TsodyksMarkramSynapse(
        weight=weight, delay=1.5, U=0.1, tau_rec=50.0, tau_facil=300.0
    )
    sim.Projection(source, target, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    target.record("v")
    sim.run(100.0)
    return collect.signal(target, "v")[1]


@pytest.mark.parametrize("receptor", ["excitatory", "inhibitory"])
@pytest.mark.parametrize("kind", ["IF_curr_exp", "IF_cond_alpha"])
def test_short_term_plasticity(kind, receptor):
    nest, reference = (
        short_term(backends.load(name), kind, receptor) for name in ("nest", "reference")
    )
    assert np.ptp(nest) > 0.5
    assert np.abs(nest - reference).max() < 1e-11
