"""Current sources on NEST: step current generators whose amplitudes are set before each run.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): a current that starts before a generator can reach a
neuron begins late, and an alternating current out of phase (row "DC from 0"), also after it was
changed or injected in mid-run (row "changes in mid-run"). `kernel_time` adds the missing current to
the constant current of the cells. After `reset()` PyNN's sources are late by a minimal delay, and
step currents are lost.
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
from .cell_creation import set_status
from .communication_interval import fix_one_step_slices
from .kernel_time import registry
from .mid_run_changes import refuse_late_change


class _Generator:
    """A ``step_current_generator`` with its cells, and the currents scheduled in it."""

    def __init__(self, source: GeneratedSource) -> None:
        self._source = source
        # A cell is listed as often as the source was injected into it.
        self.cells: list[Any] = []
        self.rebuild()

    def rebuild(self) -> None:
        """Create the device after a reset of NEST, and connect its cells."""
        self._device = nest.Create("step_current_generator")
        # Currents (pA) scheduled from this step of NEST's clock on; the last one is permanent.
        self._scheduled_from_step, self._scheduled = 0, np.zeros(1)
        cells, self.cells = self.cells, []
        self.connect(cells)

    def connect(self, cells: list[Any]) -> None:
        """Connect further cells."""
        if cells:
            synapse = {"delay": float(to_ms(self._latency_steps, registry.timestep))}
            # A node collection can contain a node only once.
            for turn in occurrence_groups(np.array(cells, dtype=np.int64)):
                nodes = nest.NodeCollection(np.sort(turn).tolist())
                nest.Connect(self._device, nodes, "all_to_all", synapse)
        self.cells = [*self.cells, *cells]

    @property
    def _latency_steps(self) -> int:
        """Time steps, less one, from an amplitude of the generator to the current in a cell."""
        return registry.slice_steps or 1

    def unreachable_steps(self) -> np.ndarray:
        """Steps from the present on whose current the generator can no longer change."""
        return np.arange(registry.present_step, registry.kernel_step + self._latency_steps + 1)

    def scheduled_currents(self, steps: np.ndarray) -> np.ndarray:
        """Currents (pA) that arrive in these steps by the schedule so far."""
        place = steps + registry.origin_step - self._scheduled_from_step
        return self._scheduled[place.clip(0, len(self._scheduled) - 1)]

    def missing_currents(self, first: int, stop: int) -> np.ndarray:
        """Currents (pA) missing in the first steps of a run, which the generator cannot deliver."""
        late = np.arange(first, min(stop, first + self._latency_steps + 1))
        return 1000.0 * self._source.current_in(late) - self.scheduled_currents(late)

    def schedule(self, first: int, stop: int) -> None:
        """Set the amplitudes for a simulation from step `first` to step `stop`."""
        reached = first + self._latency_steps + 1
        to_come = self._source.current_in(np.arange(reached, stop + self._latency_steps + 1))
        values = np.append(self.scheduled_currents(np.arange(first, reached)), 1000.0 * to_come)
        changes = np.flatnonzero(np.diff(values)) + 1
        changes = changes[changes > self._latency_steps]
        if changes.size:
            steps = registry.origin_step + first - self._latency_steps + changes
            times = to_ms(steps, registry.timestep)
            set_status(
                self._device, {"amplitude_times": times, "amplitude_values": values[changes]}
            )
        self._scheduled_from_step, self._scheduled = (
            registry.origin_step + stop,
            values[stop - first :].copy(),
        )


class GeneratedSource(shared.CurrentSource):
    """Base class of current sources.

    Cells injected while the current is not zero get a new generator, which has nothing scheduled
    yet.
    """

    _registry = registry

    def __init__(self, **parameters: Any) -> None:
        fix_one_step_slices()
        super().__init__(**parameters)
        self.generators: list[_Generator] = []
        simulator.state.current_sources.append(self)

    def _reset(self) -> None:
        self.reset()

    def rebuild(self) -> None:
        """Create the generators anew after a reset of NEST."""
        fix_one_step_slices()
        for generator in self.generators:
            generator.rebuild()

    def _present_step(self) -> int:
        return registry.present_step

    def _simulated_steps(self) -> np.ndarray:
        """Steps from the present on that NEST has already simulated."""
        return np.arange(registry.present_step, registry.kernel_step)

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        late = self._simulated_steps() if self.cell_list else np.array([], dtype=int)
        before = vars(self).copy()
        due = self.current_in(late) if late.size else late
        super().set_native_parameters(parameters)
        if late.size and np.any(self.current_in(late) != due):
            self.__dict__.update(before)
            names = ", ".join(sorted(parameters.keys()))
            refuse_late_change(f"{type(self).__name__}.set_parameters({names})")

    def _inject(self, cells: list[Any]) -> None:
        if np.any(self.current_in(self._simulated_steps())):
            refuse_late_change(f"{type(self).__name__}.inject_into()")
        last = self.generators[-1] if self.generators else None
        if last is None or np.any(last.scheduled_currents(last.unreachable_steps())):
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
        times = np.maximum(self._values["times"] - registry.min_delay, 0.0)
        return ParameterSpace(self._values | {"times": times})


class NoisyCurrentSource(shared.FrozenNoise):
    __doc__ = shared.FrozenNoise.__doc__
    _registry = registry
    _simulator = simulator
    _step_class = StepCurrentSource


class _OneStepSlices:
    """Mixin of native sources: PyNN shifts their times by the slice length, so it is fixed here."""

    def __init__(self, **parameters: Any) -> None:
        fix_one_step_slices()
        super().__init__(**parameters)


def native_electrode_type(model_name: str) -> type:
    """Return a current source class for a NEST generator, by NEST's name."""
    return type(model_name, (_OneStepSlices, stock.native_electrode_type(model_name)), {})
