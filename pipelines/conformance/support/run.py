"""Running the programs of the support matrix: one process per backend, one fork per program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipelines import backends
from pipelines.conformance.suite import prepare
from pipelines.errors import CounterpointError
from pipelines.execution.child_process import ChildProcessEnded, each_in_fresh, in_fork

from .outcome import Answer, Support, classify
from .row import ROWS, Row
from .rows import rows_of

# Time limit (s) of a program; the longest takes a few seconds.
_LIMIT_S = 120.0


def support(
    rows: Sequence[Row] | None = None,
    on: Iterable[str] | None = None,
    target: str | None = "numpy",
    workers: int = 2,
    log: Path | None = None,
) -> list[Support]:
    """Compute the support matrix.

    Parameters
    ----------
    rows
        Rows to run; by default all.
    on
        Backends in the result, by default all; a stock module stands for its backend. All
        backends are run, since each is compared with the others.
    target, workers, log
        See `pipelines.conformance.suite.run`.

    Returns
    -------
    list of Support
        In the order of the rows, then of the backends.
    """
    programs = list(rows_of() if rows is None else rows)
    order = sorted(backends.names(), key=lambda name: not backends.is_reference(name))
    told = set(order if on is None else (backends.get(name).name for name in on))
    keys = [one.key for one in programs]
    # In reverse order: backends that compile or have no simulator take longest.
    asked = [*reversed(order)]
    tasks = [(keys, backend, target) for backend in asked]
    # A backend must not be forked from a process that has threads or another simulator.
    given = dict(zip(asked, each_in_fresh(_answers, tasks, workers, output=log), strict=True))
    answers = {backend: given[backend] for backend in backends.names()}
    return [
        found
        for k, one in enumerate(programs)
        for found in classify(one, {b: of_all[k] for b, of_all in answers.items()}, order)
        if found.backend in told
    ]


def _answers(keys: Sequence[str], backend: str, target: str | None) -> list[Answer]:
    prepare(backend, target=target)
    return [answer(ROWS[key], backend) for key in keys]


def answer(row: Row, backend: str) -> Answer:
    """Run one program in a fork of this process, which has imported the backend."""
    try:
        return in_fork(perform, row, backends.load(backend), time_s=_LIMIT_S)
    except ChildProcessEnded as end:
        return Answer(error=str(end))


def perform(row: Row, sim: Any) -> Answer:
    """Run one program; exceptions become answers."""
    try:
        found = row.program(sim)
    except CounterpointError as refusal:
        return Answer(refusal=str(refusal))
    except Exception as error:  # a crash of the program under test is what is looked for
        return Answer(error=f"{type(error).__name__}: {error}")
    return Answer(found={name: np.asarray(values, float) for name, values in found.items()})
