"""What no cell can be computed with or come to, refused in the same words on every backend.

Mends (seen in PyNN 0.13.0, NEST 3.10.0, Brian2 2.11.0): parameters that NEST's models refuse, and
Brian2 computes with: it fails, hangs or has NaN for a potential; a potential of `HH_cond_exp` that
NEST records as NaN, at time steps that its solver cannot begin with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipelines.errors import BadInput

from .invalid_value import InvalidValue

# Parameters of cells, by PyNN's names; those of a composed neuron's receptors have its label before
# them.
_POSITIVE = {
    "cm", "tau_m", "tau_syn_E", "tau_syn_I", "tau_syn", "tau_rise", "tau_decay", "tau_sfa",
    "tau_rr", "tau_w",
}  # fmt: skip
_NOT_NEGATIVE = {"tau_refrac", "delta_T"}
# Beyond it, exp() of a potential overflows (NEST's limit for its adaptive exponential models).
_LARGEST_EXPONENT = np.log(np.finfo(float).max / 1e20)


def refuse_impossible(celltype: Any, values: Mapping[str, Any]) -> None:
    """Refuse parameters of cells that no backend has a model for.

    Parameters
    ----------
    celltype
        Whose parameters they are.
    values
        By PyNN's names, in its units: numbers, or an array with one for each cell. What is not
        there is not looked at.

    Raises
    ------
    InvalidValue
        For the first that is outside its range, or no number.
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
    """Refuse to go on with states of cells that are not finite numbers.

    Parameters
    ----------
    population
        Whose cells they are, or what to call them.
    values : ndarray, shape (..., n)
        States of its cells; the last axis is that of the cells.

    Raises
    ------
    BadInput
        If there is one.
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
