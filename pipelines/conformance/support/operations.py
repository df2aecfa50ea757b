"""Rows on what scripts do with a network: run it, record, read, connect parts of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .program_parts import begin, cells, drive, of_segment, read, sources, trains, weights
from .row import row

_PAIR_RULE = {"tau_plus": 15.0, "tau_minus": 25.0, "A_plus": 0.02, "A_minus": 0.015}


def plastic_network(sim: Any) -> tuple[Any, Any]:
    """Driven cells, of which plastic synapses are recorded too: cells and projection."""
    targets = cells(sim)
    drive(sim, targets, 0.8)
    synapse = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(**_PAIR_RULE),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=2.0),
        weight=1.0, delay=1.5,
    )  # fmt: skip
    source = sources(sim, trains(6, 60.0, seed=3))
    projection = sim.Projection(source, targets, sim.AllToAllConnector(), synapse)
    targets.record(["spikes", "v"])
    return targets, projection


def driven(sim: Any) -> tuple[Any, Any]:
    """Cells that record spikes and membranes, and the static projection that drives them."""
    targets = cells(sim)
    _, projection = drive(sim, targets, 1.2)
    targets.record(["spikes", "v"])
    return targets, projection


@row("operation", "run() in pieces")
def in_pieces(sim: Any) -> dict[str, Any]:
    """Many runs, some of them of one step."""
    begin(sim)
    targets, _ = driven(sim)
    for duration in (0.1, 0.1, 20.0, 0.3, 39.5, 40.0):
        sim.run(duration)
    return read(targets, "spikes", "v") | {"time": np.array([sim.get_current_time()])}


@row("operation", "run_until() and run_for()")
def until(sim: Any) -> dict[str, Any]:
    """To a time, for a time, and for no time."""
    begin(sim)
    targets, _ = driven(sim)
    sim.run_until(30.0)
    sim.run_for(30.0)
    sim.run(0.0)
    sim.run_until(100.0)
    return read(targets, "spikes", "v")


@row("operation", "callbacks of run()")
def callbacks(sim: Any) -> dict[str, Any]:
    """A function that is called every 0.1 ms, and one that changes a parameter."""
    begin(sim)
    targets, _ = driven(sim)
    called: list[float] = []

    def each_step(time: float) -> float:
        called.append(time)
        return time + 0.1

    def stronger(time: float) -> float:
        targets.set(i_offset=0.005 * time)
        return time + 10.0

    sim.run(5.0, callbacks=[each_step])
    sim.run(75.0, callbacks=[stronger])
    return read(targets, "spikes", "v") | {"called at": np.array(called)}


@row("operation", "time step of 0.25 ms")
def coarse(sim: Any) -> dict[str, Any]:
    """Another grid."""
    begin(sim, timestep=0.25, min_delay=0.25)
    targets = cells(sim)
    source = sources(sim, [[5.0, 10.25, 20.5, 20.75, 21.0], [9.75, 10.0, 20.5, 30.0]])
    synapse = sim.StaticSynapse(weight=2.0, delay=0.75)
    sim.Projection(source, targets, sim.AllToAllConnector(), synapse)
    targets.record(["spikes", "v"])
    sim.run(50.0)
    return read(targets, "spikes", "v")


@row("operation", "time step of 1 ms")
def very_coarse(sim: Any) -> dict[str, Any]:
    """The grid of the smallest delays of many models."""
    begin(sim, timestep=1.0, min_delay=1.0)
    targets = cells(sim, tau_refrac=2.0)
    source = sources(sim, [[5.0, 10.0, 20.0, 21.0], [9.0, 10.0, 20.0, 30.0]])
    synapse = sim.StaticSynapse(weight=2.0, delay=1.0)
    sim.Projection(source, targets, sim.AllToAllConnector(), synapse)
    targets.record(["spikes", "v"])
    sim.run(50.0)
    return read(targets, "spikes", "v")


@row("operation", "setup() without arguments")
def default_setup(sim: Any) -> dict[str, Any]:
    """PyNN's defaults: the smallest delay is found from the network."""
    sim.setup()
    targets, _ = driven(sim)
    sim.run(100.0)
    return read(targets, "spikes", "v")


@row("operation", "threads")
def threads(sim: Any) -> dict[str, Any]:
    """Two threads of the simulator, where it has them."""
    begin(sim, threads=2)
    targets, projection = plastic_network(sim)
    sim.run(100.0)
    return read(targets, "spikes", "v") | weights(projection)


@row("operation", "a second setup()")
def second_setup(sim: Any) -> dict[str, Any]:
    """A network that is thrown away, and another one."""
    begin(sim)
    driven(sim)
    sim.run(20.0)
    sim.end()
    begin(sim)
    targets, _ = driven(sim)
    sim.run(50.0)
    return read(targets, "spikes", "v")


@row("operation", "set() of an assembly", "Assembly")
def assembly_set(sim: Any) -> dict[str, Any]:
    """An assembly that is set, initialised, driven, recorded and read as one."""
    begin(sim)
    first, second = cells(sim, 3), cells(sim, 4)
    both = first + second[1:4]
    both.initialize(v=-62.0)
    both.set(tau_m=15.0)
    both.record(["spikes", "v"])
    drive(sim, both, 1.2)
    sim.run(50.0)
    both.set(i_offset=0.3)
    sim.run(50.0)
    return read(first, "spikes", "v", label="first") | read(second, "spikes", "v", label="second")


