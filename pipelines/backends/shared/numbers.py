"""Numbers in whichever form a script gives them: lists, generators, tables, quantities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import quantities as pq
from pyNN.parameters import ArrayParameter

from .invalid import InvalidValue


def numbers(value: Any, units: Iterable[str] | None, where: str) -> np.ndarray:
    """What a script gives, as an array of floats.

    Parameters
    ----------
    value
        A number, or numbers in a list, tuple, array, generator, PyNN's `Sequence`, a column of a
        table, or a quantity.
    units
        Units of which a quantity is converted to the first that it can be converted to.
    where
        What the numbers are, for the message.

    Raises
    ------
    InvalidValue
        If it is anything else.
    """
    if isinstance(value, ArrayParameter):
        value = value.value
    if isinstance(value, pq.Quantity):
        value = _in_units(value, units, where)
    if hasattr(value, "__next__"):
        value = list(value)
    if isinstance(value, list | tuple) and value and isinstance(value[0], pq.Quantity):
        value = [numbers(one, units, where) for one in value]
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise InvalidValue(where, f"{value!r} is no numbers", allowed="numbers") from None


def _in_units(value: pq.Quantity, units: Iterable[str] | None, where: str) -> np.ndarray:
    for unit in units or ():
        try:
            return np.asarray(value.rescale(unit).magnitude)
        except ValueError:
            continue
    if value.dimensionality == pq.dimensionless.dimensionality:
        return np.asarray(value.magnitude)
    allowed = f"{' or '.join(units)}, or plain numbers" if units else "plain numbers"
    raise InvalidValue(where, f"a quantity in {value.dimensionality}", allowed=allowed)
