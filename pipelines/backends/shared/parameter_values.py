"""Conversion of parameter values to numbers: lists, generators, tables, quantities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

import numpy as np
import quantities as pq
from pyNN.parameters import ArrayParameter, LazyArray

from .invalid_value import InvalidValue

# Units that quantities are converted to: parameters of synapses (weights are currents, conductances
# or potentials), and of current sources.
SYNAPSE_UNITS: dict[str, tuple[str, ...]]
SYNAPSE_UNITS = {"delay": ("ms",), "weight": ("nA", "uS", "mV")}
CURRENT_SOURCE_UNITS = {
    **dict.fromkeys(("amplitude", "amplitudes", "offset", "mean", "stdev"), "nA"),
    **dict.fromkeys(("start", "stop", "times", "dt"), "ms"),
    "frequency": "Hz", "phase": "degree",
}  # fmt: skip


def to_floats(value: Any, units: Iterable[str] | None, where: str) -> np.ndarray:
    """Convert a value of a script to an array of floats.

    Parameters
    ----------
    value
        A number, or numbers in a list, tuple, array, generator, PyNN's `Sequence`, a column of a
        table, or a quantity.
    units
        Units for quantities: the first compatible one is used.
    where
        Description of the value, for messages.

    Raises
    ------
    InvalidValue
        If the value cannot be converted.
    """
    if isinstance(value, ArrayParameter):
        value = value.value
    if isinstance(value, pq.Quantity):
        value = _magnitude(value, units, where)
    if hasattr(value, "__next__"):
        value = list(value)
    if isinstance(value, list | tuple) and value and isinstance(value[0], pq.Quantity):
        value = [to_floats(one, units, where) for one in value]
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise InvalidValue(
            where, f"{value!r} cannot be read as numbers", allowed="numbers"
        ) from None


def normalised(values: Mapping[str, Any], units: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Parameters or initial values by name, in forms that PyNN accepts everywhere.

    Quantities become numbers in PyNN's unit; columns of tables, generators and sequences become
    arrays; numbers become 64-bit floats, since Brian2 would compute with 32-bit ones in 32 bits.
    Other values are returned unchanged.
    """
    return {
        name: _normalised(value, units.get(name), f"{name} of {where}")
        for name, value in values.items()
    }


def _normalised(value: Any, unit: str | tuple[str, ...] | None, where: str) -> Any:
    if isinstance(value, LazyArray):
        if isinstance(value.dtype, type) and issubclass(value.dtype, ArrayParameter):
            # One value of this parameter consists of several numbers.
            return value
        base = _normalised(value.base_value, unit, where)
        if base is not value.base_value:
            value = copy(value)
            value.base_value = base
        return value
    listed = (
        isinstance(value, list | tuple)
        and len(value) > 0
        and isinstance(value[0], pq.Quantity | np.number)
    )
    is_array = isinstance(value, np.ndarray | np.number) and value.dtype.kind in "iuf"
    other = hasattr(value, "__next__") or hasattr(value, "to_numpy")
    if not (listed or is_array or other or isinstance(value, ArrayParameter)):
        return value
    given = to_floats(value, (unit,) if isinstance(unit, str) else unit, where)
    return given if given.ndim else float(given)


def _magnitude(value: pq.Quantity, units: Iterable[str] | None, where: str) -> np.ndarray:
    for unit in units or ():
        try:
            return np.asarray(value.rescale(unit).magnitude)
        except (ValueError, LookupError):
            continue
    if value.dimensionality == pq.dimensionless.dimensionality:
        return np.asarray(value.magnitude)
    allowed = f"{' or '.join(units)}, or plain numbers" if units else "plain numbers"
    raise InvalidValue(where, f"a quantity in {value.dimensionality}", allowed=allowed)
