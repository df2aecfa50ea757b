"""Many synapses of one model: made, read and changed as arrays, some at a time.

``nest.Connect`` puts the arrays of parameters other than weight and delay into one matrix of
doubles: for large projections more memory than the synapses themselves, and most of the time. So
what synapses share are defaults of their model. Whatever NEST is asked about a connection, it
lists all that it knows of it: some 800 bytes, and most of the time that reading takes. So all
attributes are taken from one list, and a list is of a part of the connections. Mends: NEST has no
axonal delays (row "dendritic_delay_fraction"; all seen in NEST 3.10.0), and room for some 430
models beside its own.

A purely axonal delay stays refused. With it a weight acts on the neuron in the step in which the
spike reaches the synapse, after a postsynaptic spike of that very step has changed it; NEST sends a
weight one step at least before it acts, so it would have to know that spike in advance.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import nest
import numpy as np
from nest import nestkernel_api

from ..shared.synapse_blocks import Values
from ..shared.time_grid import to_ms
from . import mpi_processes
from .kernel_time import registry
from .mpi_connections import connected

# Largest node id of a target of NEST's small synapses ("_hpc": 16 bytes each, others have 32).
# They number targets within a thread by 16 bits, and know the first receptor alone (Kunkel et al.
# 2014, Frontiers in Neuroinformatics 8:78, section 3.3.2).
MOST_SMALL_TARGETS = 2**16 - 2
# Above any delay in steps, and with any node id still within 63 bits.
_STEPS = 2**31
# Connections that NEST hands out at once, and those of which it lists all that it knows.
_HANDLES, _LISTED = 500_000, 50_000
# Models that NEST has room for, its own among them; that it is full is asked after the first few.
_MODELS, _FEW = 511, 400
# What is a whole number of a connection.
_NUMBERS = ("source", "target", "receptor")
# Numbers of all models that are made; those of synapses whose model is shared are their labels.
_numbers = count()


class SynapseModel:
    """A copy of one of NEST's synapse models, which is that of one projection alone.

    Where NEST has no room for another copy, projections share a model and differ by a label.

    Parameters
    ----------
    base
        NEST's synapse model.
    name
        Name of the copy.
    parameters
        Of the first synapses, in NEST's names and units. Numbers become defaults of the model.
    """

    def __init__(self, base: str, name: str, parameters: dict[str, Values]) -> None:
        self._which: dict[str, Any] = {"synapse_model": name}
        self._defaults = {
            key: float(value) for key, value in parameters.items() if np.ndim(value) == 0
        }
        if "Wmax" in self._defaults:
            # NEST compares the signs of the two as soon as it is told either.
            self._defaults.setdefault("weight", self._defaults["Wmax"])
        elif "Wmax" in parameters:
            self._defaults.pop("weight", None)
        number = next(_numbers)
        if number < _FEW or len(nest.synapse_models) < _MODELS:
            nest.CopyModel(base, name, self._defaults)
        else:
            labelled = f"{base.removesuffix('_hpc')}_lbl"
            self._which = {"synapse_model": labelled, "synapse_label": number}
            self._defaults = {}

    def find(self, **where: Any) -> Any:
        """NEST's handles of the connections, or of those that are asked for."""
        return nest.GetConnections(**self._which, **where)

    def connect(
        self,
        sources: np.ndarray,
        targets: np.ndarray,
        parameters: dict[str, Values],
        receptors: np.ndarray | None = None,
    ) -> None:
        """Connect nodes one to one.

        Parameters
        ----------
        sources, targets : ndarray of int64, shape (n,)
            Node ids.
        parameters
            In NEST's names and units: one number where all synapses share it, else an array of
            shape (n,).
        receptors : ndarray of int64, shape (n,)
            Number of the receptor on each target, for models that have several.
        """
        synapse = {
            key: np.array(np.broadcast_to(value, sources.shape), dtype=float)
            for key, value in parameters.items()
            if np.ndim(value) or self._defaults.get(key) != value
        }
        if receptors is not None:
            synapse["receptor_type"] = receptors
        nest.Connect(sources, targets, "one_to_one", self._which | synapse)
        connected.add(self._which["synapse_model"], self, sources, targets)

    def parts(self, number: int, targets: np.ndarray) -> Iterator[list[Any]]:
        """Handles of all connections, those of some targets at a time.

        Parameters
        ----------
        number
            How many there are.
        targets : ndarray of int64
            Node ids of all targets.
        """
        if number <= _HANDLES:
            yield self.find()._datum or []
            return
        # NEST looks at all connections for every part of the targets.
        ids = np.unique(targets)
        for some in np.array_split(ids, min(-(-number // _HANDLES), len(ids))):
            nodes = nest.NodeCollection(some.tolist())
            found = self.find(target=nodes)._datum or []
            # All processes go on together, whether they have some of these or not.
            if len(found) or mpi_processes.are_several():
                yield found

    def remove(self, number: int, targets: np.ndarray) -> None:
        """Remove all connections; arguments are those of `parts`."""
        for handles in self.parts(number, targets):
            nestkernel_api.llapi_disconnect_syncoll(handles)
        connected.remove(self._which["synapse_model"], self)


def attributes(handles: list[Any], names: list[str]) -> dict[str, np.ndarray]:
    """Attributes of connections as they are now, by NEST's names, one value a connection."""
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for first in range(0, len(handles), _LISTED):
        known = nestkernel_api.llapi_get_connection_status(handles[first : first + _LISTED])
        for name, values in columns.items():
            values.append(np.array([one[name] for one in known]))
    if not handles:
        # None in this process.
        return {name: np.empty(0, np.int64 if name in _NUMBERS else float) for name in names}
    return {name: np.concatenate(values) for name, values in columns.items()}


def set_attributes(handles: list[Any], values: dict[str, np.ndarray]) -> None:
    """Give each connection attributes, in NEST's names and units, one value a connection."""
    for first in range(0, len(handles), _LISTED):
        some = slice(first, first + _LISTED)
        rows = zip(*(column[some].tolist() for column in values.values()), strict=True)
        each = [dict(zip(values, row, strict=True)) for row in rows]
        nestkernel_api.llapi_set_connection_status(handles[some], each)


def set_all_but(handles: list[Any], others: np.ndarray, values: dict[str, np.ndarray]) -> None:
    """Give connections attributes as `set_attributes` does, but for some: `others` is a mask."""
    usual = np.flatnonzero(~others)
    usual_values = {name: value[usual] for name, value in values.items()}
    set_attributes([handles[k] for k in usual.tolist()], usual_values)


def set_unchecked(handle: Any, values: dict[str, np.ndarray]) -> None:
    """Give a connection attributes that NEST finds out of range when it has taken all of them."""
    with suppress(nest.NESTError):
        set_attributes([handle], values)


class Parrots:
    """The axonal delays of one projection: a parrot neuron for each source and number of steps.

    It holds a spike back on its way to the synapse.
    """

    def __init__(self) -> None:
        self._keys = np.empty(0, dtype=np.int64)
        self._ids = np.empty(0, dtype=np.int64)

    @property
    def longest_steps(self) -> int:
        """The longest of the delays, in steps."""
        return int(np.max(self._keys % _STEPS, initial=0))

    def senders(self, sources: np.ndarray, axonal: np.ndarray) -> np.ndarray:
        """Nodes that send to synapses: the source, or a parrot where there is an axonal delay.

        Parameters
        ----------
        sources : ndarray of int64, shape (n,)
            Node ids.
        axonal : ndarray of int64, shape (n,)
            Axonal delays, in steps.

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        delayed = axonal > 0
        if not delayed.any():
            return sources
        wanted, which = np.unique(sources[delayed] * _STEPS + axonal[delayed], return_inverse=True)
        keys = wanted[~np.isin(wanted, self._keys)]
        if keys.size:
            pre, steps = np.divmod(keys, _STEPS)
            model = "parrot_neuron_ps" if registry.off_grid else "parrot_neuron"
            made = np.asarray(nest.Create(model, len(keys)).tolist(), dtype=np.int64)
            delay = to_ms(steps, registry.timestep)
            synapse = {"synapse_model": "static_synapse", "weight": np.ones(len(keys))}
            nest.Connect(pre, made, "one_to_one", synapse | {"delay": delay})
            connected.add("static_synapse", int(made[0]), pre, made)
            self._keys, self._ids = np.append(self._keys, keys), np.append(self._ids, made)
        order = np.argsort(self._keys)
        ids = self._ids[order[np.searchsorted(self._keys, wanted, sorter=order)]]
        senders = sources.copy()
        senders[delayed] = ids[which]
        return senders

    def sources(self, senders: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The cell behind each node that sends to a synapse, and its axonal delay in steps."""
        if not self._ids.size:
            return senders, np.zeros(senders.shape, dtype=np.int64)
        # NEST counts nodes on as they are made.
        place = np.searchsorted(self._ids, senders).clip(max=len(self._ids) - 1)
        held = self._ids[place] == senders
        source, steps = np.divmod(self._keys[place], _STEPS)
        return np.where(held, source, senders), np.where(held, steps, 0)
