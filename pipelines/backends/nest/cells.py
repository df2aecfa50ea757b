"""Spike sources on NEST that play given trains.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): source times that are floats shifted by the minimal delay
(row "source times on grid"), dropped when too early ("source at t < min_delay") or twice in a step.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, ClassVar

import numpy as np
from pyNN.nest import simulator
from pyNN.nest.standardmodels import cells as stock
from pyNN.parameters import LazyArray, Sequence
from pyNN.standardmodels import build_translations

from ..shared.grid import precise_ms, to_ms, trains_steps
from ..shared.invalid import InvalidValue
from .ahead import registry

# A node that sends as a neuron does; a generator is one of NEST's devices, and needs a parrot
# neuron behind it.
_SENDER, _GENERATOR = "spike_train_injector", "spike_generator"


def needs_generators() -> bool:
    """Whether trains are those of generators: the others know neither precise times nor MPI."""
    return bool(registry.between_steps or simulator.state.num_processes > 1)


def _to_nodes(trains: list[np.ndarray]) -> list[np.ndarray]:
    # What a generator sends is a slice ahead of the spikes.
    dt, lead = registry.timestep, int(needs_generators())
    if registry.between_steps:
        return [precise_ms(_precise(train) - to_ms(lead, dt)) for train in trains]
    steps, bounds = trains_steps(trains, dt, first_step=registry.min_delay_steps + 1)
    return np.split(to_ms(steps - lead, dt), bounds)


def _precise(train: np.ndarray) -> np.ndarray:
    """Checked times of spikes that may lie between the steps."""
    times = np.atleast_1d(np.asarray(train, dtype=float))
    where = "SpikeSourceArray.spike_times"
    if np.any(np.diff(times) < 0):
        raise InvalidValue(where, "spike times are out of order", allowed="increasing order")
    if np.any(times <= registry.min_delay):
        raise InvalidValue(
            where,
            f"a spike at {times.min():g} ms is too early",
            allowed=f"above {registry.min_delay:g} ms (min_delay)",
        )
    return times


def _from_nodes(trains: list[np.ndarray]) -> list[np.ndarray]:
    # NEST's times go on through a reset.
    dt, lead = registry.timestep, int(needs_generators()) - registry.origin_step
    if registry.between_steps:
        return [precise_ms(np.ravel(train) + to_ms(lead, dt)) for train in trains]
    return [to_ms(np.rint(np.ravel(train) / dt).astype(int) + lead, dt) for train in trains]


def _each(convert: Callable[[list[np.ndarray]], list[np.ndarray]]) -> Any:
    """Apply `convert` to one train, or to an array of trains."""

    def converted(trains: Any) -> Any:
        if isinstance(trains, Sequence):
            return Sequence(convert([trains.value])[0])
        changed = np.empty(len(trains), dtype=Sequence)
        changed[:] = [Sequence(train) for train in convert([train.value for train in trains])]
        return changed

    def transform(spike_times: LazyArray) -> LazyArray:
        value = spike_times.base_value
        if not isinstance(value, (Sequence, list, np.ndarray)):
            # A function of the index: converted when it is evaluated.
            later = copy(spike_times)
            later.operations = [*spike_times.operations, (converted, None)]
            return later
        return LazyArray(converted(value), shape=spike_times.shape, dtype=Sequence)

    return transform


class DrawnTrain(stock.SpikeSourceArray):
    """What plays a drawn train, on the grid whatever `setup` asked for."""

    translations = build_translations(("spike_times", "spike_times"))
    nest_name: ClassVar[dict[str, str]] = dict.fromkeys(("on_grid", "off_grid"), _SENDER)
    uses_parrot = False


class SpikeSourceArray(stock.SpikeSourceArray):
    __doc__ = stock.SpikeSourceArray.__doc__
    translations = build_translations(
        (
            "spike_times",
            "spike_times",
            lambda **parameters: _each(_to_nodes)(parameters["spike_times"]),
            lambda **parameters: _each(_from_nodes)(parameters["spike_times"]),
        ),
    )

    @property
    def native_parameters(self) -> Any:
        """Parameters in NEST's names and units, as PyNN translates them."""
        trains = self.parameter_space["spike_times"].base_value
        # The translation makes new trains of these, so they need not be copied first.
        given = isinstance(trains, (Sequence, list, np.ndarray))
        return self.translate(self.parameter_space, copy=not given)

    @property
    def nest_name(self) -> dict[str, str]:
        """The model of NEST's, whatever the precision of spikes."""
        model = _GENERATOR if needs_generators() else _SENDER
        return dict.fromkeys(("on_grid", "off_grid"), model)
