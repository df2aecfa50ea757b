"""Rows on synapse types and on rules of plasticity."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from pyNN.parameters import Sequence

from pipelines.verdicts.bounds import BOUNDS

from .program_parts import begin, cells, drive, read, sources, trains, weights
from .row import add, row


def transmitted(sim: Any, synapse: Any, targets: Any = None, rate: float = 60.0) -> dict[str, Any]:
    """Cells that one kind of synapse drives: spikes, membranes and weights at the end."""
    targets = cells(sim) if targets is None else targets
    source = sources(sim, trains(6, rate, seed=3))
    projection = sim.Projection(source, targets, sim.AllToAllConnector(), synapse)
    targets.record(["spikes", "v"])
    sim.run(100.0)
    return read(targets, "spikes", "v") | weights(projection)


@row("synapse", "StaticSynapse", "StaticSynapse")
def static(sim: Any) -> dict[str, Any]:
    """Weights and delays of each synapse."""
    begin(sim)
    rng = np.random.default_rng(2)
    weight, delay = rng.uniform(0.5, 1.5, (6, 5)), rng.integers(1, 40, (6, 5)) / 10
    return transmitted(sim, sim.StaticSynapse(weight=weight, delay=delay))


_DYNAMIC = {"U": 0.3, "tau_rec": 80.0, "tau_facil": 50.0}


def _of_type(name: str, values: dict[str, Any], sim: Any) -> dict[str, Any]:
    begin(sim)
    synapse = getattr(sim, name)(weight=2.0, delay=1.0, **values)
    return transmitted(sim, synapse)


for _name, _aside, _values in (
    ("TsodyksMarkramSynapse", "", _DYNAMIC),
    ("TsodyksMarkramSynapse", "PyNN's default tau_facil = 0", {}),
    ("TsodyksMarkramSynapse", "tau_rec = tau_syn", _DYNAMIC | {"tau_rec": 2.0}),
    ("SimpleStochasticSynapse", "", {"p": 0.4}),
    ("StochasticTsodyksMarkramSynapse", "", _DYNAMIC),
    ("MultiQuantalSynapse", "", _DYNAMIC | {"n": 4}),
):
    add("synapse", f"{_name}: {_aside}" if _aside else _name, partial(_of_type, _name, _values),
        "Irregular trains, so that states of the synapse differ from spike to spike.",
        (_name,))  # fmt: skip


@row("synapse", "ElectricalSynapse", "ElectricalSynapse")
def electrical(sim: Any) -> dict[str, Any]:
    """A gap junction between two cells, of which one is charged."""
    begin(sim)
    population = sim.Population(2, sim.HH_cond_exp(i_offset=[0.0, 0.3]))
    population.record("v")
    gap = sim.ElectricalSynapse(weight=0.01)
    sim.Projection(
        population[1:2], population[0:1], sim.AllToAllConnector(), gap,
        source="source_section.gap", receptor_type="source_section.gap",
    )  # fmt: skip
    sim.run(20.0)
    return read(population, "v")


# Plastic weights that move by a few percent of the range in 100 ms.
_TIMES = {"tau_plus": 15.0, "tau_minus": 25.0, "A_plus": 0.02, "A_minus": 0.015}
_RANGE = {"w_min": 0.0, "w_max": 2.0}


def plastic(
    sim: Any,
    timing: Any,
    dependence: Any,
    weight: float = 1.0,
    fraction: float = 1.0,
    delay: float = 1.5,
    targets: Any = None,
) -> dict[str, Any]:
    """Cells that plastic synapses drive, helped by others: spikes, membranes, weights."""
    synapse = sim.STDPMechanism(
        timing_dependence=timing, weight_dependence=dependence, weight=weight, delay=delay,
        dendritic_delay_fraction=fraction,
    )  # fmt: skip
    if targets is None:
        targets = cells(sim)
        drive(sim, targets, rate=60.0, seed=8)
    return transmitted(sim, synapse, targets)


DEPENDENCES: dict[str, dict[str, float]] = {
    "AdditiveWeightDependence": _RANGE,
    "MultiplicativeWeightDependence": _RANGE,
    "AdditivePotentiationMultiplicativeDepression": _RANGE,
    "GutigWeightDependence": _RANGE | {"mu_plus": 0.3, "mu_minus": 0.7},
}


def _with_dependence(
    name: str, values: dict[str, float], fraction: float, sim: Any
) -> dict[str, Any]:
    begin(sim)
    dependence = getattr(sim, name)(**values)
    return plastic(sim, sim.SpikePairRule(**_TIMES), dependence, fraction=fraction)


for _name, _values in DEPENDENCES.items():
    add("plasticity rule", f"SpikePairRule with {_name}",
        partial(_with_dependence, _name, _values, 1.0), "All pairs of spikes.",
        ("STDPMechanism", "SpikePairRule", _name))  # fmt: skip
    add("plasticity rule", f"{_name}: w_min above 0",
        partial(_with_dependence, _name, _values | {"w_min": 0.5}, 1.0),
        "A range of weights that does not begin at 0.")  # fmt: skip


def _with_pairing(rule: str, name: str, sim: Any) -> dict[str, Any]:
    begin(sim)
    return plastic(sim, getattr(sim, rule)(**_TIMES), getattr(sim, name)(**DEPENDENCES[name]))


for _rule in ("NearestNeighbourSymmetricRule", "PresynapticCentredRule", "ReducedSymmetricRule"):
    for _name in ("AdditiveWeightDependence", "MultiplicativeWeightDependence"):
        add("plasticity rule", f"{_rule} with {_name}", partial(_with_pairing, _rule, _name),
            "Pairs of neighbouring spikes.", (_rule,))  # fmt: skip


@row("plasticity rule", "TripletRule", "TripletRule")
def triplet(sim: Any) -> dict[str, Any]:
    """Pairs and triplets of spikes."""
    begin(sim)
    timing = sim.TripletRule(A_plus=0.005, A_minus=0.01, A_plus_triplet=0.02, A_minus_triplet=0.01)
    return plastic(sim, timing, sim.AdditiveWeightDependence(**_RANGE))


for _fraction in (0.0, 0.4):
    add("plasticity rule", f"SpikePairRule: dendritic_delay_fraction {_fraction:g}",
        partial(_with_dependence, "AdditiveWeightDependence", _RANGE, _fraction),
        "A part of the delay lies before the synapse.")  # fmt: skip


@row("plasticity rule", "Vogels2011Rule", "Vogels2011Rule")
def vogels(sim: Any) -> dict[str, Any]:
    """Inhibitory plasticity: onto the inhibitory currents of cells that a current makes fire."""
    begin(sim)
    targets = cells(sim, i_offset=[0.2, 0.25, 0.3, 0.35, 0.4])
    synapse = sim.STDPMechanism(
        timing_dependence=sim.Vogels2011Rule(tau=20.0, eta=0.01, rho=10.0),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=-2.0),
        weight=-0.3, delay=1.5,
    )  # fmt: skip
    return _inhibiting(sim, synapse, targets)


@row("plasticity rule", "Vogels2011Rule onto conductances")
def vogels_conductance(sim: Any) -> dict[str, Any]:
    """Inhibitory plasticity of conductances."""
    begin(sim)
    targets = sim.Population(5, sim.IF_cond_exp(tau_refrac=2.0, i_offset=[0.8, 0.9, 1, 1.1, 1.2]))
    synapse = sim.STDPMechanism(
        timing_dependence=sim.Vogels2011Rule(tau=20.0, eta=0.01, rho=10.0),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=0.1),
        weight=0.01, delay=1.5,
    )  # fmt: skip
    return _inhibiting(sim, synapse, targets)


def _inhibiting(sim: Any, synapse: Any, targets: Any) -> dict[str, Any]:
    source = sources(sim, trains(6, 60.0, seed=3))
    projection = sim.Projection(
        source, targets, sim.AllToAllConnector(), synapse, receptor_type="inhibitory"
    )
    targets.record(["spikes", "v"])
    sim.run(100.0)
    return read(targets, "spikes", "v") | weights(projection)


def _onto(name: str, sim: Any) -> dict[str, Any]:
    begin(sim)
    targets = sim.Population(5, getattr(sim, name)(i_offset=[0.6, 0.7, 0.8, 0.9, 1.0]))
    dependence = sim.AdditiveWeightDependence(w_min=0.0, w_max=0.04)
    return plastic(sim, sim.SpikePairRule(**_TIMES), dependence, 0.02, targets=targets)


for _name in ("IF_cond_exp", "IF_cond_alpha", "EIF_cond_exp_isfa_ista", "HH_cond_exp"):
    add("plasticity rule", f"SpikePairRule onto {_name}", partial(_onto, _name),
        "Plastic conductances.",
        bound=BOUNDS.get(_name))  # fmt: skip


@row("plasticity rule", "SpikePairRule: Poisson sources")
def from_poisson(sim: Any) -> dict[str, Any]:
    """Drawn trains of a high rate, with several spikes under way at a time."""
    begin(sim)
    source = sim.Population(6, sim.SpikeSourcePoisson(rate=150.0))
    synapse = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(**_TIMES),
        weight_dependence=sim.AdditiveWeightDependence(**_RANGE), weight=1.0, delay=8.0,
    )  # fmt: skip
    targets = cells(sim)
    projection = sim.Projection(source, targets, sim.AllToAllConnector(), synapse)
    targets.record(["spikes", "v"])
    sim.run(100.0)
    return read(targets, "spikes", "v") | weights(projection)


@row("plasticity rule", "SpikePairRule: recurrent")
def recurrent(sim: Any) -> dict[str, Any]:
    """Plastic synapses within a population, of which each cell is driven."""
    begin(sim)
    targets = cells(sim, 20)
    drive(sim, targets, 0.6)
    synapse = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(**_TIMES),
        weight_dependence=sim.MultiplicativeWeightDependence(**_RANGE), weight=0.2, delay=1.0,
    )  # fmt: skip
    connector = sim.FixedProbabilityConnector(0.3, allow_self_connections=False)
    projection = sim.Projection(targets, targets, connector, synapse)
    targets.record(["spikes", "v"])
    sim.run(100.0)
    return read(targets, "spikes", "v") | weights(projection)


@row("plasticity rule", "SpikePairRule: values of each synapse")
def values_of_each(sim: Any) -> dict[str, Any]:
    """Time constants and amplitudes that differ from synapse to synapse."""
    begin(sim)
    share = np.linspace(0.8, 1.2, 30).reshape(6, 5)
    timing = sim.SpikePairRule(**_TIMES | {"tau_plus": 15.0 * share, "A_plus": 0.02 * share})
    return plastic(sim, timing, sim.AdditiveWeightDependence(**_RANGE))


@row("plasticity rule", "set(spike_times=) into plastic synapses")
def retimed(sim: Any) -> dict[str, Any]:
    """Trains that are set after the projection is made, denser than before."""
    begin(sim)
    source = sources(sim, [[50.0]] * 6)
    targets = cells(sim)
    synapse = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(**_TIMES),
        weight_dependence=sim.AdditiveWeightDependence(**_RANGE), weight=1.0, delay=8.0,
    )  # fmt: skip
    projection = sim.Projection(source, targets, sim.AllToAllConnector(), synapse)
    source.set(spike_times=[Sequence(times) for times in trains(6, 200.0, seed=3)])
    targets.record(["spikes", "v"])
    sim.run(100.0)
    return read(targets, "spikes", "v") | weights(projection)
