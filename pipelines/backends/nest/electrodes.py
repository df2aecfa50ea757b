"""Current sources that mean the same on both backends.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): a current that is due before a generator can reach a
neuron begins late, and an alternating one out of phase (row "DC from 0"). At the start of a
simulation `early_currents` carries what each source says it gives in those steps. What is set in
mid-run would be late for good, and is refused (row "changes in mid-run"). After `reset()` PyNN's
sources are late by a minimal delay, and step currents are gone.
"""

from __future__ import annotations

from typing import Any

import nest
import numpy as np
from pyNN.nest import simulator
from pyNN.nest.standardmodels import electrodes as stock

from pipelines.errors import Unsupported

from ..common.electrodes import FrozenNoise
from ..common.grid import to_ms, to_steps
from .changes import refuse_late_change
from .control import registry
from .slices import KnowsSlices


def refuse_late_start(what: str, due: float | None) -> None:
    """Refuse a source in mid-run whose first current is due at `due` ms (None: never) if late.

    Raises
    ------
    Unsupported
        If that is before the first step which a generator reaches from where the kernel stands.
    """
    state = simulator.state
    if not state.running or due is None:
        return
    now = to_steps(state.t_kernel - state._time_offset, state.dt, "time")
    first = float(to_ms(now + to_steps(state.min_delay, state.dt, "min_delay") + 1, state.dt))
    if due < first - 1e-9:
        raise Unsupported(
            f"{what} at {state.t:g} ms on NEST",
            f"a current that is due at {due:g} ms would begin late",
            allowed=f"{first:g} ms and later; or a source that is injected before the first run",
        )


class ActsFromTheStart(KnowsSlices):
    """Mixin of current sources: what they give, and to whom, before a generator does.

    Attributes
    ----------
    targets : ndarray of int
        NEST's numbers of the cells, once for each time the source was injected.
    carried : ndarray
        What the cells got (pA) in the first steps, while the generator did not reach them.
    """

    _registry = registry
    timestep: float
    min_delay: float
    cell_list: Any
    translations: dict[str, Any]
    _device: Any
    _injected = False

    def __init__(self, **parameters: Any) -> None:
        self._asked: dict[str, np.ndarray] = {}
        self.targets = np.array([], dtype=int)
        self.carried = np.array([])
        self._under_way = np.array([0.0])
        self._origin = round(simulator.state._time_offset / simulator.state.dt)
        super().__init__(**parameters)

    def set_native_parameters(self, parameters: Any) -> None:
        # NEST holds times that are shifted and cut: what was asked for is kept.
        asked = {name: value.evaluate(simplify=True) for name, value in parameters.items()}
        before = self._asked
        late = self._late_steps() if self._injected else np.array([], dtype=int)
        due = self._current_at(late) if late.size else late
        self._asked = before | {n: np.array(getattr(v, "value", v)) for n, v in asked.items()}
        try:
            if late.size and np.any(self._current_at(late) != due):
                names = [n for n, x in self.translations.items() if x["translated_name"] in asked]
                refuse_late_change(f"{type(self).__name__}.set_parameters({', '.join(names)})")
            super().set_native_parameters(parameters)  # type: ignore[misc]
        except Exception:
            self._asked = before
            raise

    def _late_steps(self) -> np.ndarray:
        """Steps from the present on that a change would not reach; none before the first run."""
        state = simulator.state
        if not state.running:
            return np.array([], dtype=int)
        kernel = round(state.t_kernel / self.timestep) - self._origin
        return np.arange(round(state.t / self.timestep), kernel + self._lead + 1)

    def inject_into(self, cells: Any) -> None:
        refuse_late_start(type(self).__name__, self._due())
        super().inject_into(cells)  # type: ignore[misc]
        self._injected = True
        self.targets = np.append(self.targets, np.array(self.cell_list.tolist(), dtype=int))

    def _due(self) -> float | None:
        """Time (ms) from which there is a current, None if there is none."""
        if all(np.all(self._asked.get(name, 0.0) == 0) for name in ("amplitude", "offset")):
            return None
        return float(self._asked["start"])

    @property
    def _lead(self) -> int:
        """Steps by which the generator is ahead of what it gives."""
        return round(self.min_delay / self.timestep)

    def early_currents(self) -> np.ndarray:
        """Currents (pA) in each of the first steps, which the generator does not reach."""
        return self._current_at(np.arange(self._lead + 1)) - self._under_way

    def _current_at(self, steps: np.ndarray) -> np.ndarray:
        """Currents (pA) in these steps from the start."""
        asked = {name: float(self._asked[name]) for name in ("start", "stop")}
        on, off = (np.rint(time / self.timestep) for time in asked.values())
        return np.where((on <= steps) & (steps < off), self._value_at(steps * self.timestep), 0.0)

    def _value_at(self, times: np.ndarray) -> np.ndarray:
        """Currents (pA) at these times (ms), if the source is on."""
        raise NotImplementedError

    def _reset(self) -> None:
        state = simulator.state
        now = round(state.t_kernel / self.timestep)
        # What the generator has sent before, and will arrive after, the reset.
        self._under_way = self._current_at(now - self._origin + np.arange(self._lead + 1))
        self._origin = now
        self.carried = np.array([])
        self._reset_device()

    def _reset_device(self) -> None:
        asked = {name: float(self._asked[name]) for name in ("start", "stop")}
        ahead = {name: max(time - self.min_delay, 0.0) for name, time in asked.items()}
        simulator.state.set_status(self._device, ahead)

    def _get_data(self) -> Any:
        times, currents = super()._get_data()  # type: ignore[misc]
        # The recorder, too, sees the generator alone.
        currents[: len(self.carried)] = 1e-3 * self.carried[: len(currents)]
        return times, currents


