"""Checks of cell parameters and states, with the same errors on every backend.

Mends (seen in PyNN 0.13.0, NEST 3.10.0, Brian2 2.11.0): for parameters that NEST's models refuse,
Brian2 fails, hangs or returns NaN potentials; NEST records NaN as the potential of `HH_cond_exp` at
time steps that are too long for its solver.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipelines.errors import BadInput

from .invalid_value import InvalidValue

# Parameters of cells that must be above 0, by PyNN's names; the receptor's label before the name is
# ignored.
_POSITIVE = {
    "cm", "tau_m", "tau_syn_E", "tau_syn_I", "tau_syn", "tau_rise", "tau_decay", "tau_sfa",
    "tau_rr", "tau_w",
}  # fmt: skip
_NOT_NEGATIVE = {"tau_refrac", "delta_T"}
# Largest exponent without overflow (NEST's limit for its adaptive exponential models).
_LARGEST_EXPONENT = np.log(np.finfo(float).max / 1e20)


def refuse_invalid_parameters(celltype: Any, values: Mapping[str, Any]) -> None:
    """Refuse invalid parameters of cells.

    Parameters
    ----------
    celltype
        Cell type with these parameters.
    values
        By PyNN's names, in its units: numbers, or arrays of shape (n_cells,). Missing parameters
        are not checked.

    Raises
    ------
    InvalidValue
        For the first value that is out of range or NaN.
    """
    name_of_type = type(celltype).__name__
    arrays = {name: np.asarray(value, dtype=float) for name, value in values.items()}

    def refuse(name: str, wrong: Any, allowed: str) -> None:
        if np.any(wrong):
            value = np.broadcast_to(arrays[name], np.shape(wrong))[wrong].flat[0]
            raise InvalidValue(f"{name_of_type}.{name}", f"{value:g}", allowed=allowed)

    for name, value in arrays.items():
        own = name.rpartition(".")[2]
        refuse(name, np.isnan(value), "a number")
        if own in _POSITIVE:
            refuse(name, value <= 0, "above 0")
        elif own in _NOT_NEGATIVE:
            refuse(name, value < 0, "0 and above")
    reset, thresh, spike = (arrays.get(f"v_{name}") for name in ("reset", "thresh", "spike"))
    top, name = (thresh, "v_thresh") if spike is None else (spike, "v_spike")
    if reset is not None and top is not None:
        refuse("v_reset", reset >= top, f"below {name}, which is {np.min(top):g} mV")
    if spike is not None and thresh is not None:
        refuse("v_thresh", thresh > spike, f"v_spike at most, which is {np.min(spike):g} mV")
        if (slope := arrays.get("delta_T")) is not None:
            steep = (slope > 0) & (spike - thresh >= _LARGEST_EXPONENT * slope)
            refuse("delta_T", steep, "0 mV, or enough for exp((v_spike - v_thresh) / delta_T)")


def refuse_not_finite(population: Any, values: np.ndarray, now_ms: float) -> None:
    """Refuse states of cells that are not finite.

    Parameters
    ----------
    population
        Population of the cells, or its label.
    values : ndarray, shape (..., n_cells)
        States of the cells.
    now_ms
        Present time, for the message.

    Raises
    ------
    BadInput
        If a value is not finite.
    """
    wrong = ~np.isfinite(values)
    if not np.any(wrong):
        return
    cell = int(np.argwhere(wrong)[0][-1])
    label = getattr(population, "label", population)
    raise BadInput(
        f"population {label!r} at {now_ms:g} ms",
        f"the state of cell {cell} is not a finite number",
        "a smaller time step, or parameters and weights with which it stays finite",
    )
