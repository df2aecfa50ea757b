"""File locks on shards, so that two processes on one machine do not carry out the same shard.

The processes of a killed workflow go on for a while. The next workflow waits for them and uses
their results.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_POLL_S = 0.2
_REPORT_S = 1.0


@contextmanager
def claimed(
    path: Path | str,
    on_wait: Callable[[str], None] | None = None,
    while_waiting: Callable[[], None] | None = None,
) -> Iterator[None]:
    """Hold the claim on a shard, after waiting for the process that holds it now.

    The kernel drops the claim with the process that has it, killed or not; forked children do not
    have it. On a disk that knows no file locks there is no claim: the store bears two writers,
    they only do the work twice.

    Parameters
    ----------
    path
        The file that stands for the claim; gone when the claim is.
    on_wait
        Called once, with the id of the process that is waited for, if there is one.
    while_waiting
        Called every `_REPORT_S` seconds until that process is done.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, fallback_to_soft=False, poll_interval=_POLL_S)
    try:
        _take(lock, path, on_wait, while_waiting)
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


def _take(
    lock: FileLock,
    path: Path,
    on_wait: Callable[[str], None] | None,
    while_waiting: Callable[[], None] | None,
) -> None:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        if on_wait is not None:
            holder = ""
            with suppress(OSError):
                holder = path.read_text(errors="replace")
            on_wait(holder or "unknown")
        while True:
            with suppress(Timeout):
                lock.acquire(timeout=_REPORT_S)
                return
            if while_waiting is not None:
                while_waiting()
