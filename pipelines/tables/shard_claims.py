"""A claim on a shard, so that two processes on one machine never carry out the same one at once.

A killed workflow leaves the processes of its shards at work. The next one waits for them and
finds their results, instead of repeating runs beside them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_POLL_S = 0.2


@contextmanager
def claimed(path: Path | str, on_wait: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold a claim, waiting for whoever holds it now.

    The kernel drops the claim with the process that has it, killed or not; forked children do not
    have it. On a disk that knows no file locks there is no claim: the store bears two writers,
    they only do the work twice.

    Parameters
    ----------
    path
        The file that stands for the claim; gone when the claim is.
    on_wait
        Called once, with the id of the process that is waited for, if there is one.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, fallback_to_soft=False, poll_interval=_POLL_S)
    try:
        _take(lock, path, on_wait)
    except OSError:
        yield
        return
    try:
        path.write_text(str(os.getpid()))
        yield
    finally:
        # Whoever waits for this file sees that it is another one now.
        path.unlink(missing_ok=True)
        lock.release()


def _take(lock: FileLock, path: Path, on_wait: Callable[[str], None] | None) -> None:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        if on_wait is not None:
            holder = ""
            with suppress(OSError):
                holder = path.read_text(errors="replace")
            on_wait(holder or "unknown")
        lock.acquire()
