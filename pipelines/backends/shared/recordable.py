"""Recorded variables, cells and sample times of populations, views and assemblies.

Mends (seen in PyNN 0.13.0, NEST 3.10.0, Brian2 2.11.0): record() after the first run fails
on NEST, and gives wrong sample times on Brian2 (row "record() in mid-run"). See `segments` for
reading the data.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.recording import Variable


def members(population: Any) -> list[Any]:
    """Members of an assembly; a population or view is its own only member."""
    return list(getattr(population, "populations", [population]))


def variable_key(name: str) -> Variable:
    """PyNN's key for a recorded variable."""
    return Variable(location=None, name=name, label=None)


def recorded_ids(population: Any, name: str) -> list[Any]:
    """Cells of a population or view of which a variable is recorded, ascending."""
    return sorted(population.recorder.filter_recorded(variable_key(name), population.all_cells))


def last_step_before_segment(first_step: int) -> int:
    """Last step whose spikes are not in a segment that begins at `first_step`.

    A spike at a boundary is in the segment that ends there, and one at time 0 in the first segment.
    """
    return first_step if first_step > 0 else -1


def first_sample_index(recorder: Any, name: str, values: np.ndarray) -> int:
    """Index of the first sample with a value of any cell; `values` is (n_samples, n_cells)."""
    if name not in getattr(recorder, "late_signals", ()):
        return 0
    has_value = ~np.isnan(values).all(axis=1)
    return int(np.argmax(has_value)) if has_value.any() else len(values)


def first_sample_ms(recorder: Any) -> float:
    """Time (ms) of the present segment's first sample; sample times are multiples from 0 ms."""
    start = float(recorder._recording_start_time.rescale("ms").magnitude)
    interval = float(recorder.sampling_interval)
    return float(np.round(np.ceil(start / interval - 1e-6) * interval, 10))
