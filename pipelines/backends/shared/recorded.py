"""What is recorded of a population, view or assembly.

Mends (seen in PyNN 0.13.0, NEST 3.10.0, Brian2 2.11.0): a record() after the first run (row
"record() in mid-run").
"""

from __future__ import annotations

from typing import Any

import neo
import numpy as np
from pyNN.recording import Variable

from pipelines.errors import Unsupported


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


def records_all(population: Any, name: str) -> bool:
    """Whether a variable is recorded from every cell, from the first run on."""
    return all(
        len(recorded_ids(member, name)) == member.size and not member.recorder.began_late
        for member in members(population)
    )


def only(block: neo.Block, variables: str | list[str]) -> neo.Block:
    """Some variables of a block, from every segment.

    PyNN's own selection leaves signals out of the segments before a `reset`, and out of what it
    has stored of them.
    """
    names = [variables] if isinstance(variables, str) else list(variables)
    whole, block.segments = list(block.segments), []
    for segment in whole:
        about = {"name": segment.name, "description": segment.description}
        part = neo.Segment(rec_datetime=segment.rec_datetime, **about, **segment.annotations)
        part.analogsignals.extend([s for s in segment.analogsignals if s.name in names])
        part.spiketrains = segment.spiketrains if "spikes" in names else []
        block.segments.append(part)
    return block


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


class Segments:
    """Mixin of recorders: every segment keeps its data, and signals may begin in mid-run.

    A signal that is recorded from a time t on has samples after t. The samples of a segment are
    those of its times for all cells: a cell that is recorded later than others has NaN until then;
    times before the first sample of any cell are left out.

    Attributes
    ----------
    late_signals
        Variables that some cells are recorded of since a time within the present segment.
    """

    late_signals: frozenset[str] = frozenset()

    def get(self, variables: Any, *arguments: Any, **options: Any) -> neo.Block:
        """What was recorded, or some variables of it, as `get_data` gives it."""
        block = super().get("all", *arguments, **options)  # type: ignore[misc]
        return block if variables == "all" else only(block, variables)

    def store_to_cache(self, annotations: Any = None) -> None:
        """Keep what was recorded when a segment ends."""
        super().store_to_cache(annotations)  # type: ignore[misc]
        self.late_signals = frozenset()

    def _get_current_segment(self, *arguments: Any, **options: Any) -> neo.Segment:
        segment = super()._get_current_segment(*arguments, **options)  # type: ignore[misc]
        signals = list(segment.analogsignals)
        segment.analogsignals.clear()
        for signal in signals:
            signal.t_start = first_time(self) * signal.t_start.units
            begins = first_sample(self, signal.name, signal.magnitude)
            if begins < len(signal):
                segment.analogsignals.append(signal[begins:])
        return segment


def refuse_late_signal(population: Any, name: str, now_ms: float) -> None:
    """Refuse to begin recording a signal in mid-run."""
    raise Unsupported(
        f"{population.label}.record({name!r}) at {now_ms:g} ms",
        "samples of a signal are counted from the start of a simulation",
        allowed="record() of a signal before the first run; spikes at any time",
    )
