"""Recorded signals as arrays of samples, and their units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

# Largest deviation of a sample from a regular grid, as a share of the sampling interval.
_JITTER = 1e-6

# PyNN's units, by name of the variable, or by its last part where a receptor comes before it.
_UNITS = {
    "v": "mV", "v_t": "mV", "u": "mV/ms", "w": "nA", "i_eta": "nA", "isyn": "nA", "isyn_exc": "nA",
    "isyn_inh": "nA", "gsyn": "uS", "gsyn_exc": "uS", "gsyn_inh": "uS", "g_r": "nS", "g_s": "nS",
    "m": "1", "h": "1", "n": "1",
}  # fmt: skip


def unit_of_variable(variable: str) -> str:
    """PyNN's unit of a recorded variable, "1" for a pure number; empty where it is not known.

    Of a composed cell, whose variables have names such as ``exc.gsyn``, the last part counts.
    """
    return _UNITS.get(variable) or _UNITS.get(variable.rpartition(".")[2], "")


@dataclass(frozen=True)
class Samples:
    """A variable of neurons of one population that were sampled at the same times.

    Attributes
    ----------
    population, variable
        Their names.
    neurons
        Indices within the population, of shape (n_neurons,).
    time_ms
        Times in ms, ascending, of shape (n_samples,).
    values
        In PyNN's unit, of shape (n_samples, n_neurons); NaN where there is no value.
    interval_ms
        Sampling interval in ms; None if the times are not regular.
    """

    population: str
    variable: str
    neurons: NDArray[np.int64]
    time_ms: NDArray[np.float64]
    values: NDArray[np.float64]
    interval_ms: float | None

    @property
    def unit(self) -> str:
        """PyNN's unit of the values; ``"dimensionless"`` for those without one."""
        unit = unit_of_variable(self.variable)
        return "dimensionless" if unit in ("", "1") else unit


def samples_of(signals: pd.DataFrame) -> list[Samples]:
    """Samples of all signals of one run.

    Parameters
    ----------
    signals
        Rows of the table `signals` of one run.

    Returns
    -------
    list
        Sorted by population and variable. Neurons with other times than the rest are an entry of
        their own.
    """
    import numpy as np

    found = []
    for (population, variable), rows in signals.groupby(["population", "variable"], sort=True):
        alike: dict[bytes, list[tuple[int, NDArray, NDArray]]] = {}
        for neuron, course in rows.groupby("neuron", sort=True):
            ordered = course.sort_values("time_ms", kind="stable")
            times, values = (
                ordered[name].to_numpy(float, na_value=np.nan) for name in ("time_ms", "value")
            )
            alike.setdefault(times.tobytes(), []).append((int(neuron), times, values))
        for group in alike.values():
            neurons, times, values = zip(*group, strict=True)
            found.append(
                Samples(
                    str(population), str(variable), np.array(neurons), times[0],
                    np.column_stack(values), _interval(times[0]),
                )
            )  # fmt: skip
    return found


def _interval(time_ms: NDArray[np.float64]) -> float | None:
    """Sampling interval (ms) of regular times; None if there are fewer than two, or gaps."""
    import numpy as np

    if len(time_ms) < 2:
        return None
    # To a picosecond, so that it is 0.1 rather than 0.09999999999999999.
    interval = float(np.round((time_ms[-1] - time_ms[0]) / (len(time_ms) - 1), 9))
    regular = time_ms[0] + interval * np.arange(len(time_ms))
    is_regular = interval > 0 and np.abs(time_ms - regular).max() <= _JITTER * interval
    return interval if is_regular else None
