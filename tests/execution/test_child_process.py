"""Functions called in processes of their own: what comes back, and that nothing stays behind."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from pipelines.errors import BadInput, CounterpointError
from pipelines.execution.child_process import (
    ChildProcessEnded,
    each_in_fresh,
    fork,
    in_fork,
    in_fresh,
)
from tests.execution.test_worker import alive, descendants, wait_for

WAYS = pytest.mark.parametrize("call", [in_fork, in_fresh], ids=["fork", "fresh"])


@pytest.fixture(autouse=True)
def nothing_stays():
    """No child, no zombie and no file descriptor is left behind."""
    before = descendants(os.getpid()), sorted(os.listdir("/proc/self/fd"))
    yield
    assert (descendants(os.getpid()), sorted(os.listdir("/proc/self/fd"))) == before


def squares(number):
    return np.arange(number) ** 2


@WAYS
@pytest.mark.parametrize("number", [3, 3_000_000], ids=["small", "larger than a pipe"])
def test_the_result_comes_back(call, number):
    np.testing.assert_array_equal(call(squares, number), squares(number))


def process_and_group():
    return os.getpid(), os.getpgid(0)


@WAYS
def test_it_is_another_process_with_a_group_of_its_own(call):
    pid, group = call(process_and_group)
    assert pid == group != os.getpid()


def test_a_fork_can_be_asked_anything_and_leaves_no_trace():
    here = []
    assert in_fork(lambda: here.append(1) or len(here)) == 1
    assert here == []


def test_a_fresh_interpreter_has_imported_nothing():
    assert "numpy" in sys.modules
    modules = set(in_fresh(eval, "list(__import__('sys').modules)"))
    assert "pipelines.execution.child_process" in modules
    assert not modules & {"numpy", "pandas", "pyarrow", "pyNN", "nest", "brian2", "pydantic"}


def refuse():
    raise BadInput("sweep.yaml", "no such key", given="tme", among=["time"])


@WAYS
def test_what_is_raised_is_raised_here_with_its_traceback(call):
    with pytest.raises(BadInput, match="did you mean 'time'") as caught:
        call(refuse)
    assert caught.value.nearest == "time" and caught.value.where == "sweep.yaml"
    (note,) = caught.value.__notes__
    assert 'in refuse\n    raise BadInput("sweep.yaml"' in note


class Unsendable(Exception):
    def __init__(self, first, second):
        super().__init__(f"{first}\n{second}", lambda: None)


def raise_unsendable():
    raise Unsendable("one", "two")


def leave():
    sys.exit("enough")


def give_a_lambda():
    return lambda: None


@WAYS
@pytest.mark.parametrize(
    ("function", "said"),
    [(raise_unsendable, "Unsendable: .*one.*two"), (leave, "SystemExit: enough"),
     (give_a_lambda, "lambda")],
)  # fmt: skip
def test_what_cannot_be_sent_is_told(call, function, said):
    with pytest.raises(Exception, match=said) as caught:
        call(function)
    assert function.__name__ in caught.value.__notes__[0] or function is give_a_lambda


def end(how):
    if isinstance(how, signal.Signals):
        faulthandler.disable()
        os.kill(os.getpid(), how)
        time.sleep(60)
    os._exit(how)


@WAYS
@pytest.mark.parametrize(
    ("how", "said"),
    [(signal.SIGSEGV, r"killed by signal 11 \(SIGSEGV\)"),
     (signal.SIGKILL, "killed by signal 9"), (signal.SIGTERM, "killed by signal 15"),
     (3, "exited with code 3 before it gave a result"), (0, "exited with code 0")],
)  # fmt: skip
def test_a_process_that_ends_without_a_result(call, how, said):
    with pytest.raises(ChildProcessEnded, match=f"the process ended: {said}"):
        call(end, how)


def start_and_sleep(note):
    """Start a process that would go on, and sleep."""
    started = subprocess.Popen(["sleep", "300"])
    note.write_text(str(started.pid))
    time.sleep(300)


@WAYS
def test_a_time_limit_ends_the_process_and_what_it_has_started(call, tmp_path):
    note = tmp_path / "pid"
    # A fresh interpreter has to begin meanwhile.
    with pytest.raises(ChildProcessEnded, match="the process ended: ran longer than 3 s"):
        call(start_and_sleep, note, time_s=3)
    wait_for(lambda: not alive(int(note.read_text())))


def start_and_return():
    return subprocess.Popen(["sleep", "300"]).pid


@WAYS
def test_what_it_has_started_does_not_outlive_it(call):
    started = call(start_and_return)
    wait_for(lambda: not alive(started))


def take(block_mb):
    held = []
    while True:
        held.append(np.ones(block_mb * 125_000))


@WAYS
def test_a_memory_limit(call):
    with pytest.raises((ChildProcessEnded, MemoryError)) as caught:
        call(take, 20, memory_mb=1000)
    assert "MB of memory, more than 1000 MB" in str(caught.value) or "allocate" in str(caught.value)
    with pytest.raises(MemoryError):
        call(take, 30_000, memory_mb=1000)


PARENT = """
import time
from pathlib import Path
from pipelines.execution.child_process import {call}
from tests.execution.test_child_process import start_and_sleep
{call}(start_and_sleep, Path({note!r}))
"""


@WAYS
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_parent(call, number, tmp_path):
    note = tmp_path / "pid"
    program = PARENT.format(call=call.__name__, note=str(note))
    parent = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    wait_for(lambda: note.exists() and note.read_text())
    child, *_ = descendants(parent.pid)
    parent.send_signal(number)
    parent.wait(timeout=20)
    wait_for(lambda: not alive(child))
    if number == signal.SIGINT:
        # An interruption can be tidied up after; a kill reaches the children alone.
        wait_for(lambda: not alive(int(note.read_text())))
    else:
        os.kill(int(note.read_text()), signal.SIGKILL)


def say():
    print("through Python")
    sys.stdout.flush()
    os.system("echo of another process")
    sys.stderr.write("an error\n")
    return sys.stdin.read()


def test_what_a_fresh_interpreter_prints_goes_where_it_is_told(tmp_path, capfd):
    said = tmp_path / "said.txt"
    for _ in range(2):
        assert in_fresh(say, output=said) == ""
    assert said.read_text() == 2 * "through Python\nof another process\nan error\n"
    in_fresh(say)
    assert capfd.readouterr() == ("", "")
    in_fresh(say, output=2)
    assert capfd.readouterr() == ("", "through Python\nof another process\nan error\n")


def variable(name):
    return os.environ.get(name)


def test_a_fresh_interpreter_has_the_environment_it_is_given(monkeypatch):
    monkeypatch.setenv("COUNTERPOINT_TEST", "here")
    assert in_fresh(variable, "COUNTERPOINT_TEST") == "here"
    assert in_fresh(variable, "COUNTERPOINT_TEST", environment={"COUNTERPOINT_TEST": "there"}) == (
        "there"
    )
    assert os.environ["COUNTERPOINT_TEST"] == "here"


def nap(seconds, folder):
    (folder / str(os.getpid())).touch()
    if seconds < 0:
        raise ValueError(f"{seconds} s")
    time.sleep(seconds)
    return seconds


def test_several_at_a_time(tmp_path):
    tasks = [(0.2, tmp_path), (0.1, tmp_path), (0.0, tmp_path)]
    assert each_in_fresh(nap, tasks, 2) == [0.2, 0.1, 0.0]
    assert len(list(tmp_path.iterdir())) == 3


def test_when_one_of_several_fails_the_others_are_killed(tmp_path):
    tasks = [(-1, tmp_path), (300, tmp_path), (300, tmp_path), (300, tmp_path)]
    began = time.monotonic()
    with pytest.raises(ValueError, match="-1 s"):
        each_in_fresh(nap, tasks, 2)
    assert time.monotonic() - began < 20


def test_a_process_of_another_group_that_holds_the_pipe_is_not_waited_for():
    def hold(writing):
        os.write(writing, b"said")
        if os.fork() == 0:
            os.setsid()
            time.sleep(5)
            os._exit(0)

    began = time.monotonic()
    ending = fork(hold).wait()
    assert ending.answer == b"said" and ending.status == 0
    assert time.monotonic() - began < 4


def test_errors_of_this_library_survive_being_sent():
    import pickle

    error = pickle.loads(pickle.dumps(BadInput("here", "no", "yes")))
    assert str(error) == "here: no; allowed: yes" and error.allowed == "yes"
    assert isinstance(error, BadInput) and isinstance(error, CounterpointError)
