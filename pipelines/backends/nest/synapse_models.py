"""Synapse models of projections: their synapses are created, read and changed as arrays.

``nest.Connect`` copies parameters other than weight and delay into one matrix of doubles: for large
projections this takes more memory than the synapses themselves, and most of the time. So parameters
common to all synapses are defaults of the model. For any attribute of a connection NEST returns its
whole status, some 800 bytes, which takes most of the time of reading. So all attributes are taken
from one status, and connections are read in blocks. Mends: NEST has no axonal delays (row
"dendritic_delay_fraction"; all seen in NEST 3.10.0), and a limit of some 430 models beside its own.

A purely axonal delay is refused. With it the weight would act on the neuron in the step in which
the spike reaches the synapse, after a postsynaptic spike of the same step has changed it. NEST
sends a weight at least one step before it acts, when that spike is not yet known.
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
from .mpi_connections import source_table

# Largest node id of a target of NEST's small synapses ("_hpc": 16 bytes each, others have 32).
# They have 16 bits for the number of a target within its thread, and only the first receptor
# (Kunkel et al. 2014, Frontiers in Neuroinformatics 8:78, section 3.3.2).
MAX_HPC_TARGET_ID = 2**16 - 2
# Base of keys (node id, delay in steps): above any delay, and keys fit into 63 bits.
_KEY_BASE = 2**31
# Most connections whose handles, and whose status, are read in one call.
_MAX_HANDLES, _MAX_LISTED = 500_000, 50_000
# NEST's limit of synapse models, its own included; it is checked only after the first ones.
_MAX_MODELS, _FIRST_FULL_CHECK = 511, 400
# Integer attributes of connections.
_INTEGER_ATTRIBUTES = ("source", "target", "receptor")
# Numbers of synapse models; synapses that share a model have the number as their label.
_model_numbers = count()


class SynapseModel:
    """A copy of a NEST synapse model for the synapses of one projection.

    Beyond NEST's limit of models, projections share a model and have different labels.

    Parameters
    ----------
    base
        NEST's synapse model.
    name
        Name of the copy.
    parameters
        Parameters of the first synapses, in NEST's names and units. Numbers become defaults.
    """

    def __init__(self, base: str, name: str, parameters: dict[str, Values]) -> None:
        self._model_selection: dict[str, Any] = {"synapse_model": name}
        self._defaults = {
            key: float(value) for key, value in parameters.items() if np.ndim(value) == 0
        }
        if "Wmax" in self._defaults:
            # NEST compares the signs of Wmax and weight as soon as one of them is set.
            self._defaults.setdefault("weight", self._defaults["Wmax"])
        elif "Wmax" in parameters:
            self._defaults.pop("weight", None)
        number = next(_model_numbers)
        if number < _FIRST_FULL_CHECK or len(nest.synapse_models) < _MAX_MODELS:
            nest.CopyModel(base, name, self._defaults)
        else:
            labelled = f"{base.removesuffix('_hpc')}_lbl"
            self._model_selection = {"synapse_model": labelled, "synapse_label": number}
            self._defaults = {}

    def find(self, **where: Any) -> Any:
        """NEST's handles of the connections; `where` are further arguments of `GetConnections`."""
        return nest.GetConnections(**self._model_selection, **where)

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
        nest.Connect(sources, targets, "one_to_one", self._model_selection | synapse)
        source_table.add(self._model_selection["synapse_model"], self, sources, targets)

    def handle_blocks(self, number: int, targets: np.ndarray) -> Iterator[list[Any]]:
        """Handles of all connections, in blocks of targets.

        Parameters
        ----------
        number
            Number of connections.
        targets : ndarray of int64
            Node ids of all targets.
        """
        if number <= _MAX_HANDLES:
            yield self.find()._datum or []
            return
        # NEST searches all connections for every block, so blocks are large.
        ids = np.unique(targets)
        for some in np.array_split(ids, min(-(-number // _MAX_HANDLES), len(ids))):
            nodes = nest.NodeCollection(some.tolist())
            found = self.find(target=nodes)._datum or []
            # All processes yield the same number of blocks, including empty ones.
            if len(found) or mpi_processes.is_distributed():
                yield found

    def remove(self, number: int, targets: np.ndarray) -> None:
        """Remove all connections; arguments are those of `handle_blocks`."""
        for handles in self.handle_blocks(number, targets):
            nestkernel_api.llapi_disconnect_syncoll(handles)
        source_table.remove(self._model_selection["synapse_model"], self)


def get_attributes(handles: list[Any], names: list[str]) -> dict[str, np.ndarray]:
    """Read attributes of connections, by NEST's names, one value a connection."""
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for first in range(0, len(handles), _MAX_LISTED):
        status = nestkernel_api.llapi_get_connection_status(handles[first : first + _MAX_LISTED])
        for name, values in columns.items():
            values.append(np.array([one[name] for one in status]))
    if not handles:
        # No connection in this process.
        return {
            name: np.empty(0, np.int64 if name in _INTEGER_ATTRIBUTES else float) for name in names
        }
    return {name: np.concatenate(values) for name, values in columns.items()}


def set_attributes(handles: list[Any], values: dict[str, np.ndarray]) -> None:
    """Set attributes of connections, in NEST's names and units, one value a connection."""
    for first in range(0, len(handles), _MAX_LISTED):
        some = slice(first, first + _MAX_LISTED)
        rows = zip(*(column[some].tolist() for column in values.values()), strict=True)
        each = [dict(zip(values, row, strict=True)) for row in rows]
        nestkernel_api.llapi_set_connection_status(handles[some], each)


def set_attributes_except(
    handles: list[Any], excluded: np.ndarray, values: dict[str, np.ndarray]
) -> None:
    """Set attributes of connections as `set_attributes` does, except where the mask is true."""
    included = np.flatnonzero(~excluded)
    included_values = {name: value[included] for name, value in values.items()}
    set_attributes([handles[k] for k in included.tolist()], included_values)


def set_out_of_range(handle: Any, values: dict[str, np.ndarray]) -> None:
    """Set attributes of a connection that are out of range for NEST.

    NEST stores all of them before it raises the error, which is ignored.
    """
    with suppress(nest.NESTError):
        set_attributes([handle], values)


class AxonalDelayParrots:
    """Axonal delays of a projection: a parrot neuron for each pair of source and delay.

    The parrot neuron delays the spikes on their way to the synapses.
    """

    def __init__(self) -> None:
        self._keys = np.empty(0, dtype=np.int64)
        self._ids = np.empty(0, dtype=np.int64)

    @property
    def longest_steps(self) -> int:
        """The longest axonal delay, in time steps."""
        return int(np.max(self._keys % _KEY_BASE, initial=0))

    def senders(self, sources: np.ndarray, axonal: np.ndarray) -> np.ndarray:
        """Sending node of each synapse: its source, or a parrot neuron if it has an axonal delay.

        Parameters
        ----------
        sources : ndarray of int64, shape (n,)
            Node ids.
        axonal : ndarray of int64, shape (n,)
            Axonal delays, in time steps.

        Returns
        -------
        ndarray of int64, shape (n,)
            Node ids.
        """
        delayed = axonal > 0
        if not delayed.any():
            return sources
        wanted, which = np.unique(
            sources[delayed] * _KEY_BASE + axonal[delayed], return_inverse=True
        )
        keys = wanted[~np.isin(wanted, self._keys)]
        if keys.size:
            pre, steps = np.divmod(keys, _KEY_BASE)
            model = "parrot_neuron_ps" if registry.off_grid else "parrot_neuron"
            made = np.asarray(nest.Create(model, len(keys)).tolist(), dtype=np.int64)
            delay = to_ms(steps, registry.timestep)
            synapse = {"synapse_model": "static_synapse", "weight": np.ones(len(keys))}
            nest.Connect(pre, made, "one_to_one", synapse | {"delay": delay})
            source_table.add("static_synapse", int(made[0]), pre, made)
            self._keys, self._ids = np.append(self._keys, keys), np.append(self._ids, made)
        order = np.argsort(self._keys)
        ids = self._ids[order[np.searchsorted(self._keys, wanted, sorter=order)]]
        senders = sources.copy()
        senders[delayed] = ids[which]
        return senders

    def sources(self, senders: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Source and axonal delay (time steps) of synapses with these sending nodes."""
        if not self._ids.size:
            return senders, np.zeros(senders.shape, dtype=np.int64)
        # Ids are ascending in the order of creation.
        place = np.searchsorted(self._ids, senders).clip(max=len(self._ids) - 1)
        is_parrot = self._ids[place] == senders
        source, steps = np.divmod(self._keys[place], _KEY_BASE)
        return np.where(is_parrot, source, senders), np.where(is_parrot, steps, 0)