@row("operation", "an assembly as source and target")
def assembly_projection(sim: Any) -> dict[str, Any]:
    """Weights of each connection between assemblies."""
    begin(sim)
    first, second = cells(sim, 3), cells(sim, 4)
    both = first + second
    drive(sim, both, 1.5)
    weight = np.linspace(0.1, 0.9, 49).reshape(7, 7)
    synapse = sim.StaticSynapse(weight=weight, delay=1.0)
    projection = sim.Projection(
        both, both, sim.AllToAllConnector(), synapse, receptor_type="excitatory"
    )
    both.record("spikes")
    sim.run(60.0)
    return read(first, label="first") | read(second, label="second") | weights(projection)


@row("operation", "views of populations", "PopulationView")
def views(sim: Any) -> dict[str, Any]:
    """Views by slice, by mask and by sample as sources, targets and of what is recorded."""
    begin(sim)
    targets = cells(sim, 10, i_offset=0.2)
    mask = np.array([True, False] * 5)
    drive(sim, targets[mask], 1.5)
    sampled = targets.sample(4, rng=sim.NumpyRNG(seed=6))
    synapse = sim.StaticSynapse(weight=0.8, delay=1.0)
    projection = sim.Projection(targets[:5], sampled, sim.AllToAllConnector(), synapse)
    targets[2:9].record(["spikes", "v"])
    sim.run(80.0)
    return read(targets[2:9], "spikes", "v") | weights(projection)


@row("operation", "record() of some neurons")
def record_some(sim: Any) -> dict[str, Any]:
    """Spikes and membranes of different lists of neurons of one population."""
    begin(sim)
    targets = cells(sim, 8, i_offset=0.4)
    drive(sim, targets, 1.5)
    targets[[0, 3, 7]].record("spikes")
    targets[[6, 1]].record("v", sampling_interval=0.5)
    sim.run(80.0)
    return read(targets, "spikes", label="spikes") | read(targets, "v", label="v")


@row("operation", "record() in mid-run")
def record_later(sim: Any) -> dict[str, Any]:
    """Spikes that are recorded from the second run on."""
    begin(sim)
    targets = cells(sim)
    drive(sim, targets, 1.5)
    sim.run(40.0)
    targets.record("spikes")
    sim.run(60.0)
    return read(targets)


@row("operation", "record() of signals in mid-run")
def record_signals_later(sim: Any) -> dict[str, Any]:
    """Membranes of more cells, and currents, from the second run on."""
    begin(sim)
    targets = cells(sim)
    drive(sim, targets, 1.5)
    targets[0:2].record("v")
    sim.run(40.0)
    targets.record(["v", "isyn_exc"])
    sim.run(60.0)
    segment = targets.get_data().segments[0]
    return {
        one.name: np.column_stack([one.times.rescale("ms"), np.nan_to_num(one.magnitude)])
        for one in segment.analogsignals
    }


@row("operation", "sampling_interval")
def sampled(sim: Any) -> dict[str, Any]:
    """A sample a millisecond."""
    begin(sim)
    targets = cells(sim)
    drive(sim, targets, 1.5)
    targets.record(["v", "isyn_exc", "isyn_inh"], sampling_interval=1.0)
    sim.run(60.0)
    return read(targets, "v", "isyn_exc", "isyn_inh")


@row("operation", "get_data() in mid-run")
def read_between(sim: Any) -> dict[str, Any]:
    """Data that are read between runs, and again at the end."""
    begin(sim)
    targets, _ = driven(sim)
    sim.run(30.0)
    first = read(targets, "spikes", "v", label="first")
    sim.run(30.0)
    return first | read(targets, "spikes", "v")


@row("operation", "get_data(clear=True)")
def cleared(sim: Any) -> dict[str, Any]:
    """Pieces of the record, each read once."""
    begin(sim)
    targets, _ = driven(sim)
    found: dict[str, Any] = {}
    for piece in range(3):
        sim.run(30.0)
        segment = targets.get_data(clear=True).segments[-1]
        found |= of_segment(segment, "spikes", "v", label=f"piece {piece}")
    return found


@row("operation", "get_spike_counts() and mean_spike_count()")
def counted(sim: Any) -> dict[str, Any]:
    """Numbers of spikes in a view, in mid-run and at the end."""
    begin(sim)
    targets, _ = driven(sim)
    sim.run(50.0)
    first = list(targets[1:4].get_spike_counts().values())
    sim.run(50.0)
    return {"first": np.array(first), "mean": np.array([targets.mean_spike_count()])}


@row("operation", "plastic weights read in mid-run")
def plastic_read(sim: Any) -> dict[str, Any]:
    """Weights that are read every 25 ms."""
    begin(sim)
    targets, projection = plastic_network(sim)
    found: dict[str, Any] = {}
    for piece in range(4):
        sim.run(25.0)
        found |= {f"{k} in piece {piece}": v for k, v in weights(projection).items()}
    return found | read(targets, "spikes", "v")


@row("operation", "receptor of a projection that names none")
def receptor(sim: Any) -> dict[str, Any]:
    """Negative weights are inhibitory, positive ones excitatory, onto an assembly too."""
    begin(sim)
    first, second = cells(sim, 3, i_offset=0.3), cells(sim, 2, i_offset=0.4)
    both = first + second
    for weight, seed in ((0.8, 1), (-0.4, 2)):
        synapse = sim.StaticSynapse(weight=weight, delay=1.0)
        source = sources(sim, trains(4, 100.0, seed=seed))
        sim.Projection(source, both, sim.AllToAllConnector(), synapse)
    both.record(["spikes", "v"])
    sim.run(60.0)
    return read(first, "spikes", "v", label="first") | read(second, "spikes", "v", label="second")
