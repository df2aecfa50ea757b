"""Carries a program out on one backend, in this process, and collects all that it gives."""

from __future__ import annotations

import re
import tempfile
import traceback
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pyNN.parameters import Sequence
from pyNN.space import Grid2D, Line, RandomStructure, Sphere

from pipelines import backends
from pipelines.backends import collect
from pipelines.errors import CounterpointError

from .program import Program

DONE, REFUSED, CRASHED = "done", "refused", "crashed"


@dataclass(frozen=True)
class Outcome:
    """What became of a program on a backend.

    Attributes
    ----------
    status
        `DONE`, `REFUSED` (an error that the backend raises on purpose) or `CRASHED`.
    message
        The error, with the statement that raised it.
    values
        Arrays by name: ``spikes p0`` (rows of neuron and step), ``v p0`` (samples by neurons;
        ``v p0 solved`` of neurons that are solved with adaptive steps),
        ``weight j0`` (rows of source, target, weight and delay), ``weight_now j0``, ``read0``.
    """

    status: str
    message: str = ""
    values: dict[str, np.ndarray] = field(default_factory=dict)


def play(program: Program, backend: str) -> Outcome:
    """Carry a program out on a backend; errors are part of the outcome."""
    sim = backends.load(backend)
    statement = "the end"
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        space = {
            "np": np, "Sequence": Sequence, "Grid2D": Grid2D, "Line": Line, "Sphere": Sphere,
            "RandomStructure": RandomStructure, "sim": sim, "folder": folder,
        }  # fmt: skip
        try:
            for statement in program.statements:
                exec(compile(statement, "<program>", "exec"), space)
            statement = "reading the results"
            return Outcome(DONE, values=_results(sim, space))
        except CounterpointError as error:
            return Outcome(REFUSED, f"{type(error).__name__}: {error} [{statement}]")
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
            return Outcome(CRASHED, f"{type(error).__name__} at {place}: {error} [{statement}]")


def _results(sim: Any, space: dict[str, Any]) -> dict[str, np.ndarray]:
    results = {}
    for name, value in list(space.items()):
        if isinstance(value, sim.Population):
            results |= _of_population(sim, name, value)
        elif isinstance(value, sim.Projection):
            for column, when in (("weight", "transmitted"), ("weight_now", "now")):
                table = collect.weights(value, when=when)
                columns = [table[key] for key in ("pre", "post", "delay_ms", "weight")]
                # By delay before weight, of which the last digit differs.
                order = np.lexsort(columns[::-1])
                results[f"{column} {name}"] = np.column_stack(columns)[order]
        elif re.fullmatch(r"read\d+", name):
            results[name] = _as_array(value)
    return results


def _of_population(sim: Any, name: str, population: Any) -> dict[str, np.ndarray]:
    recorded = {variable.name for variable in population.recorder.recorded}
    results = {}
    if "spikes" in recorded:
        neuron, time_ms = collect.spikes(population)
        steps = np.rint(time_ms / sim.get_time_step()).astype(np.int64)
        results[f"spikes {name}"] = np.column_stack([neuron, steps])
    solved = " solved" if getattr(population.celltype, "conductance_based", False) else ""
    for variable in sorted(recorded - {"spikes"}):
        _, values, _ = collect.signal(population, variable)
        results[f"{variable} {name}{solved}"] = values
    if recorded:
        results |= _of_segments(sim, name, population, solved)
    return results


def _of_segments(sim: Any, name: str, population: Any, solved: str) -> dict[str, np.ndarray]:
    """What PyNN gives of a population: a segment for each time that there was a reset."""
    results = {}
    for number, segment in enumerate(population.get_data().segments):
        trains = [train.rescale("ms").magnitude for train in segment.spiketrains]
        neurons = [int(train.annotations["source_index"]) for train in segment.spiketrains]
        neuron = np.repeat(neurons, [len(train) for train in trains]).astype(np.int64)
        steps = np.rint(np.concatenate([[], *trains]) / sim.get_time_step()).astype(np.int64)
        order = np.lexsort((neuron, steps))
        results[f"spikes {name} segment {number}"] = np.column_stack([neuron, steps])[order]
        for signal in segment.analogsignals:
            values = np.asarray(signal.magnitude, dtype=float)
            results[f"{signal.name} {name} segment {number}{solved}"] = values
    return results


def _as_array(value: Any) -> np.ndarray:
    """Numbers of whatever a script has read, in one row."""
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if isinstance(value, (list, tuple)):
        parts = [_as_array(part) for part in value]
        # The lengths, so that numbers that move from one part to the next are seen.
        return np.concatenate([np.array([len(part) for part in parts], dtype=float), *parts])
    value = getattr(value, "magnitude", getattr(value, "value", value))
    return np.ravel(np.asarray(value, dtype=float))
