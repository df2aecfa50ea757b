"""Refusal of changes in mid-run that would take effect too late.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): if NEST is ahead of the present (see `pending_events`), a
parameter that is set takes effect too late (row "changes in mid-run"). It is refused, and so are
spike times that a source can no longer send in time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from .communication_interval import has_parrots
from .kernel_time import has_begun, kernel_is_ahead, registry, times_since_reset
from .short_term import update_tau_syn


def refuse_late_change(what: str) -> None:
    """Refuse a change of neurons or currents that would take effect late.

    Parameters
    ----------
    what
        The change, for the message.

    Raises
    ------
    Unsupported
        If NEST is ahead of the present of the script.
    """
    if has_begun() and kernel_is_ahead():
        raise Unsupported(
            f"{what} at {simulator.state.t:g} ms on NEST",
            "it would act late: NEST was run further than this, to make a projection or, with"
            " several threads or processes, to read",
            allowed="this change before that, or after the next run; or another backend",
        )


def _first_playable_step(population: Any) -> int:
    """First step whose spikes can still be sent: generators need them one slice earlier."""
    generated = has_parrots(getattr(population, "grandparent", population))
    return registry.kernel_step + 1 + (registry.slice_steps or 1) * generated


def _late_spikes(population: Any) -> list[tuple[int, float]]:
    """Spikes (source, time in ms) after the present that can no longer be sent in time."""
    if not has_begun() or "spike_times" not in population.celltype.get_parameter_names():
        return []
    now, playable = simulator.state.t, (_first_playable_step(population) - 0.5) * registry.timestep
    return [
        (source, float(time))
        for source, train in enumerate(_trains(population))
        for time in np.ravel(train.value)
        if now < time < playable
    ]


def refuse_late_spikes(population: Any, already_sent: Sequence[tuple[int, float]] = ()) -> None:
    """Refuse changes of spikes so soon after a run that they would be ignored.

    Parameters
    ----------
    already_sent
        `_late_spikes` before the change, which were sent to NEST in time.

    Raises
    ------
    Unsupported
        If other spikes are late now, or one of these has been removed.
    """
    before, after = Counter(already_sent), Counter(_late_spikes(population))
    changed = [*(before - after), *(after - before)]
    if changed:
        first = min(time for _, time in changed)
        playable = _first_playable_step(population) * registry.timestep
        raise Unsupported(
            f"{population.label}.spike_times at {simulator.state.t:g} ms on NEST",
            f"the spike at {first:g} ms is set too late to be sent",
            allowed=f"{playable:g} ms and later; or the Brian2 backend",
        )


class RefusesLateChanges:
    """Mixin of populations and views: changes that would take effect too late are refused."""

    label: str

    def set(self, **parameters: Any) -> None:
        # New spike times can take effect in time; late ones are refused below.
        names = sorted(parameters.keys() - {"spike_times"})
        if names:
            refuse_late_change(f"{self.label}.set({', '.join(names)})")
        # Values to restore if the change is refused.
        restored = [name for name in parameters if name == "spike_times" or "tau_syn" in name]
        before = self._current_values(restored) if has_begun() else {}
        already_sent = _late_spikes(self)
        super().set(**parameters)  # type: ignore[misc]
        try:
            refuse_late_spikes(self, already_sent)
            if any("tau_syn" in name for name in names):
                update_tau_syn(registry.projections)
        except Unsupported:
            super().set(**before)  # type: ignore[misc]
            raise

    def _current_values(self, names: list[str]) -> dict[str, Any]:
        values = self.get(names, simplify=False) if names else []  # type: ignore[attr-defined]
        return dict(zip(names, map(np.atleast_1d, values), strict=True))

    def _set_parameters(self, parameter_space: Any) -> None:
        with times_since_reset():
            super()._set_parameters(parameter_space)  # type: ignore[misc]

    def initialize(self, **initial_values: Any) -> None:
        refuse_late_change(f"{self.label}.initialize({', '.join(sorted(initial_values))})")
        super().initialize(**initial_values)  # type: ignore[misc]


def _trains(population: Any) -> Any:
    return np.atleast_1d(population.get("spike_times", simplify=False))
