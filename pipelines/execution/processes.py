"""Helpers for processes: parent-death signal, redirected output, exit descriptions."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TextIO

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, number: signal.Signals) -> None:
    """Have the kernel signal this process when its parent ends (Linux only)."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number))
    if os.getppid() != parent:
        # The parent ended before `prctl` was called.
        os._exit(1)


def redirect_output(log: Path | None) -> None:
    """Redirect all output of this process and its libraries to the end of a file.

    Redirects file descriptors, because simulators print from C++.
    """
    path = os.devnull if log is None else os.fspath(log)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    target = os.open(path, flags, 0o644)
    for descriptor in (1, 2):
        os.dup2(target, descriptor)
    os.close(target)
    empty_input()
    sys.stdout, sys.stderr = _line_buffered(1), _line_buffered(2)


def empty_input() -> None:
    """Replace standard input by an empty one, so that nothing waits for a terminal."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _line_buffered(descriptor: int) -> TextIO:
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)


def flush_all() -> None:
    """Flush the output buffers of Python and of C, before a fork or an `os._exit`."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    ctypes.CDLL(None).fflush(None)


def describe_exit(status: int) -> str:
    """How a process ended without a result, as one line from its wait status.

    Examples
    --------
    >>> describe_exit(11)
    'killed by signal 11 (SIGSEGV)'
    >>> describe_exit(3 << 8)
    'exited with code 3 before it gave a result'
    """
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        name = signal_name(number)
        hint = ", perhaps out of memory" if number == signal.SIGKILL else ""
        return f"killed by signal {number} ({name}){hint}"
    return f"exited with code {os.WEXITSTATUS(status)} before it gave a result"


def signal_name(number: int) -> str:
    """Name of a signal, such as "SIGKILL"; empty for 0."""
    if number == 0:
        return ""
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


@contextmanager
def sigterm_as_exit() -> Iterator[None]:
    """Turn SIGTERM into SystemExit within the block, so that child processes are ended."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
