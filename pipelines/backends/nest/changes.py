"""What cannot be changed once a simulation has begun.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): PyNN runs NEST one minimal delay beyond the time that
was asked for, so a parameter that is set between two runs acts that much too late (row
"changes in mid-run"); `reset()` leaves plastic weights and their traces as they are ("reset()").
Both are refused.
"""

from __future__ import annotations

from typing import Any

import pyNN.nest as stock
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from .control import registry


def refuse_late_change(what: str) -> None:
    """Refuse a change of neurons after the first run.

    Raises
    ------
    Unsupported
        If the simulation has begun.
    """
    if simulator.state.t > 0:
        raise Unsupported(
            f"{what} at {simulator.state.t:g} ms on NEST",
            "it would act one minimal delay too late",
            allowed="a change before the first run; a StepCurrentSource; or the Brian2 backend",
        )


class ChangedAtStart:
    """Mixin of populations and views: their neurons change before the first run alone."""

    label: str

    def set(self, **parameters: Any) -> None:
        # Spikes that are still to come are played when they are due.
        names = sorted(parameters.keys() - {"spike_times"})
        if names:
            refuse_late_change(f"{self.label}.set({', '.join(names)})")
        super().set(**parameters)  # type: ignore[misc]

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
        if simulator.state.t > 0 and getattr(projection.synapse_type, "plastic", False):
            raise Unsupported(
                "reset() on NEST",
                f"the weights of {projection.label!r} would stay as they are",
                allowed="a new setup() and the network built again; or the Brian2 backend",
            )
    stock.reset(annotations or {})
