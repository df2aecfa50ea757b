"""The state of one neuron in a run that is carried out again, as far as it is of interest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.errors import CounterpointError
from pipelines.execution.child_process import in_fresh
from pipelines.execution.processes import one_line

# What is recorded where a neuron has it; conductances take the place of currents.
_STATE = ("v", "isyn_exc", "isyn_inh", "gsyn_exc", "gsyn_inh")


@dataclass(frozen=True)
class Request:
    """Which neuron of which run, and when.

    Attributes
    ----------
    root
        The project's folder.
    experiment, backend, parameters, seed
        Of the run.
    population, neuron
        The name that `build` returns, and the index in it.
    until_ms
        The end of the time that is of interest.
    independent_draws
        Of the run.
    """

    root: Path
    experiment: str
    backend: str
    parameters: Mapping[str, Any]
    seed: int
    population: str
    neuron: int
    until_ms: float
    independent_draws: bool = False


def trace(request: Request) -> dict[str, np.ndarray]:
    """Carry a run out again in a process of its own, recording the state of one neuron.

    Returns
    -------
    dict
        ``time_ms`` and the state variables that the neuron has, in PyNN's units, each of shape
        (n_samples,), up to `until_ms`.

    Raises
    ------
    CounterpointError
        If the run cannot be carried out.
    """
    # A fresh interpreter: two simulators, or two modules of one, do not meet in one process.
    try:
        return in_fresh(_record_state, request)
    except Exception as error:
        why = str(error) if isinstance(error, CounterpointError) else one_line(error)
        raise CounterpointError(
            f"the run on {request.backend} cannot be repeated: {why}"
        ) from error


def _record_state(request: Request) -> dict[str, np.ndarray]:
    from pipelines import backends
    from pipelines.backends import collect
    from pipelines.execution import simulate
    from pipelines.execution.network_contents import recordable
    from pipelines.experiment import load_experiment
    from pipelines.sweep.model import Record
    from pipelines.sweep.runs import Run

    experiment = load_experiment(request.experiment, request.root)
    run = Run(
        request.experiment, request.backend, request.parameters, request.seed, "", "",
        request.independent_draws,
    )  # fmt: skip
    sim = backends.load(request.backend)
    network, parameters = simulate.build(sim, run, experiment, Record())
    cell = network[request.population][[request.neuron]]
    recorded = [name for name in _STATE if name in recordable(cell)]
    cell.record(recorded)
    if experiment.run is None:
        sim.run(min(request.until_ms, float(parameters.duration)))
    else:
        simulate.run_network(sim, experiment, network, parameters)
    found: dict[str, np.ndarray] = {}
    for name in recorded:
        time_ms, values, _ = collect.signal(cell, name)
        inside = time_ms <= request.until_ms + 1e-6
        found["time_ms"] = time_ms[inside]
        found[name] = values[inside, 0]
    sim.end()
    return found
