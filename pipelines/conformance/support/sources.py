"""Rows on spike sources and on currents."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from pyNN.parameters import Sequence

from .program_parts import begin, cells, drive, read, sources, trains
from .row import add, row


def played(sim: Any, source: Any, duration: float = 100.0, weight: float = 0.5) -> dict[str, Any]:
    """Spikes of sources and of cells that they drive, with the membranes of these."""
    targets = cells(sim, source.size)
    synapse = sim.StaticSynapse(weight=weight, delay=1.0)
    sim.Projection(source, targets, sim.OneToOneConnector(), synapse)
    source.record("spikes")
    targets.record(["spikes", "v"])
    sim.run(duration)
    return read(source, label="source") | read(targets, "spikes", "v", label="target")


@row("source", "SpikeSourceArray", "SpikeSourceArray")
def array(sim: Any) -> dict[str, Any]:
    """A train for each source."""
    begin(sim)
    return played(sim, sources(sim, trains(5, 200.0)), weight=2.0)


@row("source", "SpikeSourceArray: a spike at t = 0")
def at_zero(sim: Any) -> dict[str, Any]:
    """A spike at the start, before the smallest delay has passed."""
    begin(sim)
    return played(sim, sources(sim, [[0.0], [0.0, 0.1, 5.0]]), 20.0, weight=5.0)


@row("source", "SpikeSourceArray: two spikes in a step")
def two_in_a_step(sim: Any) -> dict[str, Any]:
    """Times 0.04 ms apart, of which the target gets both."""
    begin(sim)
    return played(sim, sources(sim, [[10.0, 10.04], [10.0, 10.0, 20.0]]), 40.0, weight=3.0)


@row("source", "SpikeSourceArray: times beside the grid")
def off_the_grid(sim: Any) -> dict[str, Any]:
    """Times that are no whole number of steps."""
    begin(sim)
    return played(sim, sources(sim, [[3.333, 7.777], [5.05, 12.34]]), 30.0, weight=5.0)


def _drawn(name: str, values: dict[str, Any], n: int, weight: float, sim: Any) -> dict[str, Any]:
    begin(sim)
    return played(sim, sim.Population(n, getattr(sim, name)(**values)), weight=weight)


for _name, _aside, _values, _weight in (
    ("SpikeSourcePoisson", "", {"rate": 80.0, "start": 10.0, "duration": 80.0}, 1.0),
    ("SpikeSourcePoisson", "a rate for each", {"rate": [0.0, 10.0, 50.0, 100.0, 400.0]}, 1.0),
    ("SpikeSourcePoisson", "20,000 a second", {"rate": 20000.0}, 0.02),
    ("SpikeSourcePoissonRefractory", "", {"rate": 80.0, "tau_refrac": 3.0}, 1.0),
    ("SpikeSourceGamma", "", {"alpha": 2, "beta": 100.0}, 1.0),
    ("SpikeSourceInhGamma", "",
     {"a": Sequence([2.0, 3.0]), "b": Sequence([0.01, 0.02]), "tbins": Sequence([0.0, 50.0])}, 1.0),
):  # fmt: skip
    add("source", f"{_name}: {_aside}" if _aside else _name,
        partial(_drawn, _name, _values, 5, _weight), "Trains drawn from the seed of the set-up.",
        (_name,))  # fmt: skip


def set_between(sim: Any, source: Any, values: Any, weight: float = 1.0) -> dict[str, Any]:
    """Spikes of sources and targets, where values are set between two runs of 50 ms."""
    targets = cells(sim, source.size)
    synapse = sim.StaticSynapse(weight=weight, delay=1.0)
    sim.Projection(source, targets, sim.OneToOneConnector(), synapse)
    source.record("spikes")
    targets.record("spikes")
    sim.run(50.0)
    source.set(**values)
    sim.run(50.0)
    return read(source, label="source") | read(targets, label="target")


@row("source", "SpikeSourcePoisson: set(rate=) between runs")
def another_rate(sim: Any) -> dict[str, Any]:
    """A stimulus of another rate in the second run."""
    begin(sim)
    source = sim.Population(5, sim.SpikeSourcePoisson(rate=50.0))
    return set_between(sim, source, {"rate": 300.0}, weight=3.0)


@row("source", "SpikeSourceArray: set(spike_times=) between runs")
def other_times(sim: Any) -> dict[str, Any]:
    """Trains for the second run, set before it."""
    begin(sim)
    source = sources(sim, trains(5, 200.0, duration=50.0))
    later = [Sequence(times + 50.0) for times in trains(5, 200.0, duration=50.0, seed=2)]
    return set_between(sim, source, {"spike_times": later}, weight=2.0)


def injected(sim: Any, current: Any, start: float = 0.0, n: int = 3) -> dict[str, Any]:
    """Cells into which a current is injected at some time, and the current as it is recorded."""
    targets = cells(sim, n)
    targets.record(["spikes", "v"])
    if start:
        sim.run(start)
    current.inject_into(targets[: n - 1])
    sim.run(100.0 - start)
    return read(targets, "spikes", "v")


_CURRENTS: dict[str, dict[str, Any]] = {
    "DCSource": {"amplitude": 0.5, "start": 20.0, "stop": 80.0},
    "ACSource": {
        "amplitude": 0.4, "offset": 0.2, "frequency": 30.0, "phase": 45.0,
        "start": 20.0, "stop": 80.0,
    },
    "StepCurrentSource": {
        "times": [10.0, 30.0, 60.0, 90.0], "amplitudes": [0.3, 0.6, -0.2, 0.5],
    },
    "NoisyCurrentSource": {"mean": 0.5, "stdev": 0.3, "start": 10.0, "stop": 90.0, "dt": 0.1},
}  # fmt: skip


def _from_the_start(name: str, sim: Any) -> dict[str, Any]:
    begin(sim)
    return injected(sim, getattr(sim, name)(**_CURRENTS[name]))


def _in_mid_run(name: str, sim: Any) -> dict[str, Any]:
    begin(sim)
    return injected(sim, getattr(sim, name)(**_CURRENTS[name]), start=40.0)


def _recorded(name: str, sim: Any) -> dict[str, Any]:
    begin(sim)
    current = getattr(sim, name)(**_CURRENTS[name])
    current.record()
    found = injected(sim, current)
    return found | {"current": np.asarray(current.get_data().magnitude, dtype=float)}


for _name in _CURRENTS:
    add("current source", _name, partial(_from_the_start, _name),
        "Injected into a view before the run.", (_name,))  # fmt: skip
    add("current source", f"{_name}: injected in mid-run", partial(_in_mid_run, _name),
        "Injected between two runs.")  # fmt: skip
    add("current source", f"{_name}: recorded", partial(_recorded, _name),
        "The current itself, through record() and get_data().")  # fmt: skip


@row("current source", "DCSource: from t = 0")
def from_zero(sim: Any) -> dict[str, Any]:
    """A current that begins with the run."""
    begin(sim)
    return injected(sim, sim.DCSource(amplitude=0.5, start=0.0, stop=50.0))


@row("current source", "several in one cell")
def several(sim: Any) -> dict[str, Any]:
    """Three currents that overlap in the same cells, with trains of spikes."""
    begin(sim)
    targets = cells(sim)
    drive(sim, targets)
    for name in ("DCSource", "ACSource", "StepCurrentSource"):
        getattr(sim, name)(**_CURRENTS[name]).inject_into(targets)
    targets.record(["spikes", "v"])
    sim.run(100.0)
    return read(targets, "spikes", "v")


@row("current source", "amplitude set between runs")
def another_amplitude(sim: Any) -> dict[str, Any]:
    """A constant current that is made larger in mid-run."""
    begin(sim)
    targets = cells(sim)
    current = sim.DCSource(amplitude=0.2, start=10.0, stop=90.0)
    current.inject_into(targets)
    targets.record(["spikes", "v"])
    sim.run(50.0)
    current.amplitude = 0.6
    sim.run(50.0)
    return read(targets, "spikes", "v")
