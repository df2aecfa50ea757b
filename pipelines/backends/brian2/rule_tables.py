"""Tables of the parameters of plasticity rules, which many synapses share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


class RuleTable:
    """Distinct sets of a rule's parameters, each of which is a row of the table.

    Parameters
    ----------
    columns
        Names of the parameters.
    """

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._columns = columns
        # By set of values, the index at which its row begins.
        self._rows: dict[tuple[float, ...], int] = {}

    @property
    def values(self) -> np.ndarray:
        """All rows, one after the other, as one array of float."""
        return np.array(list(self._rows), dtype=float).ravel()

    def rows_of(self, parameters: Mapping[str, Any], size: int) -> int | np.ndarray:
        """Indices at which the rows of these parameters begin; new rows are added.

        Parameters
        ----------
        parameters
            Values by name, in base units: numbers, or arrays of shape (size,).
        size
            Number of synapses.

        Returns
        -------
        int or ndarray of int32, shape (size,)
            A number if all synapses share the parameters.
        """
        given = [np.asarray(parameters[name], dtype=float) for name in self._columns]
        if all(value.ndim == 0 for value in given):
            return self._row(tuple(float(value) for value in given))
        sets, which = np.unique(
            np.column_stack([np.broadcast_to(value, (size,)) for value in given]),
            axis=0,
            return_inverse=True,
        )
        begins = np.array([self._row(tuple(row)) for row in sets.tolist()], dtype=np.int32)
        return begins[np.ravel(which)]

    def parameter(self, rows: np.ndarray, name: str) -> np.ndarray:
        """Values of one parameter, for synapses whose rows begin at these indices."""
        values: np.ndarray = self.values[rows + self._columns.index(name)]
        return values

    def _row(self, values: tuple[float, ...]) -> int:
        return self._rows.setdefault(values, len(self._rows) * len(values))