class DCSource(ActsFromTheStart, stock.DCSource):
    __doc__ = stock.DCSource.__doc__

    def _value_at(self, times: np.ndarray) -> np.ndarray:
        return np.full(len(times), float(self._asked["amplitude"]))


class ACSource(ActsFromTheStart, stock.ACSource):
    __doc__ = stock.ACSource.__doc__

    def _value_at(self, times: np.ndarray) -> np.ndarray:
        asked = {name: float(value) for name, value in self._asked.items()}
        turns = 1e-3 * asked["frequency"] * (times - asked["start"]) + asked["phase"] / 360
        return asked["offset"] + asked["amplitude"] * np.sin(2 * np.pi * turns)

    def _phase_correction(self, start: Any, freq: Any, phase: Any) -> None:
        # NEST counts the phase from its own zero, also for a source that it starts late.
        begin = float(self._asked["start"]) - self.min_delay + self._origin * self.timestep
        turns = 1e-3 * float(self._asked["frequency"]) * begin
        nest.SetStatus(self._device, {"phase": float(self._asked["phase"]) - 360 * turns})

    def _reset_device(self) -> None:
        super()._reset_device()
        self._phase_correction(None, None, None)


class StepCurrentSource(ActsFromTheStart, stock.StepCurrentSource):
    __doc__ = stock.StepCurrentSource.__doc__

    def _due(self) -> float | None:
        there = np.flatnonzero(self._asked["amplitude_values"])
        return float(self._asked["amplitude_times"][there[0]]) if len(there) else None

    def _current_at(self, steps: np.ndarray) -> np.ndarray:
        begins = np.rint(self._asked["amplitude_times"] / self.timestep)
        values = np.append(0.0, self._asked["amplitude_values"])
        # Of several amplitudes in a step the last.
        return values[np.searchsorted(begins, steps, side="right")]

    def _reset_device(self) -> None:
        begins = np.rint(self._asked["amplitude_times"] / self.timestep).astype(int)
        # A generator's first step is 1.
        steps = np.unique(np.append(np.maximum(begins - self._lead, 1), 1))
        nest.SetStatus(
            self._device,
            {
                "amplitude_times": to_ms(steps + self._origin, self.timestep),
                "amplitude_values": self._current_at(steps + self._lead),
            },
        )


class NoisyCurrentSource(FrozenNoise):
    __doc__ = FrozenNoise.__doc__
    _registry = registry
    _simulator = simulator
    _step_class = StepCurrentSource
