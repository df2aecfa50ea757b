"""What is recorded of a population, view or assembly."""

from __future__ import annotations

from typing import Any

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


def records_all(population: Any, name: str) -> bool:
    """Whether a variable is recorded from every cell."""
    return all(len(recorded_ids(member, name)) == member.size for member in members(population))
