"""Synapses of a projection before the Brian2 object is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


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


def fill(pieces: list[Piece], variable: Any, name: str) -> None:
    """Write a column of all pieces into a Brian2 variable, and let go of it there."""
    first, array = 0, variable.get_value()
    for one in pieces:
        columns = one.values if name in one.values else vars(one)
        array[first : first + one.size] = columns[name]
        columns[name] = None
        first += one.size


def distinct(values: list[Any]) -> set[int]:
    """The numbers in a list; two, whichever, if there is an array in it."""
    if any(np.ndim(value) for value in values):
        return {0, 1}
    return {int(value) for value in values}
