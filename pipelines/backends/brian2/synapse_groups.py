"""All synapses of a kind in one Brian2 object, of which every projection is a range.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): a call of Brian2 a synapse; multapses that
all get the last weight (row "multapses with different weights"); assemblies whose later
groups reuse the first group's weights and that `get` refuses ("Assembly as source").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..shared.short_term import NO_TAU_SYN
from .cell_groups import CellGroup, SourceGroup
from .pathways import take_from_queue
from .pending_synapses import Piece, make_synapses, read, write
from .spikes_in_transit import Way, lay_out, places_of, sent_weights
from .synapse_kinds import SynapseKind, interpret


class SynapseGroup:
    """The synapses of one kind between two groups of cells.

    Attributes
    ----------
    made
        The Brian2 object, None until it is made.
    variable
        The neurons' variable that weights are added to.
    receptor
        PyNN's name of the receptor that this is.
    """

    def __init__(
        self,
        kinds: tuple[SynapseKind, SynapseKind],
        source: CellGroup | SourceGroup,
        target: CellGroup,
        variable: str,
        name: str,
        dt: float,
    ) -> None:
        # With one weight under way on a synapse at most, and with several.
        self._kinds = kinds
        self.kind = kinds[0]
        self.source, self.target, self.variable = source, target, variable
        self._name, self._dt = name, dt
        # What arrives at these cells counts for the threshold of that step, which Brian2 tests
        # before it delivers: it is delivered a step early.
        self._early = {"pre": int(target.kind.jumps)}
        self.receptor = ""
        self.made: Any = None
        self.pieces: list[Piece] = []
        self._ranges: dict[Any, slice] = {}
        self._ways: list[Way] = []
        self._rows: dict[tuple[float, ...], int] = {}
        self._start: dict[str, np.ndarray] = {}
        # States at time 0 that are not 0, by owner and variable.
        self._initial: dict[tuple[Any, str], np.ndarray] = {}

    # Before the Brian2 object is made.

    def row_of(self, parameters: Mapping[str, Any], size: int) -> int | np.ndarray:
        """Where a rule's parameters begin in the table: a number, or an array of shape (size,)."""
        given = [np.asarray(parameters[name], dtype=float) for name in self.kind.columns]
        if all(value.ndim == 0 for value in given):
            return self._row(tuple(float(value) for value in given))
        sets, which = np.unique(
            np.column_stack([np.broadcast_to(value, (size,)) for value in given]),
            axis=0,
            return_inverse=True,
        )
        begins = np.array([self._row(tuple(row)) for row in sets.tolist()], dtype=np.int32)
        return begins[np.ravel(which)]

    def _row(self, values: tuple[float, ...]) -> int:
        return self._rows.setdefault(values, len(self._rows) * len(values))

    def remove(self, owner: Any) -> None:
        """Take the synapses of a part out again, at time 0."""
        if self.made is not None:
            self._unmake()
        self.pieces = [piece for piece in self.pieces if piece.owner is not owner]
        self._initial = {key: v for key, v in self._initial.items() if key[0] is not owner}

    def make(self, clock: Any) -> Any:
        """Make the Brian2 object, and let go of the pieces."""
        self._ranges, self._ways, first = {}, [], 0
        for piece in self.pieces:
            here = slice(first, first + piece.size)
            before = self._ranges.get(piece.owner, here)
            self._ranges[piece.owner] = slice(before.start, here.stop)
            self._ways.append(Way(here, _span(piece.source), self._under_way(piece)))
            first = here.stop
        self._ways = [replace(way, stride=self._stride(way)) for way in self._ways]
        self.kind = kind = self._kinds[self._need_ring()]
        self.made = synapses = make_synapses(
            self.pieces, kind, self.source.made, self.target.made, self._early, self._dt, clock,
            f"{kind.name}_{self._name}",
        )  # fmt: skip
        if kind.plastic:
            synapses.add_attribute("rule_table")
            synapses.rule_table = self._table
        if kind.short_term:
            synapses.add_attribute("target_tau")
            synapses.target_tau = np.array(self.tau_syn)
        if kind.ring:
            synapses.add_attribute("ring")
            lay_out(synapses, self._ways, self._leg)
        self.pieces = []
        self._rest()
        return synapses

    def _under_way(self, piece: Piece) -> int:
        """Longest time, in steps, from a synapse to its neuron."""
        if not self.kind.plastic:
            return 0
        total, axonal = (piece.values[f"delay_{name}"] for name in ("pre", "arrive"))
        return int(np.max(np.subtract(total, axonal)))

    def _stride(self, way: Way) -> int:
        """Steps of which one at most has a spike of a cell."""
        if isinstance(self.source, SourceGroup):
            return 1
        return int(self.source.held_steps[way.sources].min()) + 1

    def _need_ring(self) -> bool:
        """Whether several weights can be under way on a synapse."""
        if not self.kind.plastic:
            return False
        several = any(way.steps >= way.stride for way in self._ways)
        return several or isinstance(self.source, SourceGroup)

    @property
    def _leg(self) -> np.ndarray:
        """Steps from each synapse to its neuron, shape (n,)."""
        total, axonal = (self._delay_steps(name) for name in ("pre", "arrive"))
        return np.broadcast_to(total - axonal, len(self.made.variables["weight"].get_value()))

    def _delay_steps(self, name: str) -> np.ndarray:
        """The delay of one pathway: of each synapse, or one for all, in steps."""
        seconds = getattr(self.made, name).variables["delay"].get_value()
        return np.rint(seconds / (self._dt * 1e-3)).astype(np.int64)

    def _unmake(self) -> None:
        """Take all synapses back from the Brian2 object, to make another one later."""
        self.pieces = [
            Piece(owner, self.read(owner, "_synaptic_pre"), self.read(owner, "_synaptic_post"),
                  {name: self.read(owner, name) for name in self._columns})
            for owner in self._ranges
        ]  # fmt: skip
        self.made = None

    @property
    def _columns(self) -> list[str]:
        names = ["weight", *(f"delay_{name}" for name in self.kind.pathways)]
        return [*names, "row"] if self.kind.plastic else names

    # Reading and writing; `owner` is a part of a projection.

    def read(self, owner: Any, name: str) -> np.ndarray:
        """A Brian2 variable of a part's synapses, or ``delay_<pathway>`` in steps; a copy."""
        if self.made is None:
            return read(self._pieces_of(owner), name)
        here = self._ranges[owner]
        if name.startswith("delay_"):
            pathway = name.removeprefix("delay_")
            steps = self._delay_steps(pathway) + self._early.get(pathway, 0)
            return np.broadcast_to(steps, (here.stop,))[here] if steps.size == 1 else steps[here]
        values: np.ndarray = self.made.variables[name].get_value()[here]
        return values.copy()

    def _pieces_of(self, owner: Any) -> list[Piece]:
        return [piece for piece in self.pieces if piece.owner is owner]

    @property
    def _table(self) -> np.ndarray:
        return np.array(list(self._rows), dtype=float).ravel()

    def parameter(self, owner: Any, name: str) -> np.ndarray:
        """A parameter of the rule of each of a part's synapses."""
        values: np.ndarray = self._table[self.read(owner, "row") + self.kind.columns.index(name)]
        return values

    def write_weights(self, owner: Any, weights: np.ndarray) -> None:
        """Set weights of a part's synapses, in base units."""
        if self.made is None:
            write(self._pieces_of(owner), "weight", weights)
            return
        for name in ("weight", "transmitted") if self.kind.plastic else ("weight",):
            array = self.made.variables[name].get_value()
            self._start.setdefault(name, array.copy())
            array[self._ranges[owner]] = weights

    def write_rule(self, owner: Any, values: dict[str, np.ndarray], step: int) -> None:
        """Set parameters of the rule of a part's synapses, in base units, at a step."""
        size = len(self.read(owner, "row"))
        columns = {name: self.parameter(owner, name) for name in self.kind.columns}
        rows = np.broadcast_to(self.row_of(columns | values, size), (size,))
        if self.made is None:
            write(self._pieces_of(owner), "row", rows)
            return
        here = self._ranges[owner]
        self._elapse(here, step)
        self.made.variables["row"].get_value()[here] = rows
        self.made.rule_table = self._table

    def _elapse(self, here: slice, step: int) -> None:
        """Let traces and resources decay until a step, with the time constants of now."""
        variables = self.made.variables
        # What reaches a synapse at the end of a step has the time of its beginning.
        values: dict[str, Any] = {"t": (step - 1) * self._dt * 1e-3}
        for name in (*self.kind.resting, "row"):
            values[name] = variables[name].get_value()[here]
        values["j"] = variables["_synaptic_post"].get_value()[here]
        interpret(self.kind.elapse, self.made, values)
        for name in self.kind.resting:
            variables[name].get_value()[here] = values[name]

    @property
    def tau_syn(self) -> np.ndarray | None:
        """Time constants (s) of the receptor of all target cells, None where they have none."""
        kind = self.target.kind
        if kind.jumps:
            return np.full(self.target.size, NO_TAU_SYN * 1e-3)
        return kind.tau_syn(self.target.values, self.receptor)

    def set_initial(self, owner: Any, name: str, values: np.ndarray) -> None:
        """Set a variable of a part's synapses at time 0."""
        self._initial[owner, name] = values
        if self.made is not None:
            self.made.variables[name].get_value()[self._ranges[owner]] = values

    def take_sent(self, owner: Any) -> list[tuple[np.ndarray, np.ndarray]]:
        """Take weights of a part that are under way, and that its synapses would forget.

        Returns
        -------
        list of (targets, amounts)
            For the present step and each that follows: rows of neurons, and what each will get.
        """
        if self.made is None or self.kind.ring or self.made.pre.queue is None:
            return []
        here = self._ranges[owner]
        leg = self.read(owner, "delay_pre") - self._early["pre"]
        if self.kind.plastic:
            leg = leg - self.read(owner, "delay_arrive")
        targets = self.made.variables["_synaptic_post"].get_value()
        carried = self.made.variables["transmitted" if self.kind.plastic else "weight"]
        weights = carried.get_value()
        return [
            (targets[sent], weights[sent].copy())
            for sent in take_from_queue(self.made.pre.queue, here, leg)
        ]

    # Time.

    @property
    def size(self) -> int:
        """Number of synapses that are not made yet."""
        return sum(piece.size for piece in self.pieces)

    def renew(self, step: int) -> None:
        """Take over at a step what was set in the neurons since the last run."""
        if self.kind.short_term and np.any(self.made.target_tau != self.tau_syn):
            self._elapse(slice(None), step)
            self.made.target_tau[:] = self.tau_syn

    @property
    def lacks_room(self) -> bool:
        """Whether sources may fire so soon, by now, that weights under way need more places."""
        return self.kind.plastic and any(
            (stride := self._stride(way)) < way.stride and (self.kind.ring or way.steps >= stride)
            for way in self._ways
        )

    def make_again(self, clock: Any, step: int) -> Any:
        """Make another Brian2 object that goes on with all states, with more places."""
        before, names = self.made, ("weight", "transmitted", *self.kind.resting)
        states = {name: before.variables[name].get_value().copy() for name in names}
        pathways = [getattr(before, name) for name in self.kind.pathways]
        # Before its first step, and after a reset, nothing is under way.
        ran = before.pre.eventspace is not None
        sent = list(sent_weights(before, self._leg, step, self.kind.ring)) if ran else []
        self._unmake()
        made = self.make(clock)
        for name, values in states.items():
            made.variables[name].set_value(values)
        for pathway, name in zip(pathways, self.kind.pathways, strict=True):
            if ran:
                after = getattr(made, name)
                after.initialise_queue()
                after.queue._restore_from_full_state(pathway.queue._full_state())
        for which, steps, weights in sent:
            made.ring[places_of(made, which, steps)] = weights
        return made

    def begin(self) -> None:
        """Keep weights as they are at time 0."""
        self._start = {}
        if self.kind.plastic:
            for name in ("weight", "transmitted"):
                self._start[name] = self.made.variables[name].get_value().copy()

    def reset(self) -> None:
        """Go back to time 0: weights, traces, and no spike under way."""
        for name, array in self._start.items():
            self.made.variables[name].set_value(array)
        for name in self.kind.pathways:
            pathway = getattr(self.made, name)
            pathway.queue._restore_from_full_state(None)
            # The next run makes the queue long enough again.
            pathway.eventspace = None
        self._rest(weights=False)

    def _rest(self, weights: bool = True) -> None:
        variables = self.made.variables
        for name in self.kind.resting:
            variables[name].set_value(0)
        if "recovered" in self.kind.resting:
            variables["recovered"].set_value(1.0)
        if "pre_time" in self.kind.resting:
            # A spike is played in the step before its time.
            variables["pre_time"].set_value(-self._dt * 1e-3)
        if self.kind.ring:
            self.made.ring[:] = 0.0
        for (owner, name), values in self._initial.items():
            variables[name].get_value()[self._ranges[owner]] = values
        if weights and self.kind.plastic:
            variables["transmitted"].set_value(variables["weight"].get_value())


def _span(rows: np.ndarray) -> slice:
    return slice(int(rows.min()), int(rows.max()) + 1)
