"""What is recorded of a population, view or assembly.

Mends (seen in PyNN 0.13.0, NEST 3.10.0, Brian2 2.11.0): a record() after the first run (row
"record() in mid-run"). `segments` has what is read of it.
"""

from __future__ import annotations

from typing import Any

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


def refuse_late_signal(population: Any, name: str, now_ms: float) -> None:
    """Refuse, always, to begin recording a signal in mid-run: samples are counted from 0 ms."""
    raise Unsupported(
        f"{population.label}.record({name!r}) at {now_ms:g} ms",
        "samples of a signal are counted from the start of a simulation",
        allowed="record() of a signal before the first run; spikes at any time",
    )
