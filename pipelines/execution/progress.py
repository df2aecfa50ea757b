"""Progress lines of a sweep on the terminal, and messages on failed runs."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pipelines.errors import without_numbers
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import FAILED

if TYPE_CHECKING:
    from pipelines.sweep.runs import Plan, Run

# Time between two lines in s, with and without newly finished runs.
INTERVAL_S, PATIENCE_S = 2.0, 30.0

WORKFLOW_ID = "COUNTERPOINT_WORKFLOW"
"""Environment variable with an id of the workflow, which all its processes share."""


def progress_line(
    name: str,
    runs: Iterable[Run],
    statuses: Mapping[str, str],
    rate: float | None,
    waiting: bool = True,
    compiling: str = "",
) -> str:
    """The progress of a whole sweep as one line.

    Parameters
    ----------
    name
        Name of the experiment.
    runs
        Every run of its plan.
    statuses
        Status ("done" or "failed") of stored runs by run_id; may hold runs of other plans.
    rate
        Finished runs per second, or None if not known yet.
    waiting
        Whether to say how long the rest will take.
    compiling
        What is being compiled, in words; "" if nothing is.

    Examples
    --------
    ``stdp_window  12 of 40 runs done (nest 8/20, brian2 4/20), 0 failed, 1.9 runs/s, 15 s left``
    """
    total: dict[str, int] = {}
    done: dict[str, int] = {}
    failed = finished = 0
    for run in runs:
        total[run.backend] = total.get(run.backend, 0) + 1
        status = statuses.get(run.run_id)
        if status is None:
            continue
        finished += 1
        if status == FAILED:
            failed += 1
        else:
            done[run.backend] = done.get(run.backend, 0) + 1
    parts = ", ".join(f"{name} {done.get(name, 0)}/{count}" for name, count in total.items())
    n_runs = sum(total.values())
    line = f"{name}  {sum(done.values())} of {n_runs} runs done ({parts}), {failed} failed"
    left = n_runs - finished
    if waiting and rate and left:
        line += f", {_rate(rate)}, {duration(left / rate)} left"
    return f"{line}; {compiling}" if compiling else line


def _rate(rate: float) -> str:
    return f"{rate:.1f} runs/s" if rate >= 0.95 else f"{60 * rate:.1f} runs/min"


def duration(seconds: float) -> str:
    """A time span as text: ``15 s``, ``3 min``, ``2 h 10 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min"


def is_first(store: RunStore, error: str) -> bool:
    """Whether a workflow meets an error for the first time among runs of an experiment; note it.

    Errors that differ in numbers alone are one. The processes of a workflow share a file in the
    folder of the store.
    """
    workflow = os.environ.get(WORKFLOW_ID, f"{os.getpid()}")
    line = f"{workflow} {hashlib.sha256(without_numbers(error).encode()).hexdigest()[:16]}"
    path = store.folder / ".failures"
    try:
        known = path.read_text().splitlines()
    except OSError:
        known = []
    if line in known:
        return False
    # Those of earlier workflows are no longer of use.
    mine = [one for one in known if one.startswith(f"{workflow} ")]
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([*mine, line]) + "\n")
    return True


@dataclass
class _Compiling:
    """Compilations of a backend that follow each other.

    Attributes
    ----------
    backend
        Name of the backend.
    since
        Begin of the first, by the monotonic clock (s).
    number
        Compilations so far.
    ended
        End of the last one; None while it goes on.
    """

    backend: str
    since: float
    number: int
    ended: float | None = None

    def is_over(self, now: float) -> bool:
        """Whether nothing has been compiled for a while."""
        return self.ended is not None and now - self.ended > INTERVAL_S

    def in_words(self, now: float) -> str:
        """What is compiled and since when; "" for code that is only loaded, which is quick."""
        if self.is_over(now) or now - self.since < INTERVAL_S:
            return ""
        part = f"part {self.number}" if self.ended is None else f"{self.number} parts done"
        return f"{self.backend} is compiling its code, {part}, for {duration(now - self.since)}"


