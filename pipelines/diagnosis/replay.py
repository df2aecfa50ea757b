"""Repetition of a run to record the state of one neuron up to a given time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.errors import CounterpointError
from pipelines.execution.child_process import in_fresh
from pipelines.execution.processes import one_line

# State variables recorded if a neuron has them: potential, and currents or conductances.
_STATE = ("v", "isyn_exc", "isyn_inh", "gsyn_exc", "gsyn_inh")


@dataclass(frozen=True)
class Request:
    """Run, neuron and duration of a recording.

    Attributes
    ----------
    root
        The project's folder.
    experiment, backend, parameters, seed
        Identify the run.
    population, neuron
        Name of the population, as `build` returns it, and index of the neuron in it.
    until_ms
        End of the recording in ms.
    independent_draws
        Whether the run uses independent draws on each backend.
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


def neuron_state(request: Request) -> dict[str, np.ndarray]:
    """Repeat a run in its own process, and record the state of one neuron.

    Returns
    -------
    dict
        ``time_ms`` and the state variables that the neuron has, in PyNN's units, each of shape
        (n_samples,), up to `until_ms`.

    Raises
    ------
    CounterpointError
        If the run cannot be repeated.
    """
    # A fresh interpreter, so that two simulators or modules are never in one process.
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
