"""Repetition of a run: the states of some neurons, and the network as it was built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.diagnosis.repeats.built_network import BuiltNetwork, describe
from pipelines.errors import CounterpointError, one_line
from pipelines.execution.child_process import ChildProcessEnded, each_in_fresh

# State variables recorded if a neuron has them: potential, and currents or conductances.
_STATE = ("v", "isyn_exc", "isyn_inh", "gsyn_exc", "gsyn_inh")


@dataclass(frozen=True)
class Request:
    """Run, neurons and duration of a recording.

    Attributes
    ----------
    root
        The project's folder.
    experiment, backend, parameters, seed
        Identify the run.
    neurons
        Populations by name, as `build` returns them, and indices of the neurons in them.
    until_ms
        End of the recording in ms; None for the whole run.
    independent_draws
        Whether the run uses independent draws on each backend.
    """

    root: Path
    experiment: str
    backend: str
    parameters: Mapping[str, Any]
    seed: int
    neurons: Mapping[str, tuple[int, ...]]
    until_ms: float | None = None
    independent_draws: bool = False


@dataclass(frozen=True)
class Repetition:
    """What the repetition of a run gave.

    Attributes
    ----------
    states
        (population, neuron) -> ``time_ms`` and the state variables that the neuron has, in PyNN's
        units, each of shape (n_samples,).
    built
        The network as the backend reports it.
    left_out
        Populations that have no state that can be recorded, as sources have not.
    """

    states: dict[tuple[str, int], dict[str, np.ndarray]] = field(default_factory=dict)
    built: BuiltNetwork | None = None
    left_out: tuple[str, ...] = ()


def repeat(*requests: Request) -> list[Repetition]:
    """Repeat runs at the same time, each in its own process, and record the states of neurons.

    Raises
    ------
    CounterpointError
        If one of the runs cannot be repeated.
    """
    # Fresh interpreters, so that two simulators or modules are never in one process.
    try:
        return each_in_fresh(_repeat, [(one,) for one in requests], len(requests))
    except ChildProcessEnded as end:
        raise _unrepeatable(end, *requests) from end


def _unrepeatable(error: Exception, *requests: Request) -> CounterpointError:
    where = " or ".join(dict.fromkeys(one.backend for one in requests))
    why = str(error) if isinstance(error, CounterpointError) else one_line(error)
    return CounterpointError(f"the run on {where} cannot be repeated: {why}")


def _repeat(request: Request) -> Repetition:
    try:
        return _record(request)
    except Exception as error:
        raise _unrepeatable(error, request) from error


def _record(request: Request) -> Repetition:
    from pipelines import backends
    from pipelines.execution import simulate
    from pipelines.execution.network_contents import is_population, recordable
    from pipelines.experiment import load_experiment
    from pipelines.sweep.record import Record
    from pipelines.sweep.runs import Run

    experiment = load_experiment(request.experiment, request.root)
    run = Run(
        request.experiment, request.backend, request.parameters, request.seed, "", "",
        request.independent_draws,
    )  # fmt: skip
    sim = backends.load(request.backend)
    network, parameters = simulate.build(sim, run, experiment, Record())
    duration = float(getattr(parameters, "duration", np.inf))
    until = min(duration, np.inf if request.until_ms is None else request.until_ms)
    built = describe(sim, network, until if np.isfinite(until) else 0.0)
    views, left_out = {}, []
    for name, neurons in request.neurons.items():
        population: Any = network.get(name)
        known = recordable(population) if is_population(population) else []
        recorded = [variable for variable in _STATE if variable in known]
        if not recorded:
            left_out.append(name)
            continue
        views[name] = (population[sorted(neurons)], recorded)
        views[name][0].record(recorded)
    if not views:
        sim.end()
        return Repetition({}, built, tuple(left_out))
    if experiment.run is None and np.isfinite(until):
        sim.run(until)
    else:
        simulate.run_network(sim, experiment, network, parameters)
    states: dict[tuple[str, int], dict[str, np.ndarray]] = {}
    for name, (view, recorded) in views.items():
        states |= _states(name, view, sorted(request.neurons[name]), recorded, until)
    sim.end()
    return Repetition(states, built, tuple(left_out))


def _states(
    population: str, view: Any, neurons: list[int], recorded: list[str], until_ms: float
) -> dict[tuple[str, int], dict[str, np.ndarray]]:
    """States of the neurons of a view; `neurons` are their indices in the population."""
    from pipelines.backends import collect

    states: dict[tuple[str, int], dict[str, np.ndarray]] = {(population, k): {} for k in neurons}
    for variable in recorded:
        time_ms, values, columns = collect.signal(view, variable)
        inside = time_ms <= until_ms + 1e-6
        for column, index in enumerate(columns):
            state = states[population, neurons[int(index)]]
            state["time_ms"] = time_ms[inside]
            state[variable] = values[inside, column]
    return states
