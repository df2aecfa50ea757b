"""Pieces of which the programs of the support matrix are made."""

from __future__ import annotations

from collections.abc import Sequence as Many
from typing import Any

import numpy as np
from pyNN.parameters import Sequence

DT = 0.1  # ms


def begin(sim: Any, **options: Any) -> None:
    """A fresh network with a time step of 0.1 ms."""
    sim.setup(**{"timestep": DT, "min_delay": DT, "rng_seed": 5} | options)


def trains(n: int, rate: float, duration: float = 100.0, seed: int = 1) -> list[np.ndarray]:
    """Times (ms) of `n` irregular trains of `rate` spikes a second, at most one in a step."""
    rng = np.random.default_rng(seed)
    steps = np.arange(5, round(duration / DT))
    fires = rng.random((n, len(steps))) < rate * DT / 1000
    return [np.round(steps[row] * DT, 10) for row in fires]


def sources(sim: Any, times: Many[Any], structure: Any = None) -> Any:
    """A population that plays one train a source."""
    played = sim.SpikeSourceArray(spike_times=[*map(Sequence, times)])
    return sim.Population(len(times), played, structure=structure)


def cells(sim: Any, n: int = 5, structure: Any = None, **values: Any) -> Any:
    """Integrate-and-fire cells at rest, which a few synaptic currents bring to their threshold."""
    given = {"tau_refrac": 2.0, "cm": 0.25, "tau_syn_E": 2.0, "tau_syn_I": 4.0} | values
    at_rest = {"v": -65.0}
    return sim.Population(n, sim.IF_curr_exp(**given), initial_values=at_rest, structure=structure)


def drive(sim: Any, targets: Any, weight: float = 1.0, rate: float = 100.0, **options: Any) -> Any:
    """Irregular trains onto some cells: the sources, and their projection."""
    source = sources(sim, trains(4, rate, **options))
    synapse = sim.StaticSynapse(weight=weight, delay=1.0)
    receptor = "excitatory" if weight >= 0 else "inhibitory"
    return source, sim.Projection(
        source, targets, sim.AllToAllConnector(), synapse, receptor_type=receptor
    )


def read(population: Any, *variables: str, label: str = "", segment: int = -1) -> dict[str, Any]:
    """What was recorded of a population, view or assembly, through PyNN's own `get_data`."""
    return of_segment(population.get_data().segments[segment], *variables, label=label)


def of_segment(segment: Any, *variables: str, label: str = "") -> dict[str, Any]:
    """Some variables of one of Neo's segments; spikes if none is named."""
    found = {}
    for variable in variables or ("spikes",):
        name = f"{label} {variable}".strip()
        if variable == "spikes":
            found[name] = np.array([
                (train.annotations["source_index"], time)
                for train in segment.spiketrains
                for time in train.rescale("ms").magnitude
            ]).reshape(-1, 2)  # fmt: skip
        else:
            signals = segment.filter(name=variable)
            found[name] = np.concatenate([np.asarray(one.magnitude) for one in signals], axis=1)
    return found


def weights(projection: Any, *names: str) -> dict[str, np.ndarray]:
    """Attributes of all synapses, with their addresses, in the order of these."""
    columns = names or ("weight", "delay")
    rows = np.array(projection.get([*columns], format="list"), dtype=float).reshape(
        -1, 2 + len(columns)
    )
    rows = rows[np.lexsort(rows.T[::-1])]
    return {f"{name} of synapses": rows[:, k] for k, name in enumerate(("pre", "post", *columns))}
