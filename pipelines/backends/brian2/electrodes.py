"""Current sources that mean the same on both backends.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): a source counts its times from the first run
on, so one that is changed or injected in mid-run, with times that are past, is never heard (row
"changes in mid-run"). It is refused.
"""

from __future__ import annotations

from typing import Any

from brian2 import ms
from pyNN.brian2 import simulator
from pyNN.brian2.standardmodels import electrodes as stock

from pipelines.errors import Unsupported

from ..shared.electrodes import FrozenNoise
from .control import registry


def refuse_late_change(what: str) -> None:
    """Refuse a change of a current source after the first run.

    Raises
    ------
    Unsupported
        If the simulation has begun.
    """
    if simulator.state.t > 0:
        raise Unsupported(
            f"{what} at {simulator.state.t:g} ms on Brian2",
            "times that are past are not counted any more",
            allowed="a change before the first run; a StepCurrentSource with all its times,"
            " injected before the first run",
        )


class TimedFromStart:
    """Mixin of current sources: what is timed is settled before the first run."""

    cell_list: list[Any]
    _times: Any
    i: int
    running: bool
    streaming: bool
    # What may be set in mid-run, and acts at once.
    _changeable: frozenset[str] = frozenset()

    def set_native_parameters(self, parameters: Any) -> None:
        names = sorted(set(parameters.keys()) - self._changeable)
        if self.cell_list and names:
            refuse_late_change(f"{type(self).__name__}.set_parameters({', '.join(names)})")
        super().set_native_parameters(parameters)  # type: ignore[misc]

    def _update_current(self) -> None:
        # Asked of every source in every step: without units, unless something is due.
        if self.running and not self.streaming:
            clock = simulator.state.network.clock
            if abs(clock.t_ - float(self._times[self.i])) >= clock.dt_ / 2:
                return
        super()._update_current()  # type: ignore[misc]

    def inject_into(self, cells: Any) -> None:
        if len(self._times) and float(self._times[0] / ms) < simulator.state.t - 1e-9:
            refuse_late_change(f"{type(self).__name__}.inject_into()")
        super().inject_into(cells)  # type: ignore[misc]


class DCSource(TimedFromStart, stock.DCSource):
    __doc__ = stock.DCSource.__doc__
    _changeable = frozenset({"amplitude"})


class ACSource(TimedFromStart, stock.ACSource):
    __doc__ = stock.ACSource.__doc__


class StepCurrentSource(TimedFromStart, stock.StepCurrentSource):
    __doc__ = stock.StepCurrentSource.__doc__


class NoisyCurrentSource(FrozenNoise):
    __doc__ = FrozenNoise.__doc__
    _registry = registry
    _simulator = simulator
    _step_class = StepCurrentSource
