"""Synapses of a projection as objects, by their place in what ``get(format="list")`` returns."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import common

from .in_blocks import if_bulk

ADDRESS = ["presynaptic_index", "postsynaptic_index"]


class Connection(common.Connection):
    """A synapse, by its place in what ``get(format="list")`` returns."""

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
        return self.projection._read_cached(name)[self.index].item()

    def __setattr__(self, name: str, value: float) -> None:
        self.projection._set_one(self.index, name, float(value))

    def as_tuple(self, *attribute_names: str) -> tuple[Any, ...]:
        """Values of several attributes."""
        return tuple(getattr(self, name) for name in attribute_names)


class WithConnections:
    """Mixin of projections: their synapses as `Connection` objects."""

    _simulator: Any
    _number: int
    _cached: dict[str, Any]
    bulk: bool
    _read: Any
    _change: Any
    _refuse_unknown: Any

    def _read_cached(self, name: str) -> np.ndarray:
        """`_read` of one name, kept for the connections of a loop over all of them."""
        now = self._simulator.state.t
        if self._cached.get("t") != now:
            self._cached = {"t": now}
        if name not in self._cached:
            self._cached |= self._read([name])
        return self._cached[name]

    def _set_one(self, index: int, name: str, value: float) -> None:
        """Give one synapse, by its place in `_read`, a new value."""
        self._refuse_unknown([name])
        read = self._read([*ADDRESS, name])
        values = np.array(read[name])
        values[index] = value
        place = [int(read[address][index]) for address in ADDRESS]
        self._change({name: values}, f"{place} {name} {value!r}".encode())

    @property
    def connections(self) -> Any:
        """An iterator over the synapses, as `Connection` objects."""
        if not self.bulk:
            return super().connections  # type: ignore[misc]
        return (Connection(self, index) for index in range(self._number))

    @if_bulk
    def __getitem__(self, index: int | slice) -> Any:
        chosen = range(self._number)[index]
        if isinstance(chosen, range):
            return [Connection(self, k) for k in chosen]
        return Connection(self, chosen)
