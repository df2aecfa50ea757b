"""All synapses of a kind in one Brian2 object, of which every projection is a range.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): a call of Brian2 a synapse; multapses that
all get the last weight (row "multapses with different weights"); assemblies whose later
groups reuse the first group's weights and that `get` refuses ("Assembly as source").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import brian2
import numpy as np
from brian2 import second

from pipelines.errors import Unsupported

from ..shared.short_term import NO_TAU_SYN
from .groups import CellGroup, SourceGroup
from .pathways import Pathway, take_from_queue
from .plasticity import FUNCTIONS, SynapseKind


@dataclass
class Piece:
    """Some synapses of one part of a projection, until the Brian2 object is made.

    Attributes
    ----------
    owner
        The part; its pieces follow each other.
    source, target : ndarray of int32, shape (size,)
        Rows in the two groups.
    values : dict
        By the names of Brian2's variables, in base units, and by ``delay_<pathway>`` in steps:
        a number where all share it, or an array of shape (size,).
    """

    owner: Any
    source: np.ndarray
    target: np.ndarray
    values: dict[str, Any]
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = len(self.source)


@dataclass(frozen=True)
class _Way:
    """How long weights of some synapses are under way, and from which cells.

    Attributes
    ----------
    steps
        Longest time, in steps, from a synapse to its neuron.
    stride
        Steps of which one at most has a spike of a cell, as the ring was made; for sources, which
        can have several in a step, one step.
    """

    synapses: slice
    sources: slice
    steps: int
    stride: int = 1


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
        self._ways: list[_Way] = []
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
            self._ways.append(_Way(here, _span(piece.source), self._under_way(piece)))
            first = here.stop
        self._ways = [replace(way, stride=self._stride(way)) for way in self._ways]
        self.kind = kind = self._kinds[self._need_ring()]
        one_delay = {
            name: values.pop()
            for name in kind.pathways
            if len(values := _distinct([piece.values[f"delay_{name}"] for piece in self.pieces]))
            == 1
        }
        self.made = synapses = brian2.Synapses(
            self.source.made,
            self.target.made,
            model=kind.model,
            on_pre=dict(kind.on_pre),
            on_post=dict(kind.on_post) or None,
            delay={
                name: (steps - self._early.get(name, 0)) * self._dt * 1e-3 * second
                for name, steps in one_delay.items()
            },
            clock=clock,
            name=f"{kind.name}_{self._name}",
            namespace=FUNCTIONS,
        )
        for order, name in enumerate(kind.pathways, start=-len(kind.pathways)):
            pathway = getattr(synapses, name)
            object.__setattr__(pathway, "__class__", Pathway)
            pathway.order = order
        # ``Synapses.connect(i=, j=)`` does the same with generated code, and more memory.
        for variable, side in (("_synaptic_pre", "source"), ("_synaptic_post", "target")):
            synapses.variables[variable].resize(first)
            self._fill(synapses.variables[variable], side)
        synapses._resize(first)
        self._fill(synapses.variables["weight"], "weight")
        for name in set(kind.pathways) - set(one_delay):
            delays = getattr(synapses, name).variables["delay"]
            self._fill(delays, f"delay_{name}")
            array = delays.get_value()
            array[:] = (array - self._early.get(name, 0)) * (self._dt * 1e-3)
        if kind.plastic:
            self._fill(synapses.variables["row"], "row")
            synapses.add_attribute("rule_table")
            synapses.rule_table = np.array(list(self._rows), dtype=float).ravel()
        if kind.short_term:
            synapses.add_attribute("target_tau")
            synapses.target_tau = np.array(self.tau_syn)
        if kind.ring:
            synapses.add_attribute("ring")
            self._make_ring()
        self.pieces = []
        self._rest()
        return synapses

    def _fill(self, variable: Any, name: str) -> None:
        """Write one column of all pieces into a variable, and let go of it there."""
        first, array = 0, variable.get_value()
        for piece in self.pieces:
            columns = piece.values if name in piece.values else vars(piece)
            array[first : first + piece.size] = columns[name]
            columns[name] = None
            first += piece.size

    def _under_way(self, piece: Piece) -> int:
        """Longest time, in steps, from a synapse to its neuron."""
        if not self.kind.plastic:
            return 0
        total, axonal = (piece.values[f"delay_{name}"] for name in ("pre", "arrive"))
        return int(np.max(np.subtract(total, axonal)))

    def _stride(self, way: _Way) -> int:
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

    def _make_ring(self) -> None:
        variables = self.made.variables
        first = 0
        for way in self._ways:
            n = way.synapses.stop - way.synapses.start
            # Of all strides that a time on the way can touch.
            number = -(-way.steps // way.stride) + 1
            variables["places"].get_value()[way.synapses] = number
            variables["stride"].get_value()[way.synapses] = way.stride
            variables["first_place"].get_value()[way.synapses] = first + number * np.arange(n)
            first += n * number
        total, axonal = (self._delay_steps(name) for name in ("pre", "arrive"))
        variables["leg"].get_value()[:] = total - axonal
        self.made.ring = np.zeros(first)

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
            return self._read_pieces(owner, name)
        here = self._ranges[owner]
        if name.startswith("delay_"):
            pathway = name.removeprefix("delay_")
            steps = self._delay_steps(pathway) + self._early.get(pathway, 0)
            return np.broadcast_to(steps, (here.stop,))[here] if steps.size == 1 else steps[here]
        values: np.ndarray = self.made.variables[name].get_value()[here]
        return values.copy()

    def _read_pieces(self, owner: Any, name: str) -> np.ndarray:
        column = {"_synaptic_pre": "source", "_synaptic_post": "target", "transmitted": "weight"}
        name = column.get(name, name)
        found = [
            np.broadcast_to((vars(piece) | piece.values)[name], (piece.size,))
            for piece in self.pieces
            if piece.owner is owner
        ]
        return np.concatenate(found)

    def parameter(self, owner: Any, name: str) -> np.ndarray:
        """A parameter of the rule of each of a part's synapses."""
        table = np.array(list(self._rows), dtype=float).ravel()
        values: np.ndarray = table[self.read(owner, "row") + self.kind.columns.index(name)]
        return values

    def write_weights(self, owner: Any, weights: np.ndarray) -> None:
        """Set weights of a part's synapses, in base units."""
        if self.made is None:
            first = 0
            for piece in self.pieces:
                if piece.owner is owner:
                    piece.values["weight"] = weights[first : first + piece.size]
                    first += piece.size
            return
        for name in ("weight", "transmitted") if self.kind.plastic else ("weight",):
            array = self.made.variables[name].get_value()
            self._start.setdefault(name, array.copy())
            array[self._ranges[owner]] = weights

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
        """See that weights under way have room, as their sources may fire sooner than before."""
        if not self.kind.plastic:
            return
        if self.kind.short_term:
            self.made.target_tau[:] = self.tau_syn
        for way in self._ways:
            stride = self._stride(way)
            if stride < way.stride and (self.kind.ring or way.steps >= stride):
                raise Unsupported(
                    "tau_refrac of cells with plastic synapses",
                    "it was set so low that more spikes are under way on a synapse than before",
                    allowed="such a value before the first run",
                )

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


def _distinct(values: list[Any]) -> set[int]:
    """The numbers in a list; two, whichever, if there is an array in it."""
    if any(np.ndim(value) for value in values):
        return {0, 1}
    return {int(value) for value in values}
