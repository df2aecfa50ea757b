"""Pathways of Brian2 synapses, and access to the spikes in their queues."""

from __future__ import annotations

from typing import Any

import numpy as np
from brian2.codegen.codeobject import create_runner_codeobj
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.functions import DEFAULT_FUNCTIONS
from brian2.devices.device import get_device
from brian2.synapses.synapses import SynapticPathway

from ..shared.spike_trains import occurrence_groups
from .cell_groups import SpikeGenerator


class RepeatedSpikesCode(NumpyCodeObject):
    """NumPy code of a pathway whose synapses may receive several spikes in one step.

    The code runs for the first spike of each synapse, then for the second ones, and so on, because
    an indexed NumPy assignment counts a repeated index only once.
    """

    def run_block(self, block: str) -> Any:
        if block != "run":
            return super().run_block(block)
        queue = self.namespace["_queue"]
        try:
            for synapses in occurrence_groups(queue.peek().copy()):
                self.namespace["_queue"] = _FixedQueue(synapses)
                super().run_block(block)
        finally:
            self.namespace["_queue"] = queue
        queue.advance()


class _FixedQueue:
    """A stand-in for a spike queue, in which spikes arrive at the given synapses."""

    def __init__(self, synapses: np.ndarray) -> None:
        self._synapses = synapses

    def peek(self) -> np.ndarray:
        return self._synapses

    def advance(self) -> None:
        """Do nothing."""


class Pathway(SynapticPathway):
    """A Brian2 pathway that compiles the code at the synapses only.

    The code that pushes spikes to the queue is not compiled: it is one call of a compiled method.

    Attributes
    ----------
    max_delay_steps
        The longest delay, in steps.
    """

    _pushspikes_codeobj: Any
    max_delay_steps = 0

    def initialise_queue(self) -> None:
        super().initialise_queue()
        longest = float(np.max(self._delays.get_value(), initial=0.0))
        self.max_delay_steps = int(longest / self.source.clock.dt_ + 0.5)

    def push_spikes(self) -> None:
        """Push the spikes of this step to the queue."""
        if not isinstance(self.source, SpikeGenerator):
            super().push_spikes()
        elif len(self.source.fired):
            self.queue.push(self.source.fired)

    def create_code_objects(self, run_namespace: Any) -> None:
        if get_device().code_object_class(None) is NumpyCodeObject:
            object.__setattr__(self, "codeobj_class", RepeatedSpikesCode)
            _add_numpy_implementations()
        if self._pushspikes_codeobj is None:
            self._pushspikes_codeobj = create_runner_codeobj(
                self,
                "",
                "synapses_push_spikes",
                name=f"{self.name}_push_spikes",
                check_units=False,
                additional_variables=self.variables,
                needed_variables=[self.eventspace_name],
                template_kwds={"eventspace_variable": self.source.variables[self.eventspace_name]},
                run_namespace=run_namespace,
                codeobj_class=NumpyCodeObject,
            )
        super().create_code_objects(run_namespace)


def _add_numpy_implementations() -> None:
    """Add the NumPy implementations that Brian2 adds for its own NumPy code class only."""
    for name in ("expm1", "exprel"):
        function = DEFAULT_FUNCTIONS[name]
        function.implementations.add_numpy_implementation(function.pyfunc)


def remove_from_queue(queue: Any, here: slice, transit_steps: np.ndarray) -> list[np.ndarray]:
    """Remove from a queue the spikes that have passed their synapses.

    Parameters
    ----------
    queue
        Brian2's spike queue of a pathway, compiled or in Python.
    here
        The synapses whose spikes are removed.
    transit_steps : int or ndarray of int, shape (n,)
        Steps from each of these synapses to its neuron. A spike has passed the synapse if it
        arrives in fewer steps than that.

    Returns
    -------
    list of ndarray of int64
        For the present step and each later one, the synapses whose spikes would have arrived.
    """
    from_synapse = np.zeros(here.stop, dtype=np.int64)
    from_synapse[here] = transit_steps
    rows, sent = _queued_synapses(queue), synapses_in_transit(queue, from_synapse)
    left = [row[~_in_transit(row, from_synapse, ahead)] for ahead, row in enumerate(rows)]
    state = queue._full_state()
    if _is_cpp_queue(state):
        queue._restore_from_full_state((0, [row.tolist() for row in left]))
    else:
        pairs = [np.column_stack([np.full(len(row), ahead), row]) for ahead, row in enumerate(left)]
        queue._restore_from_full_state((state[0], np.concatenate(pairs), state[2]))
    return sent


def synapses_in_transit(queue: Any, transit_steps: np.ndarray) -> list[np.ndarray]:
    """Synapses of the spikes in a queue that have passed their synapses.

    Parameters
    ----------
    queue
        As for `remove_from_queue`.
    transit_steps : ndarray of int, shape (n,)
        Steps from each synapse to its neuron. Synapses from number n on are left out.

    Returns
    -------
    list of ndarray of int64
        For the present step and each later one, the synapses whose spikes arrive.
    """
    rows = _queued_synapses(queue)
    return [row[_in_transit(row, transit_steps, ahead)] for ahead, row in enumerate(rows)]


def _in_transit(row: np.ndarray, transit_steps: np.ndarray, ahead: int) -> np.ndarray:
    """Which spikes that arrive in `ahead` steps, given by synapse, have passed the synapse."""
    inside = row < len(transit_steps)
    inside[inside] = transit_steps[row[inside]] > ahead
    return inside


def _queued_synapses(queue: Any) -> list[np.ndarray]:
    """Synapses of all spikes in a queue, for the present step and each later one."""
    state = queue._full_state()
    if _is_cpp_queue(state):
        first, stored = state
        return [np.array(row, dtype=np.int64) for row in stored[first:] + stored[:first]]
    _, spikes, shape = state
    return [spikes[spikes[:, 0] == ahead, 1] for ahead in range(shape[0])]


def _is_cpp_queue(state: tuple[Any, ...]) -> bool:
    """Whether a queue's state is that of the C++ queue, not of the Python one."""
    return len(state) == 2
