"""Calling a function in a child process: a fork of this process, or a fresh interpreter.

The caller gets the returned value or the raised exception. A child process leads a
process group. It is killed with its group when it exceeds a limit of time or memory, when the
wait for it is interrupted, and when its parent ends.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

from pipelines.errors import CounterpointError, one_line
from pipelines.execution.limits import Child, limit_reserved_memory
from pipelines.execution.processes import (
    describe_exit,
    die_with_parent,
    empty_input,
    flush_all,
)
from pipelines.installation import python_path

T = TypeVar("T")


class ChildProcessEnded(CounterpointError):
    """A child process ended, or was killed, before it returned a result."""


def in_fork(
    function: Callable[..., T],
    *arguments: Any,
    time_s: float | None = None,
    memory_mb: float | None = None,
) -> T:
    """Call a function in a fork of this process, so that it cannot change the state of this one.

    Parameters
    ----------
    function, arguments
        Any; the result has to be picklable.
    time_s, memory_mb
        Limits of the fork; see `pipelines.execution.limits.Child`.

    Raises
    ------
    Exception
        What the function raises, with the traceback of the fork as a note.
    ChildProcessEnded
        If the fork ends without a result, or breaks a limit.
    """
    child = fork(lambda writing: _answer(writing, function, arguments), time_s, memory_mb)
    result: T = result_of(child)
    return result


def in_fresh(function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Call a function of a module in a fresh interpreter, which has imported nothing yet.

    Parameters
    ----------
    function, arguments
        Picklable, as the result has to be.
    options
        Those of `start_fresh`.

    Raises
    ------
    Exception
        What the function raises, with the traceback of the process as a note.
    ChildProcessEnded
        If the process ends without a result, or breaks a limit.
    """
    result: T = result_of(start_fresh(function, *arguments, **options))
    return result


def each_in_fresh(
    function: Callable[..., T], tasks: Iterable[tuple[Any, ...]], workers: int, **options: Any
) -> list[T]:
    """Call a function with each of several tuples of arguments, each in a fresh interpreter.

    Parameters
    ----------
    workers
        Processes at the same time.
    options
        Those of `start_fresh`.

    Returns
    -------
    list
        The results, in the order of the tasks.

    Raises
    ------
    Exception
        As `in_fresh`. When one process fails, the others are killed.
    """
    running: set[Child] = set()
    stopped = Event()

    def call(task: tuple[Any, ...]) -> T:
        child = start_fresh(function, *task, **options)
        running.add(child)
        # It may have been started after the others were killed.
        if stopped.is_set():
            child.kill()
        try:
            result: T = result_of(child)
            return result
        finally:
            running.discard(child)

    with ThreadPoolExecutor(workers) as pool:
        calls = [pool.submit(call, task) for task in tasks]
        try:
            return [one.result() for one in calls]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stopped.set()
            for child in list(running):
                child.kill()
            raise


def fork(
    work: Callable[[int], object],
    time_s: float | None = None,
    memory_mb: float | None = None,
    when_orphaned: signal.Signals = signal.SIGKILL,
    new_session: bool = False,
) -> Child:
    """Start a fork of this process, which calls a function and exits.

    Parameters
    ----------
    work
        Called in the fork with the file descriptor that its answer is to be written to.
    time_s, memory_mb
        Limits of the fork; see `pipelines.execution.limits.Child`.
    when_orphaned
        The signal that the fork gets when this process ends.
    new_session
        Whether the fork leads a session of its own, which signals of the terminal (Ctrl-C, hangup)
        do not reach. Otherwise it leads a process group of this session.
    """
    flush_all()
    parent = os.getpid()
    reading, writing = os.pipe()
    pid = _fork()
    if pid == 0:
        code = 1
        try:
            os.close(reading)
            os.setsid() if new_session else os.setpgid(0, 0)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            die_with_parent(parent, when_orphaned)
            limit_reserved_memory(memory_mb)
            work(writing)
            code = 0
        except BaseException:  # Nothing may get past the fork into the caller's code.
            traceback.print_exc()
        finally:
            flush_all()
            os._exit(code)
    os.close(writing)
    return Child(pid, reading, time_s, memory_mb)


def start_fresh(
    function: Callable[..., Any],
    *arguments: Any,
    output: Path | int | None = None,
    environment: Mapping[str, str] | None = None,
    time_s: float | None = None,
    memory_mb: float | None = None,
) -> Child:
    """Start a fresh interpreter that calls a function of a module.

    Parameters
    ----------
    function, arguments
        Picklable.
    output
        Where the output of the process is appended: a file, or a file descriptor of this process;
        None discards it.
    environment
        Environment variables that are added to, or replace, those of this process.
    time_s, memory_mb
        Limits of the process; see `pipelines.execution.limits.Child`.
    """
    call = pickle.dumps((function, arguments))
    reading, writing = os.pipe()
    target = os.devnull if output is None else output
    with open(target, "ab", closefd=not isinstance(target, int)) as said:
        process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import serve; serve({writing})"],
            env=os.environ | {"PYTHONPATH": python_path(), **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            pass_fds=[writing],
            process_group=0,
        )
    os.close(writing)
    assert process.stdin is not None
    with suppress(BrokenPipeError), process.stdin:
        process.stdin.write(pickle.dumps((os.getpid(), sys.path, memory_mb)) + call)
    # `Child` is what waits for it.
    process.returncode = 0
    return Child(process.pid, reading, time_s, memory_mb)


def serve(writing: int) -> None:
    """Call the function read from standard input, in the interpreter started by `start_fresh`.

    Parameters
    ----------
    writing
        File descriptor that the answer is written to.
    """
    os.set_inheritable(writing, False)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="replace")  # type: ignore[union-attr]
    parent, sys.path[:], memory_mb = pickle.load(sys.stdin.buffer)
    die_with_parent(parent, signal.SIGKILL)
    call = sys.stdin.buffer.read()
    empty_input()
    limit_reserved_memory(memory_mb)
    _answer(writing, _call, (call,))
    os.close(writing)


def _call(pickled: bytes) -> Any:
    function, arguments = pickle.loads(pickled)
    return function(*arguments)


def _answer(writing: int, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Write the returned value or raised exception of a function, pickled."""
    try:
        answer = pickle.dumps((True, function(*arguments)))
    except BaseException as error:
        answer = pickle.dumps((False, _sendable(error)))
    with open(writing, "wb", closefd=False) as pipe:
        pipe.write(answer)


def _sendable(error: BaseException) -> Exception:
    """An exception with its traceback as a note; one with its text if it cannot be pickled."""
    note = "".join(traceback.format_exception(error))
    if isinstance(error, Exception):
        error.add_note(note)
        with suppress(Exception):
            pickle.loads(pickle.dumps(error))
            return error
    # It may hold objects of a simulator, or end whoever raises it again.
    told = ChildProcessEnded(one_line(error))
    told.add_note(note)
    return told


def result_of(child: Child) -> Any:
    """Wait for the result of a function in a child process, and return it.

    Raises
    ------
    Exception
        What the function raises, with the traceback of the process as a note.
    ChildProcessEnded
        If the process ends without a result, or breaks a limit.
    """
    ending = child.wait()
    try:
        returned, value = pickle.loads(ending.answer)
    except (EOFError, pickle.UnpicklingError):
        how = ending.broken or describe_exit(ending.status)
        raise ChildProcessEnded(f"the process ended: {how}") from None
    if not returned:
        raise value
    return value


def _fork() -> int:
    with warnings.catch_warnings():
        # Threads of numerical libraries are idle here, and these libraries handle forks.
        warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*fork.*")
        return os.fork()
