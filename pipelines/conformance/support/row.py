"""A row of the support matrix: a construct of PyNN, and the program that uses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.verdicts.bounds import Bound

Found = Mapping[str, np.ndarray]
"""What a program gives, by name: arrays of numbers. Those of spikes are called ``"... spikes"``
and hold a neuron and a time (ms) a row."""

Program = Callable[[Any], Found]

# Kinds of construct, in the order of the page.
KINDS = (
    "cell", "parameters of each neuron", "parameters set between runs", "initial values",
    "receptor", "source", "synapse", "plasticity rule", "connector", "structure",
    "current source", "operation",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes
    ----------
    kind
        One of `KINDS`.
    name
        Of the class, or what is done; unique among the rows of its kind.
    classes
        Names of PyNN's classes, or ours, that the row says what becomes of.
    program
        Takes a backend, gives what was simulated.
    what
        What the program does, in one line.
    bound
        What a backend is held to that is not the same. They are then compared with the first
        simulator, since the reference adds in an order of its own.
    """

    kind: str
    name: str
    classes: tuple[str, ...]
    program: Program
    what: str
    bound: Bound | None = None

    @property
    def key(self) -> str:
        """Name among all rows."""
        return f"{self.kind}: {self.name}"


ROWS: dict[str, Row] = {}


def add(
    kind: str,
    name: str,
    program: Program,
    what: str,
    classes: tuple[str, ...] = (),
    bound: Bound | None = None,
) -> None:
    """Add a row to the matrix.

    Raises
    ------
    ValueError
        For a kind that there is not, or a second row of one name.
    """
    new = Row(kind, name, classes, program, what, bound)
    if kind not in KINDS or new.key in ROWS:
        raise ValueError(f"no kind of row, or a second row: {new.key!r}")
    ROWS[new.key] = new


def row(kind: str, name: str, *classes: str) -> Callable[[Program], Program]:
    """Add a function as a row; the first line of its docstring says what it does."""

    def register(program: Program) -> Program:
        add(kind, name, program, (program.__doc__ or "").splitlines()[0], classes)
        return program

    return register
