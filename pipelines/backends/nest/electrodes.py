"""Current sources that mean the same on both backends.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): a current that is due before a generator can reach a
neuron begins late, without a word (row "DC from 0"). It is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.nest import simulator
from pyNN.nest.standardmodels import electrodes as stock

from pipelines.errors import Unsupported

from ..common.electrodes import FrozenNoise
from ..common.grid import to_ms, to_steps
from .control import registry


def refuse_late_start(what: str, due: float | None) -> None:
    """Refuse a source whose first current is due at `due` ms (None: never), if it would be late.

    Raises
    ------
    Unsupported
        If that is before ``min_delay + 2 dt``: NEST's generators act on a neuron from there on.
    """
    state = simulator.state
    first = to_ms(to_steps(state.min_delay, state.dt, "min_delay") + 2, state.dt)
    if state.t == 0 and due is not None and due < first - 1e-9:
        raise Unsupported(
            f"{what} on NEST",
            f"a current that is due at {due:g} ms would begin late",
            allowed=f"{first:g} ms (min_delay + two time steps) and later;"
            " i_offset for a current from the start",
        )


class StartsInTime:
    """Mixin of current sources: one that would begin late is refused when it is injected."""

    _injected = False

    def set_native_parameters(self, parameters: Any) -> None:
        # NEST holds times that are shifted and cut: what was asked for is kept.
        asked = {name: value.evaluate(simplify=True) for name, value in parameters.items()}
        kept = {name: np.array(getattr(value, "value", value)) for name, value in asked.items()}
        self._asked = self.__dict__.get("_asked", {}) | kept
        if self._injected:
            self._check_start()
        super().set_native_parameters(parameters)  # type: ignore[misc]

    def inject_into(self, cells: Any) -> None:
        self._check_start()
        super().inject_into(cells)  # type: ignore[misc]
        self._injected = True

    def _check_start(self) -> None:
        refuse_late_start(type(self).__name__, self._due())

    def _due(self) -> float | None:
        """Time (ms) from which there is a current, None if there is none."""
        if all(np.all(self._asked.get(name, 0.0) == 0) for name in ("amplitude", "offset")):
            return None
        return float(self._asked["start"])


class DCSource(StartsInTime, stock.DCSource):
    __doc__ = stock.DCSource.__doc__


class ACSource(StartsInTime, stock.ACSource):
    __doc__ = stock.ACSource.__doc__


class StepCurrentSource(StartsInTime, stock.StepCurrentSource):
    __doc__ = stock.StepCurrentSource.__doc__

    def _due(self) -> float | None:
        there = np.flatnonzero(self._asked["amplitude_values"])
        return float(self._asked["amplitude_times"][there[0]]) if len(there) else None


class NoisyCurrentSource(FrozenNoise):
    __doc__ = FrozenNoise.__doc__
    _registry = registry
    _simulator = simulator
    _step_class = StepCurrentSource
