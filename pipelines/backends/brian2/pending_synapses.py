"""Synapses of projections before the Brian2 object is made, and how it is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import brian2
import numpy as np
from brian2 import second

from .pathways import Pathway
from .synapse_kinds import FUNCTIONS, SynapseKind


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


def read(pieces: list[Piece], name: str) -> np.ndarray:
    """A column of some pieces, one after the other."""
    column = {"_synaptic_pre": "source", "_synaptic_post": "target", "transmitted": "weight"}
    name = column.get(name, name)
    return np.concatenate(
        [np.broadcast_to((vars(one) | one.values)[name], (one.size,)) for one in pieces]
    )


def write(pieces: list[Piece], name: str, values: np.ndarray) -> None:
    """Set a column of some pieces, one after the other."""
    first = 0
    for one in pieces:
        one.values[name] = values[first : first + one.size]
        first += one.size


def make_synapses(
    pieces: list[Piece],
    kind: SynapseKind,
    source: Any,
    target: Any,
    early: Mapping[str, int],
    dt: float,
    clock: Any,
    name: str,
) -> brian2.Synapses:
    """Make a Brian2 object of pieces, and let go of their columns.

    Parameters
    ----------
    source, target
        Groups of Brian2.
    early
        By pathway, the steps by which what arrives is delivered too early.
    dt
        Time step, in ms.
    """
    one_delay = {
        pathway: values.pop()
        for pathway in kind.pathways
        if len(values := _distinct([piece.values[f"delay_{pathway}"] for piece in pieces])) == 1
    }
    synapses = brian2.Synapses(
        source,
        target,
        model=kind.model,
        on_pre=dict(kind.on_pre),
        on_post=dict(kind.on_post) or None,
        delay={
            pathway: (steps - early.get(pathway, 0)) * dt * 1e-3 * second
            for pathway, steps in one_delay.items()
        },
        clock=clock,
        name=name,
        namespace=FUNCTIONS,
    )
    for order, pathway in enumerate(kind.pathways, start=-len(kind.pathways)):
        made = getattr(synapses, pathway)
        object.__setattr__(made, "__class__", Pathway)
        made.order = order
    size = sum(piece.size for piece in pieces)
    # ``Synapses.connect(i=, j=)`` does the same with generated code, and more memory.
    for variable, side in (("_synaptic_pre", "source"), ("_synaptic_post", "target")):
        synapses.variables[variable].resize(size)
        _fill(pieces, synapses.variables[variable], side)
    synapses._resize(size)
    _fill(pieces, synapses.variables["weight"], "weight")
    for pathway in set(kind.pathways) - set(one_delay):
        delays = getattr(synapses, pathway).variables["delay"]
        _fill(pieces, delays, f"delay_{pathway}")
        array = delays.get_value()
        array[:] = (array - early.get(pathway, 0)) * (dt * 1e-3)
    if kind.plastic:
        _fill(pieces, synapses.variables["row"], "row")
    return synapses


def _fill(pieces: list[Piece], variable: Any, name: str) -> None:
    """Write a column of all pieces into a Brian2 variable, and let go of it there."""
    first, array = 0, variable.get_value()
    for one in pieces:
        columns = one.values if name in one.values else vars(one)
        array[first : first + one.size] = columns[name]
        columns[name] = None
        first += one.size


def _distinct(values: list[Any]) -> set[int]:
    """The numbers in a list; two, whichever, if there is an array in it."""
    if any(np.ndim(value) for value in values):
        return {0, 1}
    return {int(value) for value in values}
