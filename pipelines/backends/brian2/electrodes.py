"""Current sources on Brian2; `injected_currents` adds their currents to the cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..shared import electrodes as shared
from . import simulation
from .simulation import registry, state


class _InjectedCurrent(shared.CurrentSource):
    _registry = registry

    def _present_step(self) -> int:
        return state.step

    def _inject(self, cells: list[Any]) -> None:
        groups = {id(cell.parent.group): cell.parent.group for cell in cells}
        for key, group in groups.items():
            inside = [cell for cell in cells if id(cell.parent.group) == key]
            rows = [int(cell.parent.rows[cell.parent.id_to_index(cell)]) for cell in inside]
            state.network.currents.inject(self, group, np.array(rows))


class DCSource(_InjectedCurrent, shared.DCSource):
    __doc__ = shared.DCSource.__doc__


class ACSource(_InjectedCurrent, shared.ACSource):
    __doc__ = shared.ACSource.__doc__


class StepCurrentSource(_InjectedCurrent, shared.StepCurrentSource):
    __doc__ = shared.StepCurrentSource.__doc__


class NoisyCurrentSource(shared.FrozenNoise):
    __doc__ = shared.FrozenNoise.__doc__
    _registry = registry
    _simulator = simulation
    _step_class = StepCurrentSource
