"""Rows on what scripts change: states, weights and delays in mid-run, `reset`, what is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import space

from .operations import driven, plastic_network
from .program_parts import begin, cells, drive, of_segment, read, sources, trains, weights
from .row import row


@row("operation", "reset()")
def reset(sim: Any) -> dict[str, Any]:
    """The same run twice, each in a segment that keeps its data."""
    begin(sim)
    targets, _ = driven(sim)
    sim.run(50.0)
    sim.reset()
    sim.run(50.0)
    segments = targets.get_data().segments
    return of_segment(segments[0], "spikes", "v", label="first") | of_segment(
        segments[1], "spikes", "v", label="second"
    )


@row("operation", "reset() with plastic weights")
def reset_plastic(sim: Any) -> dict[str, Any]:
    """Weights are again as they were at the start."""
    begin(sim)
    targets, projection = plastic_network(sim)
    sim.run(100.0)
    sim.reset()
    back = weights(projection)
    sim.run(100.0)
    return read(targets, "spikes", "v") | {f"{k} after reset": v for k, v in back.items()}


@row("operation", "reset() and other parameters")
def reset_and_set(sim: Any) -> dict[str, Any]:
    """Cells and trains that are changed between the segments."""
    begin(sim)
    targets = cells(sim)
    source, _ = drive(sim, targets, 1.2)
    targets.record(["spikes", "v"])
    sim.run(50.0)
    sim.reset()
    targets.set(tau_m=30.0)
    source.set(spike_times=[5.0, 12.0, 12.5])
    sim.run(50.0)
    return read(targets, "spikes", "v")


@row("operation", "initialize() in mid-run")
def initialize(sim: Any) -> dict[str, Any]:
    """Membranes of a population that are set between two runs."""
    begin(sim)
    targets, _ = driven(sim)
    sim.run(30.0)
    targets.initialize(v=-60.0)
    sim.run(30.0)
    return read(targets, "spikes", "v")


@row("operation", "initialize() of a view in mid-run")
def initialize_view(sim: Any) -> dict[str, Any]:
    """Membranes of some cells that are set between two runs."""
    begin(sim)
    targets, _ = driven(sim)
    sim.run(30.0)
    targets[1:3].initialize(v=np.array([-55.0, -70.0]))
    sim.run(30.0)
    return read(targets, "spikes", "v")


@row("operation", "weights set in mid-run")
def static_weights(sim: Any) -> dict[str, Any]:
    """A matrix of static weights between two runs."""
    begin(sim)
    targets, projection = driven(sim)
    sim.run(50.0)
    projection.set(weight=np.linspace(0.2, 2.0, 20).reshape(4, 5))
    sim.run(50.0)
    return read(targets, "spikes", "v") | weights(projection)


@row("operation", "weights set from a list")
def weights_of_a_list(sim: Any) -> dict[str, Any]:
    """Weights as they are read, scaled and set again."""
    begin(sim)
    targets = cells(sim)
    source = sources(sim, trains(8, 120.0))
    draw = sim.RandomDistribution("uniform", low=0.5, high=2.0, rng=sim.NumpyRNG(seed=2))
    synapse = sim.StaticSynapse(weight=draw, delay=1.0)
    connector = sim.FixedProbabilityConnector(0.5, rng=sim.NumpyRNG(seed=3))
    projection = sim.Projection(source, targets, connector, synapse)
    listed = projection.get("weight", format="list", with_address=False)
    projection.set(weight=[2 * weight for weight in listed])
    targets.record(["spikes", "v"])
    sim.run(60.0)
    return read(targets, "spikes", "v") | weights(projection)


@row("operation", "delays set in mid-run")
def delays(sim: Any) -> dict[str, Any]:
    """Other delays in the second run."""
    begin(sim)
    targets, projection = driven(sim)
    sim.run(50.0)
    projection.set(delay=2.5)
    sim.run(50.0)
    return read(targets, "spikes", "v") | weights(projection)


@row("operation", "plastic weights set in mid-run")
def plastic_weights(sim: Any) -> dict[str, Any]:
    """Weights that are normalised between two runs."""
    begin(sim)
    targets, projection = plastic_network(sim)
    sim.run(50.0)
    matrix = projection.get("weight", format="array")
    projection.set(weight=0.9 * matrix)
    sim.run(50.0)
    return read(targets, "spikes", "v") | weights(projection)


@row("operation", "rule parameters set in mid-run")
def rule_parameters(sim: Any) -> dict[str, Any]:
    """Learning that is frozen between two runs, and goes on with other time constants."""
    begin(sim)
    targets, projection = plastic_network(sim)
    sim.run(30.0)
    projection.set(A_plus=0.0, A_minus=0.0)
    sim.run(30.0)
    frozen = weights(projection)
    projection.set(A_plus=0.02, A_minus=0.015, tau_plus=10.0, w_max=1.5)
    sim.run(40.0)
    found = read(targets, "spikes", "v") | weights(projection)
    return found | {f"{k} while frozen": v for k, v in frozen.items()}


@row("operation", "short-term parameters set in mid-run")
def short_term_parameters(sim: Any) -> dict[str, Any]:
    """Depression that is stronger in the second run."""
    begin(sim)
    targets = cells(sim)
    synapse = sim.TsodyksMarkramSynapse(U=0.3, tau_rec=60.0, tau_facil=20.0, weight=4.0, delay=1.0)
    source = sources(sim, trains(6, 80.0))
    projection = sim.Projection(source, targets, sim.AllToAllConnector(), synapse)
    targets.record(["spikes", "v"])
    sim.run(50.0)
    projection.set(U=0.6, tau_rec=90.0)
    sim.run(50.0)
    return read(targets, "spikes", "v")


@row("operation", "reset() twice, plastic weights and parameters set between")
def reset_twice(sim: Any) -> dict[str, Any]:
    """Three segments with other parameters, and spikes under way at each reset."""
    begin(sim)
    targets, projection = plastic_network(sim)
    for nA in (0.0, 0.2, 0.4):
        targets.set(i_offset=nA)
        sim.run(41.0)
        projection.set(weight=0.5, A_plus=0.05)
        sim.reset()
    sim.run(40.0)
    found: dict[str, Any] = {}
    for number, segment in enumerate(targets.get_data().segments):
        found |= of_segment(segment, "spikes", "v", label=f"segment {number}")
    return found | weights(projection)


@row("operation", "random values without an rng", "NumpyRNG")
def drawn(sim: Any) -> dict[str, Any]:
    """Parameters, initial values and weights from distributions, with a seed and without."""
    begin(sim)
    rng = sim.NumpyRNG(seed=12)
    uniform = sim.RandomDistribution
    targets = cells(
        sim, tau_m=uniform("uniform", low=15.0, high=25.0),
        i_offset=uniform("normal", mu=0.2, sigma=0.05, rng=rng),
    )  # fmt: skip
    targets.initialize(v=uniform("uniform", low=-65.0, high=-55.0))
    synapse = sim.StaticSynapse(
        weight=uniform("normal_clipped", mu=1.0, sigma=0.5, low=0.0, high=3.0), delay=1.0
    )
    source = sources(sim, trains(8, 100.0))
    projection = sim.Projection(source, targets, sim.FixedProbabilityConnector(0.5), synapse)
    targets.record(["spikes", "v"])
    sim.run(60.0)
    return read(targets, "spikes", "v") | weights(projection)


@row("operation", "sample() and positions without an rng")
def sampled(sim: Any) -> dict[str, Any]:
    """Views of cells that are drawn, and cells that are placed at random."""
    begin(sim)
    targets = cells(sim, 9, space.Grid2D(fill_order="random"), i_offset=0.2)
    targets.sample(4).set(i_offset=0.5)
    near = sim.DistanceDependentProbabilityConnector("d < 1.2")
    synapse = sim.StaticSynapse(weight=0.8, delay=1.0)
    projection = sim.Projection(targets, targets.sample(5), near, synapse)
    targets.record("spikes")
    sim.run(60.0)
    return read(targets) | weights(projection) | {"positions": np.array(targets.positions)}


@row("operation", "set() of a list of values")
def listed(sim: Any) -> dict[str, Any]:
    """Weights and delays, one a connection, in the order in which they are read."""
    begin(sim)
    targets = cells(sim)
    source = sources(sim, trains(8, 100.0))
    synapse = sim.StaticSynapse(weight=1.0, delay=1.0)
    projection = sim.Projection(source, targets, sim.FixedProbabilityConnector(0.5), synapse)
    values = np.linspace(0.5, 2.5, len(projection))
    projection.set(weight=values.tolist(), delay=0.1 * np.floor(10 * values))
    order = np.array(projection.get("weight", format="list"))
    targets.record(["spikes", "v"])
    sim.run(60.0)
    return read(targets, "spikes", "v") | weights(projection) | {"as read": order}
