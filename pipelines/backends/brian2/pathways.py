"""Pathways of Brian2's synapses, and the queues of spikes under way in them."""

from __future__ import annotations

from typing import Any

import numpy as np
from brian2.codegen.codeobject import create_runner_codeobj
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.functions import DEFAULT_FUNCTIONS
from brian2.devices.device import get_device
from brian2.synapses.synapses import SynapticPathway

from ..shared.spike_trains import occurrence_groups
from .cell_groups import Player


class InTurn(NumpyCodeObject):
    """Code of a pathway that NumPy carries out, for synapses that may have several spikes at once.

    It is carried out for the first spike of each synapse, then for the second ones, and so on:
    NumPy would count a repeated index once.
    """

    def run_block(self, block: str) -> Any:
        if block != "run":
            return super().run_block(block)
        queue = self.namespace["_queue"]
        try:
            for synapses in occurrence_groups(queue.peek().copy()):
                self.namespace["_queue"] = _Arrived(synapses)
                super().run_block(block)
        finally:
            self.namespace["_queue"] = queue
        queue.advance()


class _Arrived:
    """What generated code asks of a queue, with given synapses."""

    def __init__(self, synapses: np.ndarray) -> None:
        self._synapses = synapses

    def peek(self) -> np.ndarray:
        return self._synapses

    def advance(self) -> None:
        """Nothing to do."""


class Pathway(SynapticPathway):
    """A Brian2 pathway of which only what is done at the synapses is compiled.

    What hands spikes to the queue is a call of compiled code already.
    """

    _pushspikes_codeobj: Any
    # Of all delays.
    longest_steps = 0

    def initialise_queue(self) -> None:
        super().initialise_queue()
        longest = float(np.max(self._delays.get_value(), initial=0.0))
        self.longest_steps = int(longest / self.source.clock.dt_ + 0.5)

    def push_spikes(self) -> None:
        """Let the spikes of this step set out."""
        if not isinstance(self.source, Player):
            super().push_spikes()
        elif len(self.source.fired):
            self.queue.push(self.source.fired)

    def create_code_objects(self, run_namespace: Any) -> None:
        if get_device().code_object_class(None) is NumpyCodeObject:
            object.__setattr__(self, "codeobj_class", InTurn)
            _let_numpy_know()
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


def _let_numpy_know() -> None:
    """Give functions their NumPy implementation, as Brian2 does for its own class of NumPy code."""
    for name in ("expm1", "exprel"):
        function = DEFAULT_FUNCTIONS[name]
        function.implementations.add_numpy_implementation(function.pyfunc)


def take_from_queue(queue: Any, here: slice, leg: np.ndarray) -> list[np.ndarray]:
    """Take spikes of some synapses out of a queue, of which `leg` steps are left at most.

    Returns
    -------
    list of ndarray of int64
        For the present step and each that follows, the synapses.
    """
    legs = np.zeros(here.stop, dtype=np.int64)
    legs[here] = leg
    rows, sent = _rows(queue), sent_in_queue(queue, legs)
    left = [row[~_passed(row, legs, ahead)] for ahead, row in enumerate(rows)]
    state = queue._full_state()
    if _is_compiled(state):
        queue._restore_from_full_state((0, [row.tolist() for row in left]))
    else:
        pairs = [np.column_stack([np.full(len(row), ahead), row]) for ahead, row in enumerate(left)]
        queue._restore_from_full_state((state[0], np.concatenate(pairs), state[2]))
    return sent


def sent_in_queue(queue: Any, leg: np.ndarray) -> list[np.ndarray]:
    """The spikes in a queue that have passed their synapse: see `take_from_queue`.

    Parameters
    ----------
    leg : ndarray of int, shape (n,)
        Steps from each synapse to its neuron; synapses beyond are left out.
    """
    return [row[_passed(row, leg, ahead)] for ahead, row in enumerate(_rows(queue))]


def _passed(row: np.ndarray, leg: np.ndarray, ahead: int) -> np.ndarray:
    inside = row < len(leg)
    inside[inside] = leg[row[inside]] > ahead
    return inside


def _rows(queue: Any) -> list[np.ndarray]:
    """Synapses that spikes are under way to, for the present step and each that follows."""
    state = queue._full_state()
    if _is_compiled(state):
        first, stored = state
        return [np.array(row, dtype=np.int64) for row in stored[first:] + stored[:first]]
    _, spikes, shape = state
    return [spikes[spikes[:, 0] == ahead, 1] for ahead in range(shape[0])]


def _is_compiled(state: tuple[Any, ...]) -> bool:
    """Whether it is the state of the queue in C++, and not of the one in Python."""
    return len(state) == 2
