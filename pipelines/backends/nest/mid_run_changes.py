"""What cannot be changed once a simulation has begun.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): where NEST has gone beyond the present (see
`pending_events`), a parameter that is set acts too late (row "changes in mid-run"). It is refused,
and so is a spike that a source is told of too late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from .communication_interval import is_generated
from .kernel_time import has_begun, is_beyond, registry, times_from_the_start
from .short_term import renew_tau_syn


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
            "it would act late: NEST was run further than this, to make a projection or, with"
            " several threads or processes, to read",
            allowed="this change before that, or after the next run; or another backend",
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


class ChangedInTime:
    """Mixin of populations and views: what would change them too late is refused."""

    label: str

    def set(self, **parameters: Any) -> None:
        # Spikes that are still to come are played when they are due.
        names = sorted(parameters.keys() - {"spike_times"})
        if names:
            refuse_late_change(f"{self.label}.set({', '.join(names)})")
        # What may have to be taken back.
        held = [name for name in parameters if name == "spike_times" or "tau_syn" in name]
        before = self._held(held) if has_begun() else {}
        known = _told_late(self)
        super().set(**parameters)  # type: ignore[misc]
        try:
            refuse_late_spikes(self, known)
            if any("tau_syn" in name for name in names):
                renew_tau_syn(registry.projections)
        except Unsupported:
            super().set(**before)  # type: ignore[misc]
            raise

    def _held(self, names: list[str]) -> dict[str, Any]:
        values = self.get(names, simplify=False) if names else []  # type: ignore[attr-defined]
        return dict(zip(names, map(np.atleast_1d, values), strict=True))

    def _set_parameters(self, parameter_space: Any) -> None:
        with times_from_the_start():
            super()._set_parameters(parameter_space)  # type: ignore[misc]

    def initialize(self, **initial_values: Any) -> None:
        refuse_late_change(f"{self.label}.initialize({', '.join(sorted(initial_values))})")
        super().initialize(**initial_values)  # type: ignore[misc]


def _trains(population: Any) -> Any:
    return np.atleast_1d(population.get("spike_times", simplify=False))
