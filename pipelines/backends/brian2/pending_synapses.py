"""Synapses waiting for their Brian2 object, and the creation of that object."""

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
class PendingSynapses:
    """Some synapses of one part of a projection, until the Brian2 object is created.

    Attributes
    ----------
    owner
        The part of a projection; blocks of the same owner are neighbours in a list.
    source, target : ndarray of int32, shape (size,)
        Rows of the cells in the two groups.
    values : dict
        Brian2's variables by name, in base units, and delays as ``delay_<pathway>``, in steps:
        a number if all synapses share it, or an array of shape (size,).
    """

    owner: Any
    source: np.ndarray
    target: np.ndarray
    values: dict[str, Any]
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = len(self.source)


def read_column(pending: list[PendingSynapses], name: str) -> np.ndarray:
    """Values of one variable of all pending synapses, shape (total size,)."""
    column = {"_synaptic_pre": "source", "_synaptic_post": "target", "transmitted": "weight"}
    name = column.get(name, name)
    return np.concatenate(
        [np.broadcast_to((vars(one) | one.values)[name], (one.size,)) for one in pending]
    )


def write_column(pending: list[PendingSynapses], name: str, values: np.ndarray) -> None:
    """Set the values (shape (total size,)) of one variable of all pending synapses."""
    first = 0
    for one in pending:
        one.values[name] = values[first : first + one.size]
        first += one.size


def create_synapses(
    pending: list[PendingSynapses],
    kind: SynapseKind,
    source: Any,
    target: Any,
    early_steps: Mapping[str, int],
    dt: float,
    clock: Any,
    name: str,
) -> brian2.Synapses:
    """Create the Brian2 object of pending synapses, whose columns are released one by one.

    Parameters
    ----------
    source, target
        Groups of Brian2.
    early_steps
        By pathway, the number of steps by which its delay is shortened.
    dt
        Time step, in ms.

    Returns
    -------
    brian2.Synapses
        With one delay for a whole pathway where all synapses share it.
    """
    uniform_delays = {}
    for pathway in kind.pathways:
        delays = [block.values[f"delay_{pathway}"] for block in pending]
        if (
            not any(np.ndim(delay) for delay in delays)
            and len({int(delay) for delay in delays}) == 1
        ):
            uniform_delays[pathway] = int(delays[0])
    synapses = brian2.Synapses(
        source,
        target,
        model=kind.model,
        on_pre=dict(kind.on_pre),
        on_post=dict(kind.on_post) or None,
        delay={
            pathway: (steps - early_steps.get(pathway, 0)) * dt * 1e-3 * second
            for pathway, steps in uniform_delays.items()
        },
        clock=clock,
        name=name,
        namespace=FUNCTIONS,
    )
    for order, pathway in enumerate(kind.pathways, start=-len(kind.pathways)):
        brian_pathway = getattr(synapses, pathway)
        object.__setattr__(brian_pathway, "__class__", Pathway)
        brian_pathway.order = order
    size = sum(block.size for block in pending)
    # ``Synapses.connect(i=, j=)`` does the same, but compiles code and needs more memory.
    for variable, side in (("_synaptic_pre", "source"), ("_synaptic_post", "target")):
        synapses.variables[variable].resize(size)
        _move_column(pending, synapses.variables[variable], side)
    synapses._resize(size)
    _move_column(pending, synapses.variables["weight"], "weight")
    for pathway in set(kind.pathways) - set(uniform_delays):
        variable = getattr(synapses, pathway).variables["delay"]
        _move_column(pending, variable, f"delay_{pathway}")
        array = variable.get_value()
        array[:] = (array - early_steps.get(pathway, 0)) * (dt * 1e-3)
    if kind.plastic:
        _move_column(pending, synapses.variables["row"], "row")
    return synapses


def _move_column(pending: list[PendingSynapses], variable: Any, name: str) -> None:
    """Copy a column of all pending synapses to a Brian2 variable, and release it."""
    first, array = 0, variable.get_value()
    for one in pending:
        columns = one.values if name in one.values else vars(one)
        array[first : first + one.size] = columns[name]
        columns[name] = None
        first += one.size
