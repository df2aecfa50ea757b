"""A pool of processes that does not outlast an error or an interruption."""

import os
import signal
import time

import psutil
import pytest

from pipelines.execution.process_pool import process_pool
from tests.execution.test_worker import wait_for


def test_tasks_are_carried_out():
    with process_pool(2) as pool:
        assert list(pool.map(abs, [-1, 2, -3])) == [1, 2, 3]


def test_ctrl_c_ends_the_tasks():
    """It reaches the workers, too, which leave it to this process."""
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), process_pool(2) as pool:
        tasks = [pool.submit(time.sleep, 300) for _ in range(5)]
        wait_for(lambda: tasks[1].running())
        workers = psutil.Process().children()
        for one in workers:
            one.send_signal(signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        tasks[0].result()
    assert time.monotonic() - began < 60
    assert len(workers) == 2 and not any(one.is_running() for one in workers)
