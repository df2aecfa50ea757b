"""Current sources on NEST: step current generators that are told of a run's changes before it.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): a current that is due before a generator can reach a
neuron begins late, and an alternating one out of phase (row "DC from 0"), also after it was
changed or injected in mid-run (row "changes in mid-run"): `kernel_time` has cells carry what the
generator owes.
After `reset()` PyNN's sources are late by a minimal delay, and step currents are gone.
"""

from __future__ import annotations

from typing import Any

import nest
import numpy as np
import pyNN.nest as stock
from pyNN.nest import simulator
from pyNN.parameters import ParameterSpace

from ..shared import electrodes as shared
from ..shared.spike_trains import occurrence_groups
from ..shared.time_grid import to_ms
from .cell_creation import tell
from .communication_interval import one_step
from .kernel_time import registry
from .mid_run_changes import refuse_late_change


class _Generator:
    """One of NEST's generators: what it sends is late, and what it has sent is known."""

    def __init__(self, source: GeneratedSource) -> None:
        self._source = source
        # As often as they were injected into.
        self.cells: list[Any] = []
        self.make_again()

    def make_again(self) -> None:
        """Make the device in a NEST that has none, and connect its cells."""
        self._device = nest.Create("step_current_generator")
        # What it sends (pA), from one of NEST's steps on: the last of it for good.
        self._sent_from, self._sent = 0, np.zeros(1)
        cells, self.cells = self.cells, []
        self.connect(cells)

    def connect(self, cells: list[Any]) -> None:
        """Send to further cells."""
        if cells:
            synapse = {"delay": float(to_ms(self._lead, registry.timestep))}
            # A collection has a node once.
            for turn in occurrence_groups(np.array(cells, dtype=np.int64)):
                nodes = nest.NodeCollection(np.sort(turn).tolist())
                nest.Connect(self._device, nodes, "all_to_all", synapse)
        self.cells = [*self.cells, *cells]

    @property
    def _lead(self) -> int:
        """Steps from what a generator sends to what a cell gets, less one."""
        return registry.slice_steps or 1

    def late_steps(self) -> np.ndarray:
        """Steps from the present on that the generator cannot reach any more."""
        return np.arange(registry.present_step, registry.kernel_step + self._lead + 1)

    def sent_in(self, steps: np.ndarray) -> np.ndarray:
        """Currents (pA) that arrive in these steps from what the generator knows."""
        place = steps + registry.origin_step - self._sent_from
        return self._sent[place.clip(0, len(self._sent) - 1)]

    def missing(self, first: int, stop: int) -> np.ndarray:
        """Currents (pA) that cells lack in the first steps of a run, the generator being late."""
        late = np.arange(first, min(stop, first + self._lead + 1))
        return 1000.0 * self._source.current_in(late) - self.sent_in(late)

    def prepare(self, first: int, stop: int) -> None:
        """Tell the generator what to send while NEST simulates the steps from `first` to `stop`."""
        reached = first + self._lead + 1
        to_come = self._source.current_in(np.arange(reached, stop + self._lead + 1))
        values = np.append(self.sent_in(np.arange(first, reached)), 1000.0 * to_come)
        changes = np.flatnonzero(np.diff(values)) + 1
        changes = changes[changes > self._lead]
        if changes.size:
            steps = registry.origin_step + first - self._lead + changes
            times = to_ms(steps, registry.timestep)
            tell(self._device, {"amplitude_times": times, "amplitude_values": values[changes]})
        self._sent_from, self._sent = registry.origin_step + stop, values[stop - first :].copy()


class GeneratedSource(shared.CurrentSource):
    """Base of current sources.

    Cells into which it is injected when a current is on have a generator of their own, which has
    sent them nothing yet.
    """

    _registry = registry

    def __init__(self, **parameters: Any) -> None:
        one_step()
        super().__init__(**parameters)
        self.generators: list[_Generator] = []
        simulator.state.current_sources.append(self)

    def _reset(self) -> None:
        self.reset()

    def make_again(self) -> None:
        """Make the generators in a NEST that has none of them."""
        one_step()
        for generator in self.generators:
            generator.make_again()

    def _present_step(self) -> int:
        return registry.present_step

    def _late_steps(self) -> np.ndarray:
        """Steps from the present on that NEST has simulated."""
        return np.arange(registry.present_step, registry.kernel_step)

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        late = self._late_steps() if self.cell_list else np.array([], dtype=int)
        before = vars(self).copy()
        due = self.current_in(late) if late.size else late
        super().set_native_parameters(parameters)
        if late.size and np.any(self.current_in(late) != due):
            self.__dict__.update(before)
            names = ", ".join(sorted(parameters.keys()))
            refuse_late_change(f"{type(self).__name__}.set_parameters({names})")

    def _inject(self, cells: list[Any]) -> None:
        if np.any(self.current_in(self._late_steps())):
            refuse_late_change(f"{type(self).__name__}.inject_into()")
        last = self.generators[-1] if self.generators else None
        if last is None or np.any(last.sent_in(last.late_steps())):
            self.generators.append(_Generator(self))
        self.generators[-1].connect(cells)


class DCSource(GeneratedSource, shared.DCSource):
    __doc__ = shared.DCSource.__doc__


class ACSource(GeneratedSource, shared.ACSource):
    __doc__ = shared.ACSource.__doc__


class StepCurrentSource(GeneratedSource, shared.StepCurrentSource):
    __doc__ = shared.StepCurrentSource.__doc__

    def get_native_parameters(self) -> ParameterSpace:
        """Parameters as PyNN's NEST module shows them: times less the minimal delay."""
        ahead = np.maximum(self._values["times"] - registry.min_delay, 0.0)
        return ParameterSpace(self._values | {"times": ahead})


class NoisyCurrentSource(shared.FrozenNoise):
    __doc__ = shared.FrozenNoise.__doc__
    _registry = registry
    _simulator = simulator
    _step_class = StepCurrentSource


class _OfOneStep:
    """Mixin of sources that NEST alone has: PyNN has them ahead by a slice, fixed here."""

    def __init__(self, **parameters: Any) -> None:
        one_step()
        super().__init__(**parameters)


def native_electrode_type(model_name: str) -> type:
    """A class of current sources for one of NEST's generators, by its own name."""
    return type(model_name, (_OfOneStep, stock.native_electrode_type(model_name)), {})
