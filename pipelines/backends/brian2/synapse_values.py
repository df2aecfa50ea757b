"""Values of the synapses of a group, before and after its Brian2 object is created."""

from __future__ import annotations

from typing import Any

import numpy as np

from .pending_synapses import PendingSynapses, read_column, write_column
from .rule_tables import RuleTable
from .synapse_kinds import SynapseKind, run_on_arrays


class SynapseValues:
    """Reading and writing of synapses, each a range of which belongs to a part of a projection.

    Attributes
    ----------
    kind
        The kind of the synapses.
    brian_object
        The ``brian2.Synapses`` object, None until it is created.
    pending
        Synapses that the Brian2 object does not have yet.
    rule_table
        Parameters of the plasticity rule.
    """

    def __init__(self, kind: SynapseKind, early_steps: dict[str, int], dt: float) -> None:
        self.kind = kind
        self.brian_object: Any = None
        self.pending: list[PendingSynapses] = []
        self.rule_table = RuleTable(kind.columns)
        self._dt = dt  # ms
        # By pathway, the number of steps by which Brian2's delay is shortened.
        self._early_steps = early_steps
        # By owner (a part of a projection), its synapses in the Brian2 object.
        self._ranges: dict[Any, slice] = {}
        self._initial_weights: dict[str, np.ndarray] = {}
        # States that were set for time 0, by owner and variable.
        self._initial_states: dict[tuple[Any, str], np.ndarray] = {}

    def _array(self, name: str) -> np.ndarray:
        """The array, not a copy, of a Brian2 variable of all synapses."""
        values: np.ndarray = self.brian_object.variables[name].get_value()
        return values

    def read(self, owner: Any, name: str) -> np.ndarray:
        """A copy of a Brian2 variable of a part's synapses, or of ``delay_<pathway>``, in steps."""
        if self.brian_object is None:
            return read_column(self._pending_of(owner), name)
        here = self._ranges[owner]
        if name.startswith("delay_"):
            pathway = name.removeprefix("delay_")
            steps = self._delay_steps(pathway) + self._early_steps.get(pathway, 0)
            return np.broadcast_to(steps, (here.stop,))[here] if steps.size == 1 else steps[here]
        values: np.ndarray = self._array(name)[here]
        return values.copy()

    def _pending_of(self, owner: Any) -> list[PendingSynapses]:
        return [synapses for synapses in self.pending if synapses.owner is owner]

    def parameter(self, owner: Any, name: str) -> np.ndarray:
        """A parameter of the plasticity rule, for each of a part's synapses, in base units."""
        return self.rule_table.parameter(self.read(owner, "row"), name)

    def write_weights(self, owner: Any, weights: np.ndarray) -> None:
        """Set weights of a part's synapses, in base units."""
        if self.brian_object is None:
            write_column(self._pending_of(owner), "weight", weights)
            return
        for name in ("weight", "transmitted") if self.kind.plastic else ("weight",):
            array = self._array(name)
            self._initial_weights.setdefault(name, array.copy())
            array[self._ranges[owner]] = weights

    def write_rule(self, owner: Any, values: dict[str, np.ndarray], step: int) -> None:
        """Set rule parameters of a part's synapses at a step, in base units.

        Traces and resources first decay to this step with the previous parameters.
        """
        size = len(self.read(owner, "row"))
        columns = {name: self.parameter(owner, name) for name in self.kind.columns}
        rows = np.broadcast_to(self.rule_table.rows_of(columns | values, size), (size,))
        if self.brian_object is None:
            write_column(self._pending_of(owner), "row", rows)
            return
        here = self._ranges[owner]
        self._decay_to(here, step)
        self._array("row")[here] = rows
        self.brian_object.rule_table = self.rule_table.values

    def _decay_to(self, here: slice, step: int) -> None:
        """Let traces and resources decay to a step, with the present time constants."""
        variables = self.brian_object.variables
        # A spike that reaches a synapse at the end of a step has the time of the step's beginning.
        values: dict[str, Any] = {"t": (step - 1) * self._dt * 1e-3}
        for name in (*self.kind.state_variables, "row"):
            values[name] = variables[name].get_value()[here]
        values["j"] = variables["_synaptic_post"].get_value()[here]
        run_on_arrays(self.kind.decay_code, self.brian_object, values)
        for name in self.kind.state_variables:
            variables[name].get_value()[here] = values[name]

    def set_initial(self, owner: Any, name: str, values: np.ndarray) -> None:
        """Set a variable of a part's synapses at time 0."""
        self._initial_states[owner, name] = values
        if self.brian_object is not None:
            self._array(name)[self._ranges[owner]] = values

    def _delay_steps(self, name: str) -> np.ndarray:
        """Delays of one pathway, in steps: one of each synapse, or a single one for all."""
        seconds = getattr(self.brian_object, name).variables["delay"].get_value()
        return np.rint(seconds / (self._dt * 1e-3)).astype(np.int64)
