"""A deterministic network of a few integrate-and-fire neurons, for tests of causes.

Sources drive two recurrent populations, one of them with a plastic projection onto itself, and
these drive a readout, which reaches nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from pipelines.diagnosis.run_pair import Evidence, Pair
from tests.synthetic import spike_frame, weight_frame

DT = 0.1
SIZES = {"stim": 24, "exc": 30, "inh": 12, "readout": 10}
# pre, post, probability, weight (mV), delay (steps)
PROJECTIONS = {
    "stim_exc": ("stim", "exc", 0.4, 3.0, 15),
    "stim_inh": ("stim", "inh", 0.4, 2.5, 15),
    "exc_exc": ("exc", "exc", 0.3, 0.6, 12),
    "exc_inh": ("exc", "inh", 0.3, 1.2, 20),
    "inh_exc": ("inh", "exc", 0.4, -1.5, 10),
    "exc_readout": ("exc", "readout", 0.5, 1.6, 18),
}


@dataclass(frozen=True)
class Network:
    """What is simulated: trains of the sources, synapses and constants of the cells."""

    trains: dict[int, np.ndarray]
    synapses: dict[str, dict[str, np.ndarray]]
    tau_m: float = 12.0
    refractory: int = 20
    threshold: float = 10.0
    start: float = 0.0
    euler: bool = False
    silent: dict[str, tuple[int, ...]] = field(default_factory=dict)
    steps: int = 4000
    stamp: int = 0
    learning: float = 0.02


def network(seed=1):
    """The network that all tests begin with."""
    rng = np.random.default_rng(seed)
    trains = {k: np.unique(rng.integers(10, 3990, rng.poisson(16))) for k in range(SIZES["stim"])}
    synapses = {}
    for name, (pre, post, p, weight, delay) in PROJECTIONS.items():
        i, j = np.nonzero(rng.random((SIZES[pre], SIZES[post])) < p)
        keep = (i != j) if pre == post else np.ones(len(i), bool)
        i, j = i[keep], j[keep]
        synapses[name] = {
            "pre": i, "post": j, "weight": weight * rng.uniform(0.7, 1.3, len(i)),
            "delay": delay + rng.integers(-3, 4, len(i)),
        }  # fmt: skip
    return Network(trains, synapses)


def with_synapses(net, name, **changed):
    """The network with other arrays of one projection."""
    return replace(net, synapses={**net.synapses, name: {**net.synapses[name], **changed}})


def without(net, *names):
    """The network without some projections."""
    return replace(net, synapses={k: v for k, v in net.synapses.items() if k not in names})


def with_trains(net, change):
    """The network with trains that a function of neuron and steps returns."""
    return replace(net, trains={k: np.asarray(change(k, t)) for k, t in net.trains.items()})


def run(net, minimal=False, record=None, **columns):
    """Simulate a network; its tables have the minimal columns only on request."""
    cells = [name for name in SIZES if name != "stim"]
    n = net.steps + 200
    ring = {name: np.zeros((n, SIZES[name])) for name in cells}
    v = {name: np.full(SIZES[name], net.start) for name in cells}
    wait = {name: np.zeros(SIZES[name], int) for name in cells}
    leak = 1 - DT / net.tau_m if net.euler else np.exp(-DT / net.tau_m)
    at = {name: [[], []] for name in SIZES}
    fired = {name: np.zeros(0, int) for name in SIZES}
    sent = [[] for _ in range(n)]
    for k, train in net.trains.items():
        for step in train[train < net.steps]:
            sent[step].append(k)
    weights = {name: s["weight"].astype(float).copy() for name, s in net.synapses.items()}
    last = np.full(SIZES["exc"], -10_000)
    potential = []
    readings = []
    for step in range(net.steps):
        fired["stim"] = np.array(sorted(sent[step]), int)
        for name in cells:
            held = wait[name] > 0
            v[name] = np.where(held, 0.0, leak * v[name] + ring[name][step])
            wait[name] -= held
            over = v[name] >= net.threshold
            over[list(net.silent.get(name, ()))] = False
            v[name][over], wait[name][over] = 0.0, net.refractory
            fired[name] = np.flatnonzero(over)
        for name, who in fired.items():
            at[name][0].extend(who)
            at[name][1].extend([step + (net.stamp if name != "stim" else 0)] * len(who))
        for name, synapse in net.synapses.items():
            pre, post = PROJECTIONS[name][:2]
            if len(fired[pre]):
                of = np.isin(synapse["pre"], fired[pre])
                np.add.at(
                    ring[post], (step + synapse["delay"][of], synapse["post"][of]),
                    weights[name][of],
                )  # fmt: skip
        if len(fired["exc"]) and "exc_exc" in net.synapses:
            plastic = net.synapses["exc_exc"]
            learns = np.isin(plastic["post"], fired["exc"])
            lag = step - last[plastic["pre"]]
            weights["exc_exc"][learns] += net.learning * (np.exp(-lag[learns] / 150.0) - 0.3)
            last[fired["exc"]] = step
        if step % 5 == 0:
            potential.append(np.append(v["exc"][:3], v["readout"][:2]))
        if step + 1 in (net.steps // 2, net.steps):
            readings.append((round((step + 1) * DT, 9), {k: w.copy() for k, w in weights.items()}))
    return _evidence(net, at, readings, np.array(potential), minimal, record, columns)


def _evidence(net, at, readings, potential, minimal, record, columns):
    spikes = pd.concat(
        [spike_frame("r", name, who, np.round(np.array(step, float) * DT, 9))
         for name, (who, step) in at.items() if record is None or name in record],
        ignore_index=True,
    )  # fmt: skip
    weights = pd.concat(
        [weight_frame("r", name, s["pre"], s["post"], now[name], s["delay"] * DT, time_ms)
         for time_ms, now in readings for name, s in net.synapses.items()],
        ignore_index=True,
    )  # fmt: skip
    if minimal:
        last = weights[weights["time_ms"] == weights["time_ms"].max()]
        return Evidence({}, spikes, last.assign(delay_ms=np.nan, time_ms=np.nan))
    time_ms = np.round(np.arange(len(potential)) * 5 * DT, 9)
    signals = pd.concat(
        [pd.DataFrame({"run_id": "r", "population": name, "neuron": k, "variable": "v",
                       "time_ms": time_ms, "value": potential[:, column]})
         for column, (name, k) in enumerate(
             [("exc", 0), ("exc", 1), ("exc", 2), ("readout", 0), ("readout", 1)])],
        ignore_index=True,
    )  # fmt: skip
    said = {
        "seed": 1, "simulated_ms": net.steps * DT,
        "cell_types": {k: ["SpikeSourceArray" if k == "stim" else "IF"] for k in SIZES},
        "projections": {
            name: {"pre": pre, "post": post, "receptor": "", "synapse": "",
                   "plastic": name == "exc_exc"}
            for name, (pre, post, *_) in PROJECTIONS.items()
        },
    }  # fmt: skip
    return Evidence(said | columns, spikes, weights, signals)


def pair(a, b):
    """Two runs to be compared."""
    return Pair(a, b, DT)


def only_spikes(one):
    """A run of which only spikes are known."""
    return Evidence({}, one.spikes, one.weights.iloc[:0])
