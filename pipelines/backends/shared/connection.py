"""One synapse of a projection, as PyNN's fine-grained connection interface shows it.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): a connection's handle goes stale, and reads another
connection's values, once another projection is made (row "get() after another projection was
made").
"""

from __future__ import annotations

from typing import Any

from pyNN import common


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
