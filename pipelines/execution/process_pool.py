"""A pool of worker processes that an interruption ends at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children

from pipelines.execution.processes import die_with_parent


@contextmanager
def process_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool of processes; kill them if the block raises, rather than wait for their tasks.

    Parameters
    ----------
    workers
        Number of processes.
    """
    with ProcessPoolExecutor(workers, initializer=_follow_parent) as pool:
        try:
            # Processes begin with the first task, and with signals blocked as they are then.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                pool.submit(int)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            yield pool
        except BaseException:
            # Without its processes the pool drops all tasks.
            for process in active_children():
                process.kill()
            raise


def _follow_parent() -> None:
    """Leave Ctrl-C, which reaches all processes of a terminal, to the parent, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent(os.getppid(), signal.SIGKILL)
