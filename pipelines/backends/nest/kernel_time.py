"""NEST's simulation time, and how far it is ahead of the time of the script.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): PyNN runs NEST one minimal delay further than
requested, to obtain all recorded data, so what is set between two runs takes effect that much too
late (row "changes in mid-run"). Here NEST stops at the time of the script. What NEST delivers only
in the next step is read in a forked process (`read_after_delivery`), and changes of synapses are
written after that step (`schedule_write`), when exactly the spikes up to the present have reached
the synapses. A current source that is on from the start begins two steps late (row "DC from 0"):
the current that a generator sends in NEST's first step arrives with the delay of its connection and
takes effect one step later, and likewise after a change between two runs. Until then the missing
current is added to the constant current `I_e` of the neuron: the first steps of a run are
simulated one by one, with `I_e` changed for each and restored at the end. A run in parts is thus
exact.

If a source spikes at time 0, NEST's clock is ahead of the script's by the steps that these spikes
need to be sent, during which all neurons are frozen (row "source at t < min_delay").
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
from .cell_creation import set_status
from .mpi_connections import source_table

# The network of the current `setup`.
registry = Registry()
# Time steps for which the current changes of generators are set in one call.
_BLOCK_STEPS = 10_000


def has_begun() -> bool:
    """Whether the simulation has advanced since the start or the last `reset`."""
    return registry.present_step > 0


def kernel_is_ahead() -> bool:
    """Whether NEST's time is later than the time of the script."""
    return registry.kernel_step > registry.present_step


def advance(steps: int) -> None:
    """Simulate `steps` time steps from the present of the script."""
    simulator.state.running = True
    target = registry.present_step + steps
    _simulate_until(target)
    registry.present_step = target
    _update_pynn_time()
    _refuse_not_finite()


def steps_into_slice() -> int:
    """Time steps that NEST has simulated since the last end of a slice."""
    slice_steps = registry.slice_steps or 1
    return (registry.origin_step + registry.kernel_step) % slice_steps


def deliver_pending_events() -> None:
    """Simulate until NEST has delivered all spikes and samples up to the present.

    NEST delivers those of a slice in the first step of the next slice.
    """
    if has_begun() and not kernel_is_ahead():
        within = steps_into_slice()
        rest = registry.slice_steps - within if within and registry.slice_steps else 0
        _simulate_until(registry.present_step + rest + 1)
        _update_pynn_time()


def schedule_write(write: Callable[[], object]) -> None:
    """Call `write`, which changes synapses, now or after the first step of the next run.

    The change applies to spikes that reach a synapse after the present. NEST has to be at the end
    of a slice, or at the start.
    """
    if has_begun() and not kernel_is_ahead():
        registry.pending_writes.append(write)
    else:
        write()


def _simulate(steps: int) -> None:
    """Simulate, and carry out scheduled writes to synapses after the first step."""
    if registry.pending_writes and steps > 0:
        _simulate_steps(1)
        writes, registry.pending_writes = registry.pending_writes, []
        for write in writes:
            write()
        steps -= 1
    if steps > 0:
        _simulate_steps(steps)


def _refuse_not_finite() -> None:
    """Refuse to continue if the membrane potential of a cell is NaN.

    Only cells of models to which this happens are read, which takes 45 us a cell.
    """
    now = float(to_ms(registry.present_step, registry.timestep))
    for population in registry.populations:
        if getattr(population.celltype, "can_become_nan", False):
            values = mpi_processes.get_status(population.node_collection, "V_m")
            refuse_not_finite(population, np.array(values, dtype=float), now)


def _simulate_until(stop: int) -> None:
    # Flushing is set per thread, and all threads have to compute alike.
    with flush_subnormals(wanted=registry.threads == 1):
        while registry.kernel_step < stop:
            first = registry.kernel_step
            block = _BLOCK_STEPS if simulator.state.current_sources else stop - first
            last = min(stop, first + block, registry.block_end(first))
            for population in registry.populations:
                population.send_spikes(first, last)
            first += _apply_current_sources(first, last)
            _simulate(last - first)
            registry.kernel_step = last


def advance_to_time_0() -> None:
    """Advance NEST's clock up to time 0 of the script, and send the spikes of time 0.

    The states of neurons do not change. To be called before the first step.
    """
    lead = _lead_in_steps()
    if lead:
        with flush_subnormals(wanted=registry.threads == 1):
            _simulate_lead_in(lead)


def _simulate_steps(steps: int) -> None:
    source_table.pad_first_process(registry)
    try:
        nest.Simulate(float(to_ms(steps, registry.timestep)))
    except nest.NESTError as error:
        reason = str(error).strip().splitlines()[0]
        if "numerical instability" not in reason:
            raise
        allowed = "a smaller time step, or parameters and weights with which it stays finite"
        raise BadInput("run() on NEST", reason, allowed) from error


