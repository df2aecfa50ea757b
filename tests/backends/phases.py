"""Programs in phases, each a function of a backend that gives arrays by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

DT = 0.1
PROGRAMS: dict[str, Callable[[Any], dict[str, np.ndarray]]] = {}


def program(function: Callable[[Any], dict[str, np.ndarray]]) -> Any:
    """Add a program."""
    PROGRAMS[function.__name__] = function
    return function


def drawn_times(n: int, seed: int, last: float = 100.0) -> list[list[float]]:
    """Trains of 20 spikes on the grid, in ms."""
    rng = np.random.default_rng(seed)
    return [np.sort(np.round(rng.uniform(1.0, last, 20), 1)).tolist() for _ in range(n)]


class Network:
    """Driven cells with plastic synapses among them and from other sources."""

    def __init__(self, sim: Any, rule: str = "additive", **cell: Any) -> None:
        sim.setup(timestep=DT, rng_seed=3)
        self.sim = sim
        parameters = {"tau_m": 15.0, "cm": 0.25, "tau_refrac": 2.0} | cell
        self.cells = sim.Population(6, sim.IF_curr_exp(**parameters), label="cells")
        self.cells.initialize(v=-65.0)
        self.sources = sim.Population(5, sim.SpikeSourceArray(spike_times=drawn_times(5, 1)))
        self.poisson = sim.Population(4, sim.SpikeSourcePoisson(rate=100.0), label="poisson")
        self.drive = sim.Projection(
            self.sources, self.cells, sim.AllToAllConnector(),
            sim.StaticSynapse(weight=1.2, delay=1.5), receptor_type="excitatory",
        )  # fmt: skip
        self.plastic = self.join(self.cells, rule)
        self.of_poisson = self.join(self.poisson, rule)
        self.cells.record(["spikes", "v"])
        self.poisson.record("spikes")

    def join(self, pre: Any, rule: str) -> Any:
        """Plastic synapses from some neurons to the cells."""
        sim = self.sim
        dependence = {
            "additive": lambda: sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0),
            "multiplicative": lambda: sim.MultiplicativeWeightDependence(w_min=0.0, w_max=1.0),
            "gutig": lambda: sim.GutigWeightDependence(0.0, 1.0, mu_plus=0.0, mu_minus=1.0),
        }[rule]
        synapse = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(20.0, 20.0, A_plus=0.05, A_minus=0.03),
            weight_dependence=dependence(),
            dendritic_delay_fraction=0.5,
            weight=0.5,
            delay=3.0,
        )
        connector = sim.AllToAllConnector(allow_self_connections=False)
        return sim.Projection(pre, self.cells, connector, synapse, receptor_type="excitatory")

    def data(self, label: str = "") -> dict[str, np.ndarray]:
        """All segments, and all weights."""
        found = {}
        for name in ("drive", "plastic", "of_poisson"):
            found[f"{label} {name}"] = getattr(self, name).get("weight", format="array")
        for name in ("cells", "poisson"):
            for number, segment in enumerate(getattr(self, name).get_data().segments):
                for k, train in enumerate(segment.spiketrains):
                    found[f"{label} {name} {number} train {k}"] = np.round(train.magnitude, 6)
                for signal in segment.analogsignals:
                    values = np.column_stack([signal.times.rescale("ms"), signal.magnitude])
                    found[f"{label} {name} {number} {signal.name}"] = values
        return found


@program
def train_and_test(sim: Any) -> dict[str, np.ndarray]:
    """Rates for each stimulus, weights normalised between them; then frozen weights."""
    net = Network(sim)
    rng = np.random.default_rng(7)
    for _ in range(8):
        net.poisson.set(rate=rng.uniform(20.0, 300.0, 4))
        sim.run(25.0)
        weights = net.of_poisson.get("weight", format="array")
        net.of_poisson.set(weight=2.0 * weights / weights.sum(axis=0))
    found = net.data("trained")
    for projection in (net.plastic, net.of_poisson):
        projection.set(A_plus=0.0, A_minus=0.0)
    net.poisson.set(rate=150.0)
    sim.run(50.0)
    return found | net.data("tested")


@program
def rules_and_weights(sim: Any) -> dict[str, np.ndarray]:
    """Parameters of a rule, of one synapse and of all, and weights from lists and at random."""
    net = Network(sim, "gutig")
    sim.run(20.0)
    net.plastic.set(mu_plus=0.4, mu_minus=0.6, tau_plus=12.0)
    net.drive.set(weight=sim.RandomDistribution("uniform", low=0.5, high=1.5))
    sim.run(20.0)
    listed = net.of_poisson.get("weight", format="list", with_address=False)
    net.of_poisson.set(weight=[0.5 * weight for weight in listed])
    net.of_poisson.set(tau_minus=35.0, w_max=np.linspace(0.6, 1.4, 24).reshape(4, 6))
    sim.run(20.0)
    net.of_poisson[3].A_plus = 0.2
    net.plastic.set(A_minus=0.1, weight=0.7)
    found = net.data("between")
    sim.run(40.0)
    return found | net.data()


@program
def shorter_refractoriness(sim: Any) -> dict[str, np.ndarray]:
    """More spikes of a cell are under way on its plastic synapses than before, which learn more."""
    net = Network(sim, tau_refrac=20.0, i_offset=0.8)
    sim.run(30.0)
    net.cells[1:4].set(tau_refrac=0.3, i_offset=8.0)
    sim.run(20.0)
    net.plastic.set(weight=0.3, A_plus=0.1)
    net.cells.set(tau_refrac=0.1)
    sim.run(20.0)
    found = net.data()
    sim.reset()
    sim.run(30.0)
    return found | net.data("after")


@program
def currents_of_all_kinds(sim: Any) -> dict[str, np.ndarray]:
    """Sources that are injected when their times have begun, changed, and stopped."""
    net = Network(sim)
    sim.run(15.0)
    sources = [
        sim.DCSource(amplitude=0.3, start=5.0, stop=60.0),
        sim.ACSource(amplitude=0.3, offset=0.1, frequency=40.0, start=5.0, stop=60.0),
        sim.StepCurrentSource(times=[5.0, 20.0, 45.0], amplitudes=[0.3, -0.2, 0.4]),
        sim.NoisyCurrentSource(mean=0.2, stdev=0.3, start=5.0, stop=60.0, dt=0.5),
    ]
    for k, one in enumerate(sources):
        one.inject_into(net.cells[k : k + 2])
    sim.run(20.0)
    sources[0].set_parameters(amplitude=0.6, stop=50.0)
    sources[1].set_parameters(frequency=90.0, phase=30.0)
    sources[2].set_parameters(times=[40.0, 55.0], amplitudes=[0.2, 0.0])
    sources[3].set_parameters(mean=0.5, stop=55.0)
    found = net.data("between")
    sim.run(10.0)
    sources[1].stop = 45.0
    sources[3].set_parameters(stop=45.0)
    sim.run(20.0)
    sim.reset()
    sim.run(40.0)
    return found | net.data()


@program
def short_term(sim: Any) -> dict[str, np.ndarray]:
    """Facilitation and depression of other parameters, and cells of another tau_syn."""
    net = Network(sim)
    synapse = sim.TsodyksMarkramSynapse(U=0.3, tau_rec=80.0, tau_facil=40.0, weight=2.0, delay=1.0)
    projection = sim.Projection(
        net.poisson, net.cells, sim.AllToAllConnector(), synapse, receptor_type="excitatory"
    )
    sim.run(25.0)
    projection.set(U=0.6, tau_rec=30.0, tau_facil=0.0)
    sim.run(25.0)
    net.cells.set(tau_syn_E=3.0)
    projection.set(weight=1.0, tau_facil=60.0)
    sim.run(25.0)
    return net.data()


@program
def recorded_and_read(sim: Any) -> dict[str, np.ndarray]:
    """More is recorded and read between runs, and changes follow."""
    net = Network(sim)
    sim.run(15.0)
    net.cells[2:5].record(["isyn_exc", "isyn_inh"])
    net.sources.record("spikes")
    found = net.data("first") | net.data("again")
    net.cells.initialize(v=-60.0)
    net.plastic.set(weight=0.9)
    sim.run(15.0)
    net.cells.record("isyn_exc")
    net.cells[0:2].initialize(v=-58.0)
    found |= net.data("second")
    sim.run(15.0)
    net.cells.get_data(clear=True)
    net.cells[4:6].set(i_offset=0.5)
    sim.run(15.0)
    return found | net.data()


@program
def segments(sim: Any) -> dict[str, np.ndarray]:
    """Resets with changes before and after them, and spikes under way."""
    net = Network(sim)
    sim.run(30.0)
    net.plastic.set(weight=0.8, A_plus=0.1)
    net.cells[0:2].set(i_offset=0.6)
    sim.reset()
    net.drive.set(weight=1.5)
    net.sources.set(spike_times=drawn_times(5, 2))
    sim.run(30.0)
    found = net.data("second")
    sim.reset()
    net.poisson.set(rate=30.0)
    net.cells.initialize(v=-62.0)
    sim.run(10.0)
    net.drive.set(weight=0.2)
    sim.run(20.0)
    sim.reset()
    sim.run(30.0)
    return found | net.data()
