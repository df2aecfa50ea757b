"""What a person sees while a sweep is carried out: one line now and then, failures at once."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TextIO

from pipelines.execution.store import RunStore
from pipelines.tables.schemas import FAILED

if TYPE_CHECKING:
    from pipelines.sweep.runs import Plan, Run

INTERVAL_S = 2.0


def progress_line(
    name: str,
    runs: Iterable[Run],
    statuses: Mapping[str, str],
    rate: float | None,
    waiting: bool = True,
) -> str:
    """One line about a whole sweep.

    Parameters
    ----------
    name
        The experiment.
    runs
        Every run of its plan.
    statuses
        run_id -> "done" or "failed" of what is stored; other runs' entries are left aside.
    rate
        Runs finished a second, or None when it is not known yet.

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
    return line


def _rate(rate: float) -> str:
    return f"{rate:.1f} runs/s" if rate >= 0.95 else f"{60 * rate:.1f} runs/min"


def duration(seconds: float) -> str:
    """A time span for people: ``15 s``, ``3 min``, ``2 h 10 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min"


class Progress:
    """Says how far the sweep of an experiment is, counted from the store.

    All jobs of one sweep share the store, so each says the same; a stamp in the store's folder
    keeps them from saying it twice in one interval.

    Parameters
    ----------
    plan
        Whose runs count.
    store
        Where results appear.
    stream
        Where lines go; the standard error by default.
    quiet
        Say nothing but failures.
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
        self._last_said = float("-inf")

    def start(self) -> None:
        """Count what is there already, so that the rate is that of new results."""
        self._started = time.monotonic()
        self._at_start = self._finished(self.store.ids())

    def update(self, *, last: bool = False) -> None:
        """Write a line if the last one is long enough ago (`last`: in any case)."""
        if self.quiet or not (last or self._due()):
            return
        statuses = self.store.ids()
        self._say(
            progress_line(self.plan.experiment.name, self.plan.runs, statuses, self._rate(statuses))
        )

    def failure(self, run: Run, error: str) -> None:
        """Write at once that a run failed."""
        swept = {name: run.parameters[name] for name in self.plan.swept}
        point = ", ".join(f"{name}={value}" for name, value in {**swept, "seed": run.seed}.items())
        self._say(f"{run.experiment}  failed: {run.backend}, {point} ({run.run_id}): {error}")

    def _finished(self, statuses: Mapping[str, str]) -> int:
        return sum(run.run_id in statuses for run in self.plan.runs)

    def _rate(self, statuses: Mapping[str, str]) -> float | None:
        if self._at_start is None:
            return None
        elapsed = time.monotonic() - self._started
        gained = self._finished(statuses) - self._at_start
        return gained / elapsed if gained > 0 and elapsed > 0 else None

    def _due(self) -> bool:
        now = time.monotonic()
        if now - self._last_said < INTERVAL_S:
            return False
        stamp = self.store.folder / ".progress"
        # Without a stamp no job has said anything yet; a disk that takes none will be told of
        # where results are written.
        with contextlib.suppress(OSError):
            # A clock that was set back must not silence the line for long: hence the abs.
            if abs(time.time() - stamp.stat().st_mtime) < INTERVAL_S:
                return False
        self._last_said = now
        with contextlib.suppress(OSError):
            stamp.touch()
        return True

    def _say(self, line: str) -> None:
        self.stream.write(line + "\n")
        self.stream.flush()