def _simulate_lead_in(lead: int) -> None:
    registry.origin_step += lead
    registry.kernel_step = -lead
    neurons = [population for population in registry.populations if population.trains is None]
    for population in registry.populations:
        population.send_spikes(-lead, 0)
    _freeze(neurons, True)
    _simulate_steps(lead)
    registry.kernel_step = 0
    _freeze(neurons, False)


def _freeze(populations: list[Any], frozen: bool) -> None:
    """Freeze or unfreeze the nodes of populations: NEST does not update frozen nodes."""
    for population in populations:
        nodes = [population.node_collection, getattr(population, "node_collection_source", None)]
        for collection in nodes:
            if collection is not None:
                set_status(collection, {"frozen": frozen})


def _lead_in_steps() -> int:
    """Time steps that NEST has to simulate before time 0 of the script.

    A node sends its first spike at the end of NEST's first step at the earliest. NEST counts slices
    and sampling intervals from its own start, so the lead-in is a multiple of all of them.
    """
    slice_steps = registry.slice_steps or 1
    least = max(
        (
            slice_steps + population.source_latency_steps
            for population in registry.populations
            if population.trains is not None
            and (first := population.trains.first_step) is not None
            and first <= population.source_latency_steps
        ),
        default=0,
    )
    sampling_steps = [
        round(recorder.sampling_interval / registry.timestep)
        for recorder in simulator.state.recorders
        if recorder.signal_recorders
    ]
    # The lead-in of synapses for which the start of NEST's clock counts as a spike.
    least = max(least, registry.lead_steps)
    return least + -least % lcm(slice_steps, *sampling_steps)


def _apply_current_sources(first: int, stop: int) -> int:
    """Schedule the currents of generators, and simulate the steps that they reach too late.

    Returns
    -------
    int
        Number of time steps that were simulated.
    """
    generators = [
        generator
        for source in simulator.state.current_sources
        for generator in getattr(source, "generators", ())
        if generator.cells
    ]
    missing = {generator: generator.missing_currents(first, stop) for generator in generators}
    missing = {generator: currents for generator, currents in missing.items() if np.any(currents)}
    into = {generator: np.array(generator.cells, dtype=np.int64) for generator in missing}
    ids = np.unique(np.concatenate([*into.values(), np.array([], dtype=np.int64)]))
    extra = np.zeros((max(map(len, missing.values()), default=0), len(ids)))
    for generator, currents in missing.items():
        # A cell with the source injected twice receives it twice.
        counts = np.bincount(np.searchsorted(ids, into[generator]), minlength=len(ids))
        extra[: len(currents)] += np.outer(currents, counts)
    cells = nest.NodeCollection(ids.tolist())
    if missing:
        _refuse_without_constant_current(cells)
    for generator in generators:
        generator.schedule(first, stop)
    return _simulate_with_currents(cells, extra) if missing else 0


def _simulate_with_currents(cells: Any, extra: np.ndarray) -> int:
    """Simulate one time step for each row of `extra`, currents (pA) added to those of the cells."""
    own = np.array(mpi_processes.get_status(cells, "I_e"), dtype=float)
    try:
        for currents in extra:
            set_status(cells, [{"I_e": one} for one in (own + currents).tolist()])
            _simulate(1)
    finally:
        set_status(cells, [{"I_e": one} for one in own.tolist()])
    return len(extra)


def _refuse_without_constant_current(cells: Any) -> None:
    for model in sorted({str(model) for model in mpi_processes.get_status(cells, "model")}):
        if "I_e" not in nest.GetDefaults(model):
            first = simulator.state.min_delay + registry.timestep
            raise Unsupported(
                f"a current into cells of {model} on NEST",
                f"what is due before {first:g} ms would begin late",
                allowed=f"{first:g} ms and later; or models that have a constant current (I_e)",
            )


def _update_pynn_time() -> None:
    """Shift PyNN's time, which it computes from NEST's, to the time of the script."""
    ahead = registry.kernel_step - registry.present_step - (registry.slice_steps or 1)
    shift = registry.origin_step + ahead
    simulator.state._time_offset = float(to_ms(shift, registry.timestep))
    # So that a later `setup`, also of stock PyNN, finds PyNN's own state.
    simulator.state.clear = clear


def clear() -> None:
    """Clear PyNN's state as its `clear` does, after undoing the changes made to it here."""
    state = simulator.state
    state.__dict__.pop("clear", None)
    state._time_offset = 0.0
    mpi_processes.show_to_pynn()
    state.clear()


@contextmanager
def times_since_reset() -> Iterator[None]:
    """Within this block PyNN measures times passed to NEST from the start or last `reset`."""
    state = simulator.state
    before = state._time_offset
    state._time_offset = float(to_ms(registry.origin_step, registry.timestep))
    try:
        yield
    finally:
        state._time_offset = before
