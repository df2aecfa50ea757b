"""Synapses of a projection as objects, indexed in the order of ``get(format="list")``."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import common

from .block_connection import stock_unless_bulk

ADDRESS = ["presynaptic_index", "postsynaptic_index"]


def connection_order(values: dict[str, np.ndarray]) -> np.ndarray:
    """Order of ``get(format="list")``: synapses by source, then by target.

    Parameters
    ----------
    values
        Attributes as returned by a projection's `_read`, including the addresses.

    Returns
    -------
    ndarray of int, shape (n_synapses,)
        Rows of `values` in this order.
    """
    order: np.ndarray = np.lexsort([values[name] for name in reversed(ADDRESS)])
    return order


class Connection(common.Connection):
    """A synapse, by its index in ``get(format="list")``."""

    def __init__(self, projection: Any, index: int) -> None:
        self.__dict__["projection"] = projection
        self.__dict__["index"] = index

    @property
    def source(self) -> Any:
        """The presynaptic cell."""
        return self.projection.pre.all_cells[self.presynaptic_index]

    @property
    def target(self) -> Any:
        """The postsynaptic cell."""
        return self.projection.post.all_cells[self.postsynaptic_index]

    presynaptic_cell = source
    postsynaptic_cell = target

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        row = self.projection._connection_rows()[self.index]
        return self.projection._read_cached(name)[row].item()

    def __setattr__(self, name: str, value: float) -> None:
        self.projection._set_connection(self.index, name, float(value))

    def as_tuple(self, *attribute_names: str) -> tuple[Any, ...]:
        """Values of several attributes."""
        return tuple(getattr(self, name) for name in attribute_names)


class ConnectionsMixin:
    """Mixin of projections: their synapses as `Connection` objects."""

    _simulator: Any
    _number: int
    _cached: dict[str, Any]
    bulk: bool
    _read: Any
    _set_values: Any
    _refuse_unknown: Any

    def _read_cached(self, name: str) -> np.ndarray:
        """Values of one attribute as from `_read`, cached for loops over all connections."""
        now = self._simulator.state.t
        if self._cached.get("t") != now:
            self._cached = {"t": now}
        if name not in self._cached:
            self._cached |= self._read([name])
        return self._cached[name]

    def _connection_rows(self) -> np.ndarray:
        """Rows of `_read` in the order of ``get(format="list")``."""
        for name in ADDRESS:
            self._read_cached(name)
        if "rows" not in self._cached:
            self._cached["rows"] = connection_order(self._cached)
        rows: np.ndarray = self._cached["rows"]
        return rows

    def _set_connection(self, index: int, name: str, value: float) -> None:
        """Set an attribute of one synapse, by its index in ``get(format="list")``."""
        self._refuse_unknown([name])
        read = self._read([*ADDRESS, name])
        row = connection_order(read)[index]
        values = np.array(read[name])
        values[row] = value
        cells = [int(read[address][row]) for address in ADDRESS]
        self._set_values({name: values}, f"{cells} {name} {value!r}".encode())

    @property
    def connections(self) -> Any:
        """An iterator over the synapses, as `Connection` objects."""
        if not self.bulk:
            return super().connections  # type: ignore[misc]
        return (Connection(self, index) for index in range(self._number))

    @stock_unless_bulk
    def __getitem__(self, index: int | slice) -> Any:
        chosen = range(self._number)[index]
        if isinstance(chosen, range):
            return [Connection(self, k) for k in chosen]
        return Connection(self, chosen)
