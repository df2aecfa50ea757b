"""Reading of synapses on NEST: values of PyNN's attributes, in a fixed order of synapses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from ..shared.connection_objects import ADDRESS
from ..shared.time_grid import to_ms
from . import mpi_processes, short_term
from .kernel_time import registry
from .pending_events import read_after_delivery
from .plasticity import native_names, pynn_values
from .potentiation import POTENTIATION_PARAMETERS, NativeValues, spike_steps
from .synapse_models import AxonalDelayParrots, SynapseModel, get_attributes

# Attributes of all plastic synapses, whatever their rule.
_COMMON_ATTRIBUTES = {"weight", "weight_now", "weight_transmitted", "delay",
                      "dendritic_delay_fraction", "w_min"}  # fmt: skip


class SynapseReading:
    """Mixin of projections: reading of the attributes of synapses."""

    synapse_type: Any
    parameter_names: list[str]
    shared_parameters: dict[str, float]
    pre: Any
    _number: int
    _scale: Any
    _floor: float
    _is_short_term: Any
    _neuron_tau_names: Any
    _taus: dict[str, np.ndarray]
    _tau_syn: np.ndarray
    _pre_ids: np.ndarray
    _post_ids: np.ndarray
    _models: list[SynapseModel]
    _parrots: AxonalDelayParrots
    _unknown: Any
    _current_weights: Any
    _transmitted_weights: Any
    # Indices of the pre- and postsynaptic neurons, stored by `_read`.
    _addresses: dict[str, np.ndarray] | None = None

    def _synapse_blocks(
        self, names: set[str], to_write: bool = False
    ) -> Iterator[tuple[list[Any], np.ndarray, dict[str, Any]]]:
        """Read the synapses of this process from NEST, a block at a time.

        They are ordered by target, source and delays, for any number of threads. Synapses that
        have all of these in common are in an arbitrary order, which the first run may change.

        Parameters
        ----------
        names
            NEST's names of the parameters to read.
        to_write
            Whether the rows in `_read` are needed.

        Yields
        ------
        handles, order, native
            Handles, the order in which they are to be taken, and values in this order: those of
            `NativeValues`, the number of each synapse in this process (`place`) and, with
            `to_write`, its row in `_read` (`row`).
        """
        rows = self._read_rows() if to_write and mpi_processes.is_distributed() else None
        first = 0
        keys = ["source", "target", "delay", *sorted(names - {"delay"})]
        for handles in self._models[0].handle_blocks(self._number, self._post_ids):
            native = get_attributes(handles, keys)
            source, native["axonal"] = self._parrots.sources(native.pop("source"))
            native["pre"] = _positions(self._pre_ids, source)
            native["post"] = _positions(self._post_ids, native.pop("target"))
            native["steps"] = np.rint(native["delay"] / registry.timestep).astype(np.int64)
            order = np.lexsort(_sort_columns(native))
            native = {name: values[order] for name, values in native.items()}
            native["place"] = place = np.arange(first, first + len(order))
            native["row"] = place if rows is None else rows[place]
            first += len(order)
            yield handles, order, native

    def _read_rows(self) -> np.ndarray:
        """Row in `_read` of each synapse of this process, in the order of `_synapse_blocks`."""
        own = [
            np.column_stack(_sort_columns(native)) for _, _, native in self._synapse_blocks(set())
        ]
        of_all = mpi_processes.gather(np.concatenate(own))
        order = np.lexsort(np.concatenate(of_all).T)
        rows = np.empty(len(order), dtype=np.int64)
        rows[order] = np.arange(len(order))
        first = sum(map(len, of_all[: mpi_processes.rank()]))
        return rows[first : first + len(of_all[mpi_processes.rank()])]

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        if names == ADDRESS:
            # `_synapse_blocks` sorts by these indices first, so they stay valid.
            self._addresses = self._addresses or self._read_from_nest(names)
            return dict(self._addresses)
        changing = self.synapse_type.plastic and any(name.startswith("weight") for name in names)
        if not registry.pending_writes and not (changing and self._has_spikes_in_transit()):
            return self._read_from_nest(names)
        # Pending spikes and scheduled writes are carried out in the next step only.
        return read_after_delivery(partial(self._read_from_nest, names), present_spikes_only=True)

    def _has_spikes_in_transit(self) -> bool:
        """Whether NEST may not have delivered all spikes up to the present to the synapses."""
        undelivered_steps = (registry.slice_steps or 1) + self._parrots.longest_steps
        recent = spike_steps(self.pre, recent=True)
        latest = max((train[-1] for train in recent if train.size), default=-1)
        return bool(latest > registry.present_step - undelivered_steps)

    def _read_from_nest(self, names: list[str]) -> dict[str, np.ndarray]:
        wanted = {"weight"} if any(name.startswith("weight") for name in names) else set()
        if self.synapse_type.plastic:
            rule = self.synapse_type.rule
            own = {*names} & {*self.parameter_names} - _COMMON_ATTRIBUTES - {
                *self._neuron_tau_names.values()
            }
            wanted.update(*(native_names(rule, n) for n in own - set(self.shared_parameters)))
            wanted.update(POTENTIATION_PARAMETERS[rule] if "weight_now" in names else ())
        elif self._is_short_term:
            wanted.update(*(short_term.native_names(name) for name in names))
        parts = []
        for _, _, native in self._synapse_blocks(wanted):
            part = {name: self._attribute(name, native) for name in names}
            if mpi_processes.is_distributed():
                part |= dict(zip(_SORT_KEYS, _sort_columns(native), strict=True))
            parts.append(part)
        values = {
            name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])
        }
        if mpi_processes.is_distributed():
            values = mpi_processes.gather_columns(values, root_only=registry.is_read_only)
            order = np.lexsort([values.pop(name) for name in _SORT_KEYS])
            values = {name: values[name][order] for name in names}
        return values

    def _attribute(self, name: str, native: NativeValues) -> np.ndarray:
        """PyNN's values of one attribute, computed from NEST's."""
        if name == "weight_now" and self.synapse_type.plastic:
            return self._current_weights(native)
        if name.startswith("weight"):
            return self._transmitted_weights(native)
        match name:
            case "presynaptic_index":
                return native["pre"]
            case "postsynaptic_index":
                return native["post"]
        if name not in self.parameter_names:
            raise self._unknown(name)
        shape = native["pre"].shape
        if name in self.shared_parameters:
            return np.full(shape, self.shared_parameters[name])
        match name:
            case "delay":
                return to_ms(native["steps"] + native["axonal"], registry.timestep)
            case "dendritic_delay_fraction":
                return native["steps"] / (native["steps"] + native["axonal"])
        if self._is_short_term:
            return short_term.pynn_values(name, native, self._tau_syn[native["post"]])
        for in_nest, own in self._neuron_tau_names.items():
            if name == own:
                return self._taus[in_nest][native["post"]]
        return pynn_values(self.synapse_type.rule, name, native, self._scale, self._floor)


# Keys by which synapses are sorted; as in `np.lexsort`, the last one is the primary key.
_SORT_KEYS = ("by steps", "by delay", "by pre", "by post")


def _sort_columns(native: NativeValues) -> tuple[np.ndarray, ...]:
    """Columns by which synapses are sorted, in the order of `_SORT_KEYS`."""
    return native["steps"], native["axonal"] + native["steps"], native["pre"], native["post"]


def _positions(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Index within `ids` of every wanted id."""
    order = np.argsort(ids, kind="stable")
    return order[np.searchsorted(ids, wanted, sorter=order)]
