"""One process at a time has the claim, and a killed one has it no more."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import time

from filelock import FileLock

from pipelines.execution.child_process import fork
from pipelines.tables.shard_claims import claimed


def hold(path, seconds, order):
    with claimed(path):
        order.put(os.getpid())
        time.sleep(seconds)
        order.put(os.getpid())


def test_the_file_is_there_only_while_the_claim_is(tmp_path):
    path = tmp_path / "folder" / "a.claim"
    with claimed(path):
        assert path.read_text() == str(os.getpid())
    assert not path.exists()


def test_claims_follow_each_other(tmp_path):
    context = multiprocessing.get_context("spawn")
    order = context.Queue()
    processes = [
        context.Process(target=hold, args=(tmp_path / "a.claim", 0.3, order)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    said = [order.get(timeout=60) for _ in range(6)]
    for process in processes:
        process.join()
    assert said[0::2] == said[1::2]
    assert not list(tmp_path.iterdir())


def test_a_killed_holder_is_not_waited_for(tmp_path):
    context = multiprocessing.get_context("spawn")
    order = context.Queue()
    path = tmp_path / "a.claim"
    process = context.Process(target=hold, args=(path, 60, order))
    process.start()
    order.get(timeout=60)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    waited_for = []
    with claimed(path, waited_for.append):
        assert waited_for == []
        assert path.read_text() == str(os.getpid())


def test_a_disk_without_file_locks_has_no_claims(tmp_path, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    with claimed(tmp_path / "a.claim"), claimed(tmp_path / "a.claim"):
        pass


def test_the_next_one_is_told_whom_it_waits_for_and_forks_do_not_hold_the_claim(tmp_path):
    context = multiprocessing.get_context("spawn")
    order = context.Queue()
    path = tmp_path / "a.claim"
    with claimed(path):
        child = fork(lambda writing: time.sleep(60))
        process = context.Process(target=wait, args=(path, order))
        process.start()
        assert order.get(timeout=60) == str(os.getpid())
    assert order.get(timeout=60) == "claimed"
    process.join()
    child.kill()
    child.wait()


def test_while_one_waits_something_is_told_again_and_again(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.tables.shard_claims._REPORT_S", 0.05)
    told = []
    other = FileLock(tmp_path / "a.claim", fallback_to_soft=False, thread_local=False)
    other.acquire()

    def tell() -> None:
        told.append(1)
        if len(told) == 3:
            other.release()

    with claimed(tmp_path / "a.claim", while_waiting=tell):
        assert len(told) == 3


def wait(path, order):
    with claimed(path, order.put):
        order.put("claimed")