class Progress:
    """Writes the progress of the sweep of an experiment, counted from its store.

    All jobs of a sweep share the store; a stamp file in its folder keeps them from writing the same
    line twice. While no run finishes, a line is written every `PATIENCE_S`.

    Parameters
    ----------
    plan
        Plan with the runs to count.
    store
        Store of their results.
    stream
        Stream for the lines; standard error by default.
    quiet
        Write only failures.
    """

    def __init__(
        self, plan: Plan, store: RunStore, stream: TextIO | None = None, quiet: bool = False
    ) -> None:
        self.plan = plan
        self.store = store
        self.stream = sys.stderr if stream is None else stream
        self.quiet = quiet
        self._started = time.monotonic()
        self._at_start: int | None = None
        self._last_look = float("-inf")
        self._compiling: _Compiling | None = None

    def start(self) -> None:
        """Count the runs stored already, so that the rate is that of new results."""
        self._started = time.monotonic()
        self._at_start = self._finished(self.store.ids())

    def update(self, *, last: bool = False) -> None:
        """Write a line if runs have finished and enough time has passed (with `last`: always)."""
        now = time.monotonic()
        if self.quiet or not (last or now - self._last_look >= INTERVAL_S):
            return
        self._last_look = now
        statuses = self.store.ids()
        finished = self._finished(statuses)
        compiling = "" if self._compiling is None or last else self._compiling.in_words(now)
        news = f"{finished}{' compiling' if compiling else ''}"
        if last or self._due(news):
            self._stamp(news)
            name, rate = self.plan.experiment.name, self._rate(finished)
            self._say(progress_line(name, self.plan.runs, statuses, rate, compiling=compiling))

    def compiling(self, backend: str, number: int | None) -> None:
        """Note the compilation that a backend begins, by its number; None when it has ended."""
        now = time.monotonic()
        if number is None:
            if self._compiling is not None:
                self._compiling.ended = now
        elif self._compiling is None or self._compiling.is_over(now):
            self._compiling = _Compiling(backend, now, 1)
        else:
            self._compiling.number += 1
            self._compiling.ended = None

    def failure(self, run: Run, error: str) -> None:
        """Write at once that a run failed, unless another one has failed in the same way.

        The next lines of progress count those.
        """
        if not is_first(self.store, error):
            return
        swept = {name: run.values[name] for name in self.plan.swept}
        point = ", ".join(f"{name}={value}" for name, value in {**swept, "seed": run.seed}.items())
        self._say(f"{run.experiment}  failed: {run.backend}, {point} ({run.run_id}): {error}")

    def _finished(self, statuses: Mapping[str, str]) -> int:
        return sum(run.run_id in statuses for run in self.plan.runs)

    def _rate(self, finished: int) -> float | None:
        if self._at_start is None:
            return None
        elapsed = time.monotonic() - self._started
        gained = finished - self._at_start
        return gained / elapsed if gained > 0 and elapsed > 0 else None

    def _due(self, news: str) -> bool:
        """Whether enough time has passed since any job wrote a line."""
        try:
            # The absolute value, so that a clock set back does not suppress lines for long.
            age = abs(time.time() - self._stamp_path.stat().st_mtime)
            said = self._stamp_path.read_text()
        except OSError:
            # No job has written a line yet, or the disk cannot be written to, which storing the
            # results reports.
            return True
        return age >= (PATIENCE_S if said == news else INTERVAL_S)

    @property
    def _stamp_path(self) -> Path:
        return self.store.folder / ".progress"

    def _stamp(self, news: str) -> None:
        with contextlib.suppress(OSError):
            self._stamp_path.write_text(news)

    def _say(self, line: str) -> None:
        self.stream.write(line + "\n")
        self.stream.flush()
