"""Cell types on NEST whose meaning differs from Brian2's in stock PyNN.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): synaptic currents that cannot be recorded (row
"recording isyn"); source times that are floats shifted by the minimal delay ("source times on
grid"), dropped when too early ("source at t < min_delay") or twice in a step.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, ClassVar

import numpy as np
from pyNN.nest.standardmodels import cells as stock
from pyNN.parameters import LazyArray, Sequence
from pyNN.standardmodels import build_translations

from ..common import drawn
from ..common.grid import precise_ms, to_ms, trains_steps
from ..common.invalid import InvalidValue
from .control import registry


class IF_curr_exp(stock.IF_curr_exp):
    __doc__ = stock.IF_curr_exp.__doc__
    recordable = ("spikes", "v", "isyn_exc", "isyn_inh")


# A generator's train, counted from its origin, is ahead of the spikes by `min_delay`.


def _to_generators(trains: list[np.ndarray]) -> list[np.ndarray]:
    dt, lead = registry.timestep, registry.min_delay_steps
    if registry.between_steps:
        return [_precise(train, float(to_ms(lead, dt))) for train in trains]
    steps, bounds = trains_steps(trains, dt, first_step=lead + 1)
    return np.split(to_ms(steps - lead, dt), bounds)


def _precise(train: np.ndarray, lead_ms: float) -> np.ndarray:
    """Times for a generator of spikes between the steps."""
    times = np.atleast_1d(np.asarray(train, dtype=float))
    where = "SpikeSourceArray.spike_times"
    if np.any(np.diff(times) < 0):
        raise InvalidValue(where, "spike times are out of order", allowed="increasing order")
    if np.any(times <= lead_ms):
        raise InvalidValue(
            where,
            f"a spike at {times.min():g} ms is too early",
            allowed=f"above {lead_ms:g} ms (min_delay)",
        )
    return precise_ms(times - lead_ms)


def _from_generators(trains: list[np.ndarray]) -> list[np.ndarray]:
    dt, lead = registry.timestep, registry.min_delay_steps
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


class SpikeSourcePoisson(drawn.SpikeSourcePoisson):
    __doc__ = drawn.SpikeSourcePoisson.__doc__


class DrawnTrain(stock.SpikeSourceArray):
    """What plays a drawn train: a node that sends its spikes as a neuron does.

    A generator needs a parrot neuron behind it, which hears of a spike one slice late: slices
    would end before the first spike of any source.
    """

    translations = build_translations(("spike_times", "spike_times"))
    nest_name: ClassVar[dict[str, str]] = dict.fromkeys(
        ("on_grid", "off_grid"), "spike_train_injector"
    )
    uses_parrot = False


class SpikeSourceArray(stock.SpikeSourceArray):
    __doc__ = stock.SpikeSourceArray.__doc__
    translations = build_translations(
        (
            "spike_times",
            "spike_times",
            lambda **parameters: _each(_to_generators)(parameters["spike_times"]),
            lambda **parameters: _each(_from_generators)(parameters["spike_times"]),
        ),
    )
