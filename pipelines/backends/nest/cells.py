"""Cell types on NEST whose meaning differs from Brian2's in stock PyNN.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): synaptic currents that cannot be recorded (row
"recording isyn"); source times that are floats shifted by the minimal delay ("source times on
grid"), dropped when too early ("source at t < min_delay") or twice in a step.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
from pyNN.nest.standardmodels import cells as stock
from pyNN.parameters import LazyArray, Sequence
from pyNN.standardmodels import build_translations

from ..common import drawn
from ..common.grid import source_steps, to_ms, to_steps
from .control import registry


class IF_curr_exp(stock.IF_curr_exp):
    __doc__ = stock.IF_curr_exp.__doc__
    recordable = ("spikes", "v", "isyn_exc", "isyn_inh")


def _lead_steps() -> int:
    """Steps by which a generator's train, counted from its origin, is ahead of the spikes."""
    return int(to_steps(registry.min_delay, registry.timestep, "min_delay"))


def _to_generator(train: Sequence) -> Sequence:
    dt, lead = registry.timestep, _lead_steps()
    steps = source_steps(train.value, dt, first_step=lead + 1)
    return Sequence(to_ms(steps - lead, dt))


def _from_generator(train: Sequence) -> Sequence:
    dt = registry.timestep
    return Sequence(to_ms(np.rint(np.ravel(train.value) / dt).astype(int) + _lead_steps(), dt))


def _convert_all(convert: Any) -> Any:
    """`convert` for one train or for an array of them."""

    def converted(trains: Any) -> Any:
        if isinstance(trains, Sequence):
            return convert(trains)
        changed = np.empty(len(trains), dtype=Sequence)
        changed[:] = [convert(train) for train in trains]
        return changed

    return converted


def _each(convert: Any) -> Any:
    """Apply `convert` to one train, or to each train of an array of them."""

    def transform(spike_times: LazyArray) -> LazyArray:
        value = spike_times.base_value
        if isinstance(value, Sequence):
            changed: Any = convert(value)
        elif isinstance(value, (list, np.ndarray)):
            changed = np.empty(len(value), dtype=Sequence)
            changed[:] = [convert(train) for train in value]
        else:  # a function of the index: converted when it is evaluated
            later = copy(spike_times)
            later.operations = [*spike_times.operations, (_convert_all(convert), None)]
            return later
        return LazyArray(changed, shape=spike_times.shape, dtype=Sequence)

    return transform


_to_generators = _each(_to_generator)
_from_generators = _each(_from_generator)


class SpikeSourcePoisson(drawn.SpikeSourcePoisson):
    __doc__ = drawn.SpikeSourcePoisson.__doc__
    uses_parrot = True
    always_local = True


class SpikeSourceArray(stock.SpikeSourceArray):
    __doc__ = stock.SpikeSourceArray.__doc__
    translations = build_translations(
        (
            "spike_times",
            "spike_times",
            lambda **parameters: _to_generators(parameters["spike_times"]),
            lambda **parameters: _from_generators(parameters["spike_times"]),
        ),
    )
