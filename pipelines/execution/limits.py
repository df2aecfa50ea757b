"""Waiting for the process of one run, which may take only so much time and memory."""

from __future__ import annotations

import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.sweep.model import Limits

# Between two looks at the memory of a process. Even one that only writes zeros takes a few
# hundred MB meanwhile.
_LOOK_S = 0.05
_MB = 1_000_000


@dataclass(frozen=True)
class Ending:
    """How the process of a run ended.

    Attributes
    ----------
    status
        As `os.wait4` gives it.
    usage
        What it used.
    wall_s
        How long it lived, in s.
    broken
        The limit that it broke, in words; empty if none.
    """

    status: int
    usage: resource.struct_rusage
    wall_s: float
    broken: str


def machine_mb() -> int:
    """Memory of this machine in MB, or what its control group (a container's) may take of it."""
    most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    # There may be no such group, or one without a limit, whose file says "max".
    with suppress(OSError, ValueError):
        most = min(most, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return most // _MB


def confine(limits: Limits) -> None:
    """Refuse this process, from now on, far more memory than it may take.

    What is asked for in one piece then fails at once, as a MemoryError of the run, before it can
    push others out of memory. The limit itself is for memory in use, which `wait` watches:
    libraries reserve more than they use.
    """
    if limits.memory is None or not sys.platform.startswith("linux"):
        return
    reserved = _status_kb("VmData") * 1024
    most = reserved + 2 * int(limits.memory * _MB)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def wait(process: int, limits: Limits) -> Ending:
    """Wait for a child that leads a process group; end all of the group if it breaks a limit."""
    started = time.monotonic()
    broken = ""
    handle = _handle(process)
    try:
        while not broken and not _ended(process, handle, started, limits):
            broken = _broken(process, time.monotonic() - started, limits)
        if broken:
            end_group(process)
        _, status, usage = os.wait4(process, 0)
    finally:
        if handle is not None:
            os.close(handle)
    # What the run itself has started must not outlive it.
    end_group(process)
    return Ending(status, usage, round(time.monotonic() - started, 6), broken)


def end_group(process: int) -> None:
    """Kill a process and all that it has started."""
    try:
        os.killpg(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # Gone, or only its zombie is left.
        return


def _handle(process: int) -> int | None:
    """A file descriptor that can be read from when the process has ended, where there is one."""
    try:
        return os.pidfd_open(process)
    except (AttributeError, OSError):
        return None


def _ended(process: int, handle: int | None, started: float, limits: Limits) -> bool:
    """Wait until the process ends or it is time to look at it again."""
    if limits.time is None and limits.memory is None:
        return True
    pause = _LOOK_S if limits.memory is not None else float("inf")
    if limits.time is not None:
        pause = min(pause, max(0.0, started + limits.time - time.monotonic()))
    if handle is not None:
        return bool(select.select([handle], [], [], pause)[0])
    time.sleep(min(pause, _LOOK_S))
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _broken(process: int, wall_s: float, limits: Limits) -> str:
    if limits.time is not None and wall_s >= limits.time:
        return f"ran longer than {limits.time:g} s, the sweep's limits.time"
    if limits.memory is not None:
        used = sum(_status_kb("VmRSS", one) for one in _family(process)) * 1024 / _MB
        if used > limits.memory:
            return f"took {used:.0f} MB of memory, more than {limits.memory:g} MB, limits.memory"
    return ""


def _family(process: int) -> list[int]:
    """A process and all on this machine that it has started, and those that these have started."""
    found = [process]
    for one in found:
        for listed in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, listed.read_text().split())
    return found


def _status_kb(field: str, process: int | str = "self") -> int:
    """A number of kB from Linux's account of a process, 0 where there is none."""
    try:
        with open(f"/proc/{process}/status", encoding="ascii", errors="replace") as account:
            for line in account:
                if line.startswith(f"{field}:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0
