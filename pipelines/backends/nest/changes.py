"""What cannot be changed once a simulation has begun.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): where NEST has gone beyond the present to read data
(see `ahead`), a parameter that is set acts too late (row "changes in mid-run"); potentiation since
the last presynaptic spike is added to a plastic weight that is set afterwards (the same row);
`reset()` leaves plastic weights and their traces as they are ("reset()"). All are refused, and so
is a spike that a source is told of too late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from ..shared.grid import to_steps
from .ahead import go_beyond, has_begun, is_beyond, registry, times_from_the_start
from .short_term import refuse_restart, renew_tau_syn, restart
from .slices import is_generated


def refuse_late_change(what: str) -> None:
    """Refuse a change of neurons or currents that would act late.

    Raises
    ------
    Unsupported
        If NEST has simulated more than the script has seen.
    """
    if has_begun() and is_beyond():
        raise Unsupported(
            f"{what} at {simulator.state.t:g} ms on NEST",
            "it would act late: to read data, NEST was run further than this",
            allowed="a change before data or weights are read; a StepCurrentSource that is given"
            " its times before; or the Brian2 backend",
        )


def _heard_step(population: Any) -> int:
    """The first step of which spikes are in time now: generators are a slice ahead of NEST."""
    generated = is_generated(getattr(population, "grandparent", population))
    return registry.kernel_step + 1 + (registry.slice_steps or 1) * generated


def _told_late(population: Any) -> list[tuple[int, float]]:
    """Spikes (source, time in ms) that are due before NEST would hear of a change."""
    if not has_begun() or "spike_times" not in population.celltype.get_parameter_names():
        return []
    now, heard = simulator.state.t, (_heard_step(population) - 0.5) * registry.timestep
    return [
        (source, float(time))
        for source, train in enumerate(_trains(population))
        for time in np.ravel(train.value)
        if now < time < heard
    ]


def refuse_late_spikes(population: Any, known: Sequence[tuple[int, float]] = ()) -> None:
    """Refuse spikes that would not be played, being due too soon after a run.

    Parameters
    ----------
    known
        Spikes that NEST has heard of in time.

    Raises
    ------
    Unsupported
        If others are due, or one of these no longer is.
    """
    before, after = Counter(known), Counter(_told_late(population))
    changed = [*(before - after), *(after - before)]
    if changed:
        first = min(time for _, time in changed)
        heard = _heard_step(population) * registry.timestep
        raise Unsupported(
            f"{population.label}.spike_times at {simulator.state.t:g} ms on NEST",
            f"the spike at {first:g} ms is told too late",
            allowed=f"{heard:g} ms and later; or the Brian2 backend",
        )


def refuse_late_weights(label: str) -> None:
    """Refuse weights of plastic synapses that are set after the first run.

    Raises
    ------
    Unsupported
        If the simulation has begun.
    """
    if has_begun():
        raise Unsupported(
            f"projection {label!r}",
            f"set(weight) at {simulator.state.t:g} ms on NEST: potentiation since the last"
            " presynaptic spike would be added to it",
            allowed="weights of static synapses; a change before the first run; or the Brian2"
            " backend",
        )


class ChangedInTime:
    """Mixin of populations and views: what would change them too late is refused."""

    label: str

    def set(self, **parameters: Any) -> None:
        # Spikes that are still to come are played when they are due.
        names = sorted(parameters.keys() - {"spike_times"})
        if names:
            refuse_late_change(f"{self.label}.set({', '.join(names)})")
        before = _trains(self) if "spike_times" in parameters and has_begun() else None
        known = _told_late(self)
        super().set(**parameters)  # type: ignore[misc]
        try:
            refuse_late_spikes(self, known)
        except Unsupported:
            super().set(spike_times=before)  # type: ignore[misc]
            raise
        if any("tau_syn" in name for name in names):
            renew_tau_syn(registry.projections)

    def _set_parameters(self, parameter_space: Any) -> None:
        with times_from_the_start():
            super()._set_parameters(parameter_space)  # type: ignore[misc]

    def initialize(self, **initial_values: Any) -> None:
        refuse_late_change(f"{self.label}.initialize({', '.join(sorted(initial_values))})")
        super().initialize(**initial_values)  # type: ignore[misc]


def reset(annotations: dict[str, Any] | None = None) -> None:
    """Reset the time to zero, as ``pyNN.nest.reset`` does.

    Raises
    ------
    Unsupported
        If the network has plastic synapses, which NEST cannot bring back to their start.
    """
    for projection in registry.projections:
        if has_begun() and getattr(projection.synapse_type, "plastic", False):
            raise Unsupported(
                "reset() on NEST",
                f"the weights of {projection.label!r} would stay as they are",
                allowed="a new setup() and the network built again; or the Brian2 backend",
            )
    refuse_restart(registry.projections)
    state = simulator.state
    if state.t > 0 and state.t_flush < 0:
        raise Unsupported(
            "reset() on NEST",
            "what is still under way to the cells would reach them after it",
            allowed="setup(t_flush=), a time in ms in which all of it has gone; or the Brian2"
            " backend",
        )
    for recorder in state.recorders:
        recorder.store_to_cache(annotations or {})
    go_beyond()
    if state.t > 0 and state.t_flush >= 0:
        flush = to_steps(state.t_flush, registry.timestep, "setup(t_flush)")
        registry.origin_step += registry.kernel_step + int(flush)
        registry.present_step = registry.kernel_step = 0
        for population in registry.populations:
            population.begin_again()
            population.forget_told()
    state.reset()
    restart(registry.projections)


def _trains(population: Any) -> Any:
    return np.atleast_1d(population.get("spike_times", simplify=False))
