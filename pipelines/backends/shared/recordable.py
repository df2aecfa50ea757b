"""What is recorded of a population, view or assembly.

Mends (seen in PyNN 0.13.0, NEST 3.10.0, Brian2 2.11.0): a record() after the first run (row
"record() in mid-run"). `segments` has what is read of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.recording import Variable


def members(population: Any) -> list[Any]:
    """The populations and views of an assembly; a population or view itself."""
    return list(getattr(population, "populations", [population]))


def variable(name: str) -> Variable:
    """PyNN's key of a recorded variable."""
    return Variable(location=None, name=name, label=None)


def recorded_ids(population: Any, name: str) -> list[Any]:
    """Recorded cells of a population or view, ascending."""
    return sorted(population.recorder.filter_recorded(variable(name), population.all_cells))


def before_segment(first_step: int) -> int:
    """The step after which spikes belong to a segment that begins at `first_step`.

    A spike at a border is of the segment that ends there; one at time 0 is of the first segment.
    """
    return first_step if first_step > 0 else -1


def first_sample(recorder: Any, name: str, values: np.ndarray) -> int:
    """How many samples, shape (n_samples, n_cells), are before the first one of any cell."""
    if name not in getattr(recorder, "late_signals", ()):
        return 0
    there = ~np.isnan(values).all(axis=1)
    return int(np.argmax(there)) if there.any() else len(values)


def first_time(recorder: Any) -> float:
    """Time (ms) of the first sample of the present segment: samples are counted from 0 ms."""
    start = float(recorder._recording_start_time.rescale("ms").magnitude)
    interval = float(recorder.sampling_interval)
    return float(np.round(np.ceil(start / interval - 1e-6) * interval, 10))
