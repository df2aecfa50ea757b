"""A claim on a shard, so that two processes on one machine never carry out the same one at once.

A killed workflow leaves the processes of its shards at work. The next one waits for them and
finds their results, instead of repeating runs beside them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def claimed(path: Path | str, on_wait: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold a claim, waiting for whoever holds it now.

    The kernel drops the claim with the last process that has it, killed or not, and forked
    children have it too. On a disk that knows no file locks there is no claim: the store bears
    two writers, they only do the work twice.

    Parameters
    ----------
    path
        The file that stands for the claim; gone when the claim is.
    on_wait
        Called once, with the id of the process that is waited for, if there is one.
    """
    handle = _take(Path(path), on_wait)
    try:
        yield
    finally:
        if handle is not None:
            Path(path).unlink(missing_ok=True)
            os.close(handle)


def _take(path: Path, on_wait: Callable[[str], None] | None) -> int | None:
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if on_wait is not None:
                on_wait(os.pread(handle, 20, 0).decode(errors="replace") or "unknown")
                on_wait = None
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            os.close(handle)
            return None
        # Whoever held it before has removed the file: a third process may have made a new one.
        if _is_still(path, handle):
            os.truncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
            return handle
        os.close(handle)


def _is_still(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False
