"""Connectors with an explicit list of connections: lists, files, matrices, other projections.

Mends (seen in PyNN 0.13.0): indices in a list that are too large, negative or not whole numbers are
dropped, wrapped or truncated; connections from a pickle, a single connection from a file, and a
file that is read twice fail or are lost; random values of the synapse type are the same for every
target of a list; a matrix of 0 and 1 is used as indices; a clone merges several connections of a
pair into one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from pyNN import connectors as stock
from pyNN import errors

from pipelines.errors import Unsupported

from .invalid_value import InvalidValue

_SIDES = ("presynaptic", "postsynaptic")


class NoSuchCell(Unsupported, errors.ConnectionError):
    """A connection to a cell that does not exist."""


class ListedConnector(stock.FromListConnector):
    """Base of `FromListConnector` and `FromFileConnector`: checks the list of connections."""

    conn_list: np.ndarray
    column_names: Any

    def connect(self, projection: Any) -> None:
        known = projection.synapse_type.get_parameter_names()
        for name in self.column_names:
            if name not in known:
                where, what = type(self).__name__, f"a column {name!r}, which no synapse has"
                raise InvalidValue(where, what, given=name, among=known)
        if not getattr(projection, "bulk", False):
            super().connect(projection)
            return
        if self.location_selector is not None:
            raise Unsupported("location_selector", "neurons here are points")
        if len(self.conn_list) == 0:
            return
        pairs = [self._checked_indices(column, projection) for column in (0, 1)]
        order = np.argsort(pairs[1], kind="stable")
        source, target = (indices[order] for indices in pairs)
        columns = {
            name: self.conn_list[order, column] for column, name in enumerate(self.column_names, 2)
        }
        others = self._parameters_from_synapse_type(projection)
        drawn = {name: value for name, value in others.items() if name not in columns}
        values = {name: v.evaluate(simplify=True) for name, v in drawn.items() if v.is_homogeneous}
        if len(values) == len(drawn):
            projection.connect_pairs(source, target, values | columns)
            return
        targets, first = np.unique(target, return_index=True)
        for post, a, b in zip(targets, first, [*first[1:], len(target)], strict=True):
            each = {name: value[a:b] for name, value in columns.items()}
            for name, value in drawn.items():
                each[name] = values[name] if name in values else value[source[a:b], int(post)]
            projection._convergent_connect(source[a:b], int(post), **each)

    def _checked_indices(self, column: int, projection: Any) -> np.ndarray:
        """Indices of the cells on one side (0: pre, 1: post), checked."""
        values, size = self.conn_list[:, column], projection.shape[column]
        wrong = ~((values >= 0) & (values < size) & (values == np.floor(values)))
        if np.any(wrong):
            row, label = int(np.flatnonzero(wrong)[0]), (projection.pre, projection.post)[column]
            raise NoSuchCell(
                f"{type(self).__name__}, connection {row}",
                f"{_SIDES[column]} index {values[row]:g} of {label.label!r}",
                allowed=f"whole numbers from 0 to {size - 1}" if size else "none: it has no cell",
            )
        return np.asarray(values, dtype=np.int64)


def _connection_table(rows: Any, where: str) -> np.ndarray:
    """Rows of numbers as an array of floats, shape (n_connections, n_columns)."""
    try:
        table = np.array(rows if hasattr(rows, "__len__") else list(rows), dtype=float)
    except (TypeError, ValueError):
        table = np.empty(())
    if table.size == 0 and table.ndim in (1, 2):
        return np.empty((0, 2))
    if table.ndim != 2:
        what = "what is given is no list of connections with the same number of columns each"
        raise InvalidValue(where, what, allowed="rows of (pre, post, ...), all numbers")
    return table


class FromListConnector(ListedConnector):
    __doc__ = stock.FromListConnector.__doc__

    def __init__(self, conn_list: Any, column_names: Any = None, *args: Any, **options: Any):
        names = (column_names,) if isinstance(column_names, str) else column_names
        super().__init__(_connection_table(conn_list, "FromListConnector"), names, *args, **options)


class FromFileConnector(ListedConnector):
    __doc__ = stock.FromFileConnector.__doc__
    parameter_names = stock.FromFileConnector.parameter_names
    __init__ = stock.FromFileConnector.__init__

    def connect(self, projection: Any) -> None:
        where = f"FromFileConnector, file {self.file.name!r}"
        if self.distributed:
            self.file.rename(f"{self.file.name}.{projection._simulator.state.mpi_rank}")
        if hasattr(getattr(self.file, "fileobj", None), "seek"):
            # The file may have been read before.
            self.file.fileobj.seek(0)
        names = self.file.get_metadata().get("columns")
        rows = self.file.read()
        if np.ndim(rows) == 1 and np.size(rows) and np.ndim(rows[0]) == 0:
            rows = [rows]  # NumPy reads a single line as a vector
        table = _connection_table(rows, where)
        if names is None:
            names = {2: ["i", "j"], 4: ["i", "j", "weight", "delay"]}.get(table.shape[1], [])
        names = [str(name) for name in names]
        if not {"i", "j"} & set(names):
            names = ["i", "j", *names]
        if len(table) and len(names) != table.shape[1]:
            what = f"{table.shape[1]} columns, named {', '.join(names)}"
            raise InvalidValue(where, what, allowed="a header with the name of each column")
        self.column_names = [name for name in names if name not in ("i", "j")]
        order = [names.index(name) for name in ("i", "j", *self.column_names)]
        self.conn_list = table[:, order] if len(table) else table
        super().connect(projection)


class ArrayConnector(stock.ArrayConnector):
    __doc__ = stock.ArrayConnector.__doc__

    def connect(self, projection: Any) -> None:
        array = np.asarray(self.array)
        if array.shape != projection.shape:
            what = f"a matrix of shape {array.shape} between populations of {projection.shape}"
            raise InvalidValue("ArrayConnector", what, allowed=f"shape {projection.shape}")
        if array.dtype != bool and not np.all((array == 0) | (array == 1)):
            what = "a matrix of other values than 0 and 1"
            raise InvalidValue("ArrayConnector", what, allowed="True and False; 0 and 1")
        mask = stock.LazyArray(array.astype(bool), projection.shape)
        self._connect_with_map(projection, mask)


class CloneConnector(stock.CloneConnector):
    __doc__ = stock.CloneConnector.__doc__

    def connect(self, projection: Any) -> None:
        cloned = self.reference_projection
        same = projection.pre == cloned.pre and projection.post == cloned.post
        if not same or not getattr(cloned, "bulk", False):
            super().connect(projection)
            return
        address = cloned.read(["presynaptic_index", "postsynaptic_index"])
        source, target = (np.asarray(indices, dtype=int) for indices in address.values())
        bounds = np.searchsorted(target, np.arange(projection.post.size + 1))

        def sources(mask: Any = None) -> Iterator[np.ndarray]:
            n_post = projection.post.size
            for k in np.arange(n_post) if mask is None else np.arange(n_post)[mask]:
                yield source[bounds[k] : bounds[k + 1]]

        self._standard_connect(projection, sources)
