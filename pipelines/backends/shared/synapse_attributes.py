"""Reading the attributes of a projection's synapses, as lists, arrays and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from pipelines.errors import Unsupported

from .block_connection import stock_unless_bulk
from .connection_objects import ADDRESS, connection_order


def _accumulate(function: np.ufunc, start: float) -> Callable[..., None]:
    def combine(array: np.ndarray, address: Any, values: np.ndarray) -> None:
        array[address] = start
        function.at(array, address, values)

    return combine


def _last(array: np.ndarray, address: Any, values: np.ndarray) -> None:
    array[address] = values


def _first(array: np.ndarray, address: Any, values: np.ndarray) -> None:
    # Copies, since NumPy traverses a reversed view in the order of memory.
    _last(array, tuple(indices[::-1].copy() for indices in address), values[::-1].copy())


# Functions that combine the values of several synapses of one pair.
_COMBINE: dict[str, Callable[..., None]] = {
    "sum": _accumulate(np.add, 0.0), "min": _accumulate(np.minimum, np.inf),
    "max": _accumulate(np.maximum, -np.inf), "first": _first, "last": _last,
}  # fmt: skip


class AttributesMixin:
    """Mixin of projections: reads attributes of synapses from the simulator, by `_read`."""

    label: str
    shape: tuple[int, int]
    parameter_names: list[str]
    _number: int

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        """Attributes in PyNN's units, including addresses, each of shape (n_synapses,).

        The order is the same for all names, and fixed until synapses are created or removed.
        """
        raise NotImplementedError

    def read(self, names: list[str]) -> dict[str, np.ndarray]:
        """Values of attributes, each of shape (n_synapses,), in an unspecified order.

        Names are ``"presynaptic_index"``, ``"postsynaptic_index"``, and those of `get`.
        """
        return self._read(names) if self._number else {name: np.empty(0) for name in names}

    @stock_unless_bulk
    def _get_attributes_as_list(self, names: list[str]) -> list[tuple[Any, ...]]:
        if not self._number:
            return []
        values = self._read([*dict.fromkeys([*ADDRESS, *names])])
        order = connection_order(values)
        values = {name: values[name][order] for name in names}
        return list(zip(*(values[name].tolist() for name in names), strict=True))

    @stock_unless_bulk
    def _get_attributes_as_arrays(
        self, names: list[str], multiple_synapses: str = "sum"
    ) -> list[np.ndarray]:
        combine = _COMBINE[multiple_synapses]
        values = self._read([*ADDRESS, *names]) if self._number else {}
        arrays = []
        for name in names:
            array = np.full(self.shape, np.nan)
            if values:
                address = tuple(values[index] for index in ADDRESS)
                combine(array, address, values[name])
            arrays.append(array)
        return arrays

    def save(
        self, attribute_names: Any, file: Any, format: str = "list", gather: bool = True,
        with_address: bool = True,
    ) -> None:  # fmt: skip
        """Write attributes to a file that `FromFileConnector` can read."""
        if format == "list" and attribute_names not in ("all", "connections"):
            # PyNN would use each letter of a single name as a column.
            one = isinstance(attribute_names, str)
            attribute_names = [attribute_names] if one else list(attribute_names)
        super().save(attribute_names, file, format, gather, with_address)  # type: ignore[misc]

    def _refuse_unknown(self, names: Iterable[str]) -> None:
        """Refuse names that are not attributes of the synapses."""
        for name in names:
            if self._number and name not in self.parameter_names:
                raise self._unknown_attribute(name)

    def _unknown_attribute(self, name: str) -> Unsupported:
        """Error for a name that is not an attribute of the synapses."""
        where, what = f"projection {self.label!r}", f"no attribute is called {name!r}"
        return Unsupported(where, what, given=name, among=self.parameter_names)
