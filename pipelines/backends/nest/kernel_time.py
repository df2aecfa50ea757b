"""How far NEST stands beyond the time that a script sees.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): PyNN runs NEST one minimal delay beyond the time that was
asked for, to have all recorded data, so what is set between two runs acts that much too late (row
"changes in mid-run"). Here NEST stands where the script does. What it hands on only in the step
after that is read in a fork (`looked_ahead`), and what is set of synapses is written after that
step (`write_in_time`): the spikes until now have reached them then, and none after. A current
source that is on from the start begins two steps late (row "DC from 0"): what a generator sends in
NEST's first step arrives with the delay of its connection, and acts one step later; so it does
after a change between two runs. Until then the neuron's own constant current carries what is
missing: the first steps of a run are simulated by themselves, each with `I_e` raised by it. Runs
in pieces are exact, and `I_e` is as it was when anyone can ask.

Where a source spikes at time 0, NEST's time is ahead of the script's: by the steps in which those
spikes set out, while all neurons are frozen (row "source at t < min_delay").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import lcm
from typing import Any

import nest
import numpy as np
from pyNN.nest import simulator

from pipelines.errors import BadInput, Unsupported

from ..shared.network_registry import Registry
from ..shared.subnormals import flush_subnormals
from ..shared.time_grid import to_ms
from ..shared.value_checks import refuse_not_finite
from . import mpi_processes
from .cell_creation import tell
from .mpi_connections import connected

# The network of the current `setup`.
registry = Registry()
# Steps at a time: generators are told of all changes of their currents in them.
_BLOCK = 10_000


def has_begun() -> bool:
    """Whether time has passed since the start or `reset`."""
    return registry.present_step > 0


def is_beyond() -> bool:
    """Whether NEST has simulated more than the script has seen."""
    return registry.kernel_step > registry.present_step


def advance(steps: int) -> None:
    """Simulate until the script's time is `steps` later."""
    simulator.state.running = True
    target = registry.present_step + steps
    _simulate_until(target)
    registry.present_step = target
    _let_pynn_know()
    _refuse_not_finite()


def steps_into_slice() -> int:
    """Steps that NEST has simulated of a slice that is not complete."""
    slice_steps = registry.slice_steps or 1
    return (registry.origin_step + registry.kernel_step) % slice_steps


def go_beyond() -> None:
    """Simulate until NEST has handed on all spikes and samples until the present.

    It hands on those of a slice in the first step of the next one.
    """
    if has_begun() and not is_beyond():
        within = steps_into_slice()
        rest = registry.slice_steps - within if within and registry.slice_steps else 0
        _simulate_until(registry.present_step + rest + 1)
        _let_pynn_know()


def write_in_time(write: Callable[[], object]) -> None:
    """Change synapses for what reaches them after the present: now, or in the next run.

    NEST has to stand between two slices, or at the start.
    """
    if has_begun() and not is_beyond():
        registry.pending_writes.append(write)
    else:
        write()


def _simulate(steps: int) -> None:
    """Let NEST simulate, and do what is due in synapses after the first step."""
    if registry.pending_writes and steps > 0:
        _simulate_steps(1)
        writes, registry.pending_writes = registry.pending_writes, []
        for write in writes:
            write()
        steps -= 1
    if steps > 0:
        _simulate_steps(steps)


def _refuse_not_finite() -> None:
    """Refuse to go on with a network in which a solver has lost a potential.

    NEST is asked about the models alone to which it happens: it takes 45 us a cell.
    """
    now = float(to_ms(registry.present_step, registry.timestep))
    for population in registry.populations:
        if getattr(population.celltype, "may_be_lost", False):
            values = mpi_processes.status(population.node_collection, "V_m")
            refuse_not_finite(population, np.array(values, dtype=float), now)


def _simulate_until(stop: int) -> None:
    # The mode is a thread's own, and all threads have to compute alike.
    with flush_subnormals(wanted=registry.threads == 1):
        while registry.kernel_step < stop:
            first = registry.kernel_step
            block = _BLOCK if simulator.state.current_sources else stop - first
            last = min(stop, first + block, registry.block_end(first))
            for population in registry.populations:
                population.play(first, last)
            first += _simulate_early(first, last)
            _simulate(last - first)
            registry.kernel_step = last


def begin() -> None:
    """Run NEST's clock up to time 0, and let the spikes of time 0 set out.

    No neuron moves on meanwhile. To be called before the first step.
    """
    lead = _lead_steps()
    if lead:
        with flush_subnormals(wanted=registry.threads == 1):
            _lead_in(lead)


def _simulate_steps(steps: int) -> None:
    connected.settle(registry)
    try:
        nest.Simulate(float(to_ms(steps, registry.timestep)))
    except nest.NESTError as error:
        reason = str(error).strip().splitlines()[0]
        if "numerical instability" not in reason:
            raise
        way_out = "a smaller time step, or parameters and weights with which it stays finite"
        raise BadInput("run() on NEST", reason, way_out) from error


