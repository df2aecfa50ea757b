"""A run of the small simulator: tables as the project stores them, states, and what was built."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipelines.diagnosis.run_pair import Evidence
from pipelines.sensitivity.simulator.network import Network
from pipelines.sensitivity.simulator.simulation import VARIABLES, Simulator, Switches


@dataclass
class SmallRun:
    """A finished run, whose tables a fault can change.

    Attributes
    ----------
    asked
        The network that was asked for.
    built
        The network that was simulated.
    kind, switches
        The simulator.
    record
        Its row of `runs`.
    spikes, weights, signals
        Its tables.
    """

    asked: Network
    built: Network
    kind: type[Simulator]
    switches: Switches
    record: dict[str, Any]
    spikes: pd.DataFrame
    weights: pd.DataFrame
    signals: pd.DataFrame

    @property
    def evidence(self) -> Evidence:
        """The run as evidence of a diagnosis by tables alone."""
        signals = self.signals if len(self.signals) else None
        return Evidence(self.record, self.spikes, self.weights, signals)

    def states(
        self, neurons: list[tuple[str, int]], until_ms: float
    ) -> dict[tuple[str, int], dict[str, np.ndarray]]:
        """Repeat the run, and record the state of neurons, as `Evidence.states` holds it."""
        network = self.built.copy()
        steps = np.ceil(min(until_ms, network.duration) / network.timestep - 1e-6)
        network.duration = float(np.round(steps * network.timestep, 9))
        simulator = self.kind(network, self.switches)
        own = [(name, k) for name, k in neurons if name in network.cells]
        samples = simulator.run(np.array([simulator.first[name] + k for name, k in own], int))
        time_ms = np.round(np.arange(len(samples)) * network.timestep, 10)
        return {
            key: {"time_ms": time_ms}
            | {name: samples[:, row, k] for row, name in enumerate(VARIABLES)}
            for k, key in enumerate(own)
        }


def simulate(
    asked: Network, built: Network | None = None, backend: str = "a",
    kind: type[Simulator] = Simulator, switches: Switches | None = None,
) -> SmallRun:  # fmt: skip
    """Simulate a network, and make the tables of the run.

    Parameters
    ----------
    asked
        The network that was asked for, whose digests and sizes are in the record.
    built
        The network that is simulated, if it is another one.
    backend
        Name of the backend in the record.
    kind, switches
        The simulator.
    """
    built, switches = built or asked, switches or Switches()
    simulator = kind(built, switches)
    wanted = [(name, k) for name, cells in built.recorded_signals.items() for k in cells]
    samples = simulator.run(np.array([simulator.first[name] + k for name, k in wanted], int))
    run_id = f"{backend}{asked.seed:04d}"
    return SmallRun(
        asked, built, kind, switches, _record(asked, backend, run_id),
        _spikes(simulator, run_id), _weights(simulator, run_id),
        _signals(samples, wanted, built.timestep, run_id),
    )  # fmt: skip


def _record(asked: Network, backend: str, run_id: str) -> dict[str, Any]:
    sources = dict.fromkeys(asked.sources, "SpikeSourceArray")
    types = dict.fromkeys(asked.cells, "IF_curr_exp") | sources
    projections = {
        name: {
            "pre": one.source, "post": one.target, "receptor": one.receptor,
            "synapse": "STDPMechanism" if one.rule else "StaticSynapse",
            "plastic": one.rule is not None,
        }
        for name, one in asked.synapses.items()
    }  # fmt: skip
    parameters = {
        name: {key: value.tolist() for key, value in one.parameters.items()}
        for name, one in asked.cells.items()
    }
    connections = {
        name: (one.pre, one.post, one.weight, one.delay_ms) for name, one in asked.synapses.items()
    }
    inputs = {**asked.sources, **{name: one.initial_v for name, one in asked.cells.items()}}
    return {
        "run_id": run_id, "experiment": "small", "backend": backend, "seed": asked.seed,
        **asked.parameters, "parameters": dict(asked.parameters), "status": "done", "error": "",
        "point_id": f"point{asked.seed:04d}", "connectivity_sha256": _digest(connections),
        "input_sha256": _digest(inputs), "population_sizes": json.dumps(asked.sizes),
        "cell_types": json.dumps({name: [kind] for name, kind in types.items()}),
        "projections": json.dumps(projections), "cell_parameters": json.dumps(parameters),
        "simulated_ms": asked.duration,
    }  # fmt: skip


def _digest(arrays: Mapping[str, Any]) -> str:
    digest = hashlib.sha256()
    for name, parts in sorted(arrays.items()):
        digest.update(name.encode())
        for part in parts if isinstance(parts, tuple | list) else [parts]:
            digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def _spikes(simulator: Simulator, run_id: str) -> pd.DataFrame:
    network = simulator.network
    frames = []
    steps = np.array([step for step, fired in simulator.spikes for _ in fired], int)
    fired = np.concatenate([np.empty(0, int), *(cells for _, cells in simulator.spikes)])
    time_ms = np.round((steps + simulator.switches.stamp_steps) * network.timestep, 10)
    for name, cells in network.cells.items():
        neuron = fired - simulator.first[name]
        own = (neuron >= 0) & (neuron < cells.n)
        frames.append(spike_frame(run_id, name, neuron[own], time_ms[own]))
    end = network.duration - simulator.switches.last_steps_missing * network.timestep
    for name, trains in network.sources.items():
        neuron = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
        times = np.concatenate([np.empty(0), *trains])
        inside = times <= end + 1e-9
        frames.append(spike_frame(run_id, name, neuron[inside], times[inside]))
    return pd.concat(frames, ignore_index=True)


def spike_frame(
    run_id: str, population: str, neuron: np.ndarray, time_ms: np.ndarray
) -> pd.DataFrame:
    """Rows of the table of spikes for one population, in the order of time."""
    order = np.lexsort((neuron, time_ms))
    return pd.DataFrame(
        {
            "run_id": run_id,
            "population": population,
            "neuron": neuron[order].astype(np.int32),
            "time_ms": time_ms[order],
        }
    )


def _weights(simulator: Simulator, run_id: str) -> pd.DataFrame:
    network = simulator.network
    frames = []
    for name, one in network.synapses.items():
        plastic = simulator.plastic.get(name)
        last = one.weight if plastic is None else plastic.transmitted
        readings = [(network.duration, last)]
        if network.initial_reading:
            readings.insert(0, (0.0, one.weight))
        for time_ms, weight in readings:
            frame = pd.DataFrame(
                {
                    "run_id": run_id,
                    "projection": name,
                    "pre": one.pre.astype(np.int32),
                    "post": one.post.astype(np.int32),
                    "weight": weight,
                    "delay_ms": one.delay_ms,
                    "time_ms": time_ms,
                }
            )
            frames.append(frame.sort_values(["pre", "post"], kind="stable"))
    return pd.concat(frames, ignore_index=True)


def _signals(
    samples: np.ndarray, recorded: list[tuple[str, int]], timestep: float, run_id: str
) -> pd.DataFrame:
    time_ms = np.round(np.arange(len(samples)) * timestep, 10)
    frames = [
        pd.DataFrame(
            {
                "run_id": run_id,
                "population": name,
                "neuron": np.int32(neuron),
                "variable": variable,
                "time_ms": time_ms,
                "value": samples[:, row, k],
            }
        )
        for k, (name, neuron) in enumerate(recorded)
        for row, variable in enumerate(VARIABLES)
    ]
    columns = ["run_id", "population", "neuron", "variable", "time_ms", "value"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
