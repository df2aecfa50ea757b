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

from ..shared.electrodes import FrozenNoise
from ..shared.grid import to_ms
from .ahead import is_beyond, kernel_step, present_step, times_from_the_start
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
    first = float(to_ms(kernel_step(registry) + (registry.slice_steps or 1) + 1, registry.timestep))
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
    carried : dict
        By step, what the cells got (pA) while the generator did not reach them.
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
        self.carried: dict[int, float] = {}
        # By step, what the generator gives (pA) where that is not what was asked for.
        self._given: dict[int, float] = {}
        self._origin = registry.origin_step
        super().__init__(**parameters)

    def set_native_parameters(self, parameters: Any) -> None:
        # NEST holds times that are shifted and cut: what was asked for is kept.
        asked = {name: value.evaluate(simplify=True) for name, value in parameters.items()}
        before, given = self._asked, self._given
        late = self._late_steps() if self._injected else np.array([], dtype=int)
        due = self._current_at(late) if late.size else late
        self._asked = before | {n: np.array(getattr(v, "value", v)) for n, v in asked.items()}
        try:
            if late.size and is_beyond(registry) and np.any(self._current_at(late) != due):
                names = [n for n, x in self.translations.items() if x["translated_name"] in asked]
                refuse_late_change(f"{type(self).__name__}.set_parameters({', '.join(names)})")
            self._given = dict(zip(late.tolist(), due.tolist(), strict=True)) | given
            with times_from_the_start(registry):
                super().set_native_parameters(parameters)  # type: ignore[misc]
        except Exception:
            self._asked, self._given = before, given
            raise

    def _late_steps(self) -> np.ndarray:
        """Steps from the present on that a change would not reach; none before the first run."""
        if not simulator.state.running:
            return np.array([], dtype=int)
        return np.arange(present_step(registry), kernel_step(registry) + self._lead + 1)

    def inject_into(self, cells: Any) -> None:
        present = present_step(registry)
        if self._injected or is_beyond(registry):
            refuse_late_start(type(self).__name__, self._due())
        if not self._injected:
            self._given = dict.fromkeys(range(present, present + self._lead + 1), 0.0)
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

    def missing_currents(self, first: int, stop: int) -> np.ndarray:
        """Currents (pA) in each step from `first` on, before `stop`, that the generator owes."""
        last = min(max(self._given, default=-1) + 1, stop)
        steps = np.arange(first, max(first, last))
        asked = self._current_at(steps)
        given = [self._given.get(step, value) for step, value in zip(steps, asked, strict=True)]
        return asked - np.asarray(given)

    def note_carried(self, first: int, number: int) -> None:
        """Keep what the cells got, for the recording of the current."""
        steps = range(first, first + number)
        currents = self._current_at(np.array(steps))
        self.carried |= dict(zip(steps, currents.tolist(), strict=True))

    def _current_at(self, steps: np.ndarray) -> np.ndarray:
        """Currents (pA) in these steps from the start."""
        asked = {name: float(self._asked[name]) for name in ("start", "stop")}
        on, off = (np.rint(time / self.timestep) for time in asked.values())
        return np.where((on <= steps) & (steps < off), self._value_at(steps * self.timestep), 0.0)

    def _value_at(self, times: np.ndarray) -> np.ndarray:
        """Currents (pA) at these times (ms), if the source is on."""
        raise NotImplementedError

    def _reset(self) -> None:
        now = round(simulator.state.t_kernel / self.timestep)
        # What the generator has sent before, and will arrive after, the reset.
        steps = np.arange(self._lead + 1)
        under_way = self._current_at(now - self._origin + steps)
        self._given = dict(zip(steps.tolist(), under_way.tolist(), strict=True))
        self._origin = now
        self.carried = {}
        self._reset_device()

    def _reset_device(self) -> None:
        asked = {name: float(self._asked[name]) for name in ("start", "stop")}
        ahead = {name: max(time - self.min_delay, 0.0) for name, time in asked.items()}
        simulator.state.set_status(self._device, ahead)

    def _get_data(self) -> Any:
        times, currents = super()._get_data()  # type: ignore[misc]
        # The recorder, too, sees the generator alone.
        for step, current in self.carried.items():
            if step < len(currents):
                currents[step] = 1e-3 * current
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
    # Of the steps that were set before: it holds until the first of the new ones.
    _in_force = 0.0

    def set_native_parameters(self, parameters: Any) -> None:
        before = self._in_force
        if self._injected and simulator.state.running:
            self._in_force = float(self._current_at(np.array([present_step(registry)]))[0])
        try:
            super().set_native_parameters(parameters)
        except Exception:
            self._in_force = before
            raise

    def _due(self) -> float | None:
        there = np.flatnonzero(self._asked["amplitude_values"])
        return float(self._asked["amplitude_times"][there[0]]) if len(there) else None

    def _current_at(self, steps: np.ndarray) -> np.ndarray:
        begins = np.rint(self._asked["amplitude_times"] / self.timestep)
        values = np.append(self._in_force, self._asked["amplitude_values"])
        # Of several amplitudes in a step the last.
        return values[np.searchsorted(begins, steps, side="right")]

    def _reset_device(self) -> None:
        self._in_force = 0.0
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