def _lead_in(lead: int) -> None:
    registry.origin_step += lead
    registry.kernel_step = -lead
    neurons = [population for population in registry.populations if population.trains is None]
    for population in registry.populations:
        population.play(-lead, 0)
    _freeze(neurons, True)
    _simulate_steps(lead)
    registry.kernel_step = 0
    _freeze(neurons, False)


def _freeze(populations: list[Any], frozen: bool) -> None:
    """Have nodes stay as they are while NEST simulates, or no longer."""
    for population in populations:
        nodes = [population.node_collection, getattr(population, "node_collection_source", None)]
        for some in nodes:
            if some is not None:
                tell(some, {"frozen": frozen})


def _lead_steps() -> int:
    """Steps that NEST has to go before time 0.

    A node sends a spike at the end of NEST's first step at the earliest. Slices, and samples that
    are taken every so many steps, are counted from NEST's start: they are to begin at time 0 too.
    """
    slice_steps = registry.slice_steps or 1
    least = max(
        (
            slice_steps + population.lead_steps
            for population in registry.populations
            if population.trains is not None
            and (first := population.trains.first_step) is not None
            and first <= population.lead_steps
        ),
        default=0,
    )
    every = [
        round(recorder.sampling_interval / registry.timestep)
        for recorder in simulator.state.recorders
        if recorder.signal_recorders
    ]
    # What synapses need that take the start of NEST's clock for a spike.
    least = max(least, registry.lead_steps)
    return least + -least % lcm(slice_steps, *every)


def _simulate_early(first: int, stop: int) -> int:
    """Have generators send what is due, and simulate the first steps if they are too late for some.

    Returns
    -------
    int
        Number of steps that were simulated.
    """
    generators = [
        generator
        for source in simulator.state.current_sources
        for generator in getattr(source, "generators", ())
        if generator.cells
    ]
    missing = {generator: generator.missing(first, stop) for generator in generators}
    missing = {generator: currents for generator, currents in missing.items() if np.any(currents)}
    into = {generator: np.array(generator.cells, dtype=np.int64) for generator in missing}
    ids = np.unique(np.concatenate([*into.values(), np.array([], dtype=np.int64)]))
    extra = np.zeros((max(map(len, missing.values()), default=0), len(ids)))
    for generator, currents in missing.items():
        # A cell into which a source is injected twice gets it twice.
        times = np.bincount(np.searchsorted(ids, into[generator]), minlength=len(ids))
        extra[: len(currents)] += np.outer(currents, times)
    cells = nest.NodeCollection(ids.tolist())
    if missing:
        _refuse_without_constant_current(cells)
    for generator in generators:
        generator.prepare(first, stop)
    return _simulate_with(cells, extra) if missing else 0


def _simulate_with(cells: Any, extra: np.ndarray) -> int:
    """Simulate one step a row of `extra`: currents (pA) of the cells beside their own."""
    own = np.array(mpi_processes.status(cells, "I_e"), dtype=float)
    try:
        for currents in extra:
            tell(cells, [{"I_e": one} for one in (own + currents).tolist()])
            _simulate(1)
    finally:
        tell(cells, [{"I_e": one} for one in own.tolist()])
    return len(extra)


def _refuse_without_constant_current(cells: Any) -> None:
    for model in sorted({str(model) for model in mpi_processes.status(cells, "model")}):
        if "I_e" not in nest.GetDefaults(model):
            first = simulator.state.min_delay + registry.timestep
            raise Unsupported(
                f"a current into cells of {model} on NEST",
                f"what is due before {first:g} ms would begin late",
                allowed=f"{first:g} ms and later; or models that have a constant current (I_e)",
            )


def _let_pynn_know() -> None:
    """Let PyNN see the script's present as the present: it counts from NEST's time."""
    ahead = registry.kernel_step - registry.present_step - (registry.slice_steps or 1)
    shift = registry.origin_step + ahead
    simulator.state._time_offset = float(to_ms(shift, registry.timestep))
    # The next set-up, be it stock PyNN's, begins where PyNN's begin.
    simulator.state.clear = clear


def clear() -> None:
    """Do what PyNN's `clear` does, with its state as PyNN's own set-ups leave it."""
    state = simulator.state
    state.__dict__.pop("clear", None)
    state._time_offset = 0.0
    mpi_processes.show()
    state.clear()


@contextmanager
def times_from_the_start() -> Iterator[None]:
    """Within this block PyNN counts times that it hands to NEST from the start, or `reset`."""
    state = simulator.state
    before = state._time_offset
    state._time_offset = float(to_ms(registry.origin_step, registry.timestep))
    try:
        yield
    finally:
        state._time_offset = before
