"""A row of the support matrix: a construct of PyNN, and the program that uses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.verdicts.bounds import Bound

Found = Mapping[str, np.ndarray]
"""Results of a program by name: arrays of numbers. Spikes have names that end with ``spikes``, and
hold the neuron and time (ms) of every spike, shape (n_spikes, 2)."""

Program = Callable[[Any], Found]

# Kinds of construct, in the order of the page.
KINDS = (
    "cell", "parameters of each neuron", "parameters set between runs", "initial values",
    "receptor", "source", "synapse", "plasticity rule", "connector", "structure",
    "current source", "operation",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of the support matrix.

    Attributes
    ----------
    kind
        One of `KINDS`.
    name
        Name of the class or action; unique among the rows of its kind.
    classes
        Names of classes of PyNN or of this project that the row covers.
    program
        Function of a backend that returns the simulated results.
    what
        Description of the program in one line.
    bound
        Bound on the difference between backends that cannot agree exactly. They are compared
        with the first simulator, since the reference adds in a different order.
    """

    kind: str
    name: str
    classes: tuple[str, ...]
    program: Program
    what: str
    bound: Bound | None = None

    @property
    def key(self) -> str:
        """Name of the row among all rows."""
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
        If the kind is unknown, or a row of this name exists.
    """
    new = Row(kind, name, classes, program, what, bound)
    if kind not in KINDS or new.key in ROWS:
        raise ValueError(f"no kind of row, or a second row: {new.key!r}")
    ROWS[new.key] = new


def row(kind: str, name: str, *classes: str) -> Callable[[Program], Program]:
    """Decorator that adds a function as a row, described by the first line of its docstring."""

    def register(program: Program) -> Program:
        add(kind, name, program, (program.__doc__ or "").splitlines()[0], classes)
        return program

    return register
