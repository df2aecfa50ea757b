"""Simulation of one run: set up, build, record, run, collect.

`pipelines.sweep.identity.SIMULATING` lists the modules of this package that can change a result.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipelines.backends.shared.compile_time import COMPILE_TIME
from pipelines.errors import BadInput
from pipelines.execution.network_contents import (
    cell_parameters,
    cell_types,
    population_sizes,
    projections,
    recorded_neurons,
    request_recordings,
)
from pipelines.execution.recordings import collect_tables
from pipelines.execution.run_records import initial_record, peak_rss_mb, unfinished_record
from pipelines.execution.weight_course import WeightCourse
from pipelines.experiment.parameters import DEFAULT_TIMESTEP
from pipelines.hardware.chip import DoesNotFit
from pipelines.tables.schemas import DONE, UNFIT

if TYPE_CHECKING:
    from pipelines.experiment import Experiment
    from pipelines.sweep.runs import Run

# Decimals of a time in ms: sums of time steps have rounding errors.
_DIGITS_OF_TIME = 6

# Time steps of priming: enough to call all generated code once.
_PRIMING_STEPS = 10


@dataclass(frozen=True)
class RunResult:
    """Result of a run.

    Attributes
    ----------
    record
        The run's row of `runs` without its parameters' columns: see `initial_record`.
    tables
        spikes, weights and signals, with the columns of `pipelines.tables.schemas`; rows in
        order of population or projection name, then as each schema's sort order says.
    """

    record: dict[str, Any]
    tables: dict[str, pa.Table] = field(default_factory=dict)


def simulate(run: Run, experiment: Experiment, record: Any, threads: int = 1) -> RunResult:
    """Carry out one run in this process.

    Parameters
    ----------
    run
        The point, the seed and the backend.
    experiment
        The experiment.
    record
        What to record: ``populations`` (name -> spikes, signals, sampling_interval) and
        ``readings`` of weights, as a sweep's `record` (`pipelines.sweep.record.Record`).
    threads
        Threads of the simulator, if the backend has them.

    Returns
    -------
    RunResult
        Record and tables of the run.

    Raises
    ------
    BadInput
        If the parameters do not fit the experiment, or what is to be recorded does not exist.
    """
    from pipelines import backends, versions

    sim = _module(run)
    clock = _Clock()
    threads = backends.threads_of(run.backend, threads)
    network, parameters = build(sim, run, experiment, record, threads)
    if not run.variant.is_ideal:
        try:
            sim.check(network)
        except DoesNotFit as problem:
            sim.end()
            unfit = unfinished_record(run, UNFIT, str(problem))
            return RunResult(unfit | {"threads": threads, "mapping": problem.mapping})
    hashes = _hashes(sim)
    course = WeightCourse(sim, run.run_id, network, record.readings)
    build_s = clock.lap()
    run_network(course.watched, experiment, network, parameters)
    if hasattr(sim, "registry"):
        # From now on the network is only read, so NEST may simulate on to deliver pending spikes,
        # which is quicker than doing so in a fork.
        sim.registry.is_read_only = True
    simulate_s = clock.lap()
    simulated_ms = round(float(sim.get_current_time()), _DIGITS_OF_TIME)
    tables = collect_tables(run.run_id, network, record, course.finish())
    chosen = recorded_neurons(network, record)
    sizes, types = population_sizes(network), cell_types(network)
    sizes |= {name: len(some["spikes"]) for name, some in chosen.items() if "spikes" in some}
    asked, connected = cell_parameters(network), projections(network)
    mapped = {}
    if not run.variant.is_ideal:
        sim.note_events()
        mapped = {"mapping": sim.chip.mapping(network)}
    for name, sample in course.samples.items():
        connected[name] |= sample
    sim.end()
    collect_s = clock.lap()
    result = initial_record(run) | {
        "status": DONE,
        "error": "",
        "simulated_ms": simulated_ms,
        # With that of priming, in the first run after it.
        "compile_s": round(COMPILE_TIME.take(), 6),
        "build_s": build_s,
        "simulate_s": simulate_s,
        "collect_s": collect_s,
        "peak_rss_mb": peak_rss_mb(),
        "threads": threads,
        "versions": versions.of_backend(run.backend),
        "population_sizes": sizes,
        "recorded_neurons": chosen,
        "cell_types": types,
        "cell_parameters": asked,
        "projections": connected,
        "recorded": record.canonical(),
        **mapped,
        **hashes,
    }
    return RunResult(result, tables)


def prime(run: Run, experiment: Experiment, record: Any) -> None:
    """Build a run and simulate a few steps of it, to fill caches of generated code and imports.

    Of a large projection only the first synapses are made. The network is removed at the end, but
    the state of the simulator's modules has changed: see `pipelines.execution.cache_priming`.
    """
    from pipelines import versions
    from pipelines.backends.shared.sampled_network import limit_synapses

    sim = _module(run)
    versions.of_backend(run.backend)  # cached: takes 3 ms
    with limit_synapses():
        network, _ = build(sim, run, experiment, record)
    # The experiment's own `run` is left out: it may be long, or change the network.
    sim.run(_PRIMING_STEPS * float(sim.get_time_step()))
    # Reading results generates code too.
    course = WeightCourse(sim, run.run_id, network, record.readings)
    collect_tables(run.run_id, network, record, course.finish())
    sim.end()


def try_build(run: Run, experiment: Experiment, record: Any) -> None:
    """Build a run's network and request its recordings, without simulating it.

    Of a large projection the first synapses are made (`pipelines.backends.shared.sampled_network`).

    Raises
    ------
    BadInput
        If the backend refuses something, or something to be recorded does not exist.
    """
    from pipelines.backends.shared.sampled_network import limit_synapses

    sim = _module(run)
    with limit_synapses():
        build(sim, run, experiment, record)
    sim.end()


def _module(run: Run) -> ModuleType:
    """The backend of a run, on the chip that its hardware names."""
    from pipelines import backends

    sim = backends.load(run.backend)
    if run.variant.is_ideal:
        return sim
    from pipelines.hardware.chip import Chip
    from pipelines.hardware.constrained_module import ConstrainedModule

    return ConstrainedModule(sim, Chip(run.variant, run.seed))


class _Clock:
    """Laps in s, without the time of compilations in them."""

    def __init__(self) -> None:
        self.last = COMPILE_TIME.clock_s()

    def lap(self) -> float:
        now = COMPILE_TIME.clock_s()
        lap, self.last = now - self.last, now
        return round(lap, 6)


def _timestep(parameters: Any) -> float:
    return getattr(parameters, "timestep", DEFAULT_TIMESTEP)


def build(
    sim: ModuleType, run: Run, experiment: Experiment, record: Any, threads: int = 1
) -> tuple[Mapping[str, Any], Any]:
    """Set the simulator up, build the network and request its recordings.

    Returns
    -------
    network, parameters
        What the experiment's `build` returned, and its dataclass with the run's values.
    """
    from pipelines.experiment import check_parameters

    where = f"experiment '{run.experiment}'"
    parameters = check_parameters(experiment, run.parameters, where)
    # An experiment that draws from a global generator gets the same numbers in every order of
    # runs; better is a generator of its own, made from `seed`.
    random.seed(run.seed)
    np.random.seed(run.seed % 2**32)
    delays = {
        name: getattr(parameters, name)
        for name in ("min_delay", "max_delay")
        if getattr(parameters, name, None) is not None
    }
    # Backends without threads do not have this argument.
    parallel = {"threads": threads} if threads > 1 else {}
    # Stock modules do not have this argument; they always draw independently.
    ours = run.independent_draws and hasattr(sim, "registry")
    own = {"independent_draws": True} if ours else {}
    sim.setup(timestep=_timestep(parameters), rng_seed=run.seed, **delays, **parallel, **own)
    network = experiment.build(sim, parameters, run.seed)
    if not isinstance(network, Mapping):
        raise BadInput(
            f"{where}: build()",
            f"returned {type(network).__name__}",
            "a dict of populations and projections by name",
        )
    request_recordings(network, record, where)
    return network, parameters


def run_network(sim: ModuleType, experiment: Experiment, network: Mapping, parameters: Any) -> None:
    """Simulate with the experiment's `run`, or for its parameter `duration` (ms)."""
    if experiment.run is not None:
        experiment.run(sim, network, parameters)
        return
    duration = getattr(parameters, "duration", None)
    if duration is None:
        raise BadInput(
            f"experiment '{experiment.name}'",
            "has neither a parameter 'duration' nor a function run()",
            "one of them",
        )
    sim.run(duration)


def _hashes(sim: ModuleType) -> dict[str, str]:
    """SHA-256 of the connectivity and of the input; empty if the backend computes none."""
    from pipelines.backends import collect

    return {
        "connectivity_sha256": collect.connectivity_sha256(sim) or "",
        "input_sha256": collect.input_sha256(sim) or "",
    }
