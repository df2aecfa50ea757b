"""A child process and what it may take: waiting for its end, within limits of time and memory."""

from __future__ import annotations

import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

# Between two looks at the memory of a process. Even one that only writes zeros takes a few
# hundred MB meanwhile.
_LOOK_S = 0.05
_BLOCK = 1 << 20
_MB = 1_000_000


@dataclass(frozen=True)
class Ending:
    """How a child process ended.

    Attributes
    ----------
    status
        As `os.wait4` gives it.
    usage
        What it used.
    wall_s
        How long it lived, in s.
    limit
        The limit that it broke: ``"time"``, ``"memory"``, or empty.
    broken
        The same in words.
    answer
        What it wrote to its pipe.
    """

    status: int
    usage: resource.struct_rusage
    wall_s: float
    limit: str
    broken: str
    answer: bytes


@dataclass(eq=False)
class Child:
    """A process that this one has started, which answers through a pipe.

    Attributes
    ----------
    pid
        Its process id, and that of its process group.
    reading
        File descriptor of the end of the pipe that this process reads.
    time_s, memory_mb
        What it may take: s of the clock, and MB (10^6 bytes) of resident memory, with all that it
        has started. None for any.
    """

    pid: int
    reading: int
    time_s: float | None = None
    memory_mb: float | None = None
    _started: float = field(default_factory=time.monotonic)
    _writes: bool = True

    def wait(self) -> Ending:
        """Read what the process writes until it ends; kill it, and its group, at a limit."""
        answer = bytearray()
        limit = broken = ""
        handle = _handle(self.pid)
        try:
            while not broken and not self._ended(handle, answer):
                limit, broken = self._broken()
            if broken:
                self.kill()
        except BaseException:
            self.kill()
            raise
        finally:
            _, status, usage = os.wait4(self.pid, 0)
            # What the process itself has started must not outlive it.
            self.kill_group()
            self._drain(answer)
            os.close(self.reading)
            if handle is not None:
                os.close(handle)
        wall_s = round(time.monotonic() - self._started, 6)
        return Ending(status, usage, wall_s, limit, broken, bytes(answer))

    def kill(self) -> None:
        """Kill the process and all that it has started."""
        self.kill_group()
        # It may not lead its group yet.
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def kill_group(self) -> None:
        """Kill what is left of the process's group."""
        # Gone, or only its zombie is left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _ended(self, handle: int | None, answer: bytearray) -> bool:
        """Read, until the process ends or it is time to look at what it takes."""
        pause: float | None = None
        if handle is None or self.memory_mb is not None:
            pause = _LOOK_S
        if self.time_s is not None:
            left = max(0.0, self._started + self.time_s - time.monotonic())
            pause = left if pause is None else min(pause, left)
        watched = [self.reading] if self._writes else []
        ready = select.select(watched + ([] if handle is None else [handle]), [], [], pause)[0]
        if self.reading in ready:
            block = os.read(self.reading, _BLOCK)
            answer += block
            self._writes = bool(block)
        if handle is not None:
            return handle in ready
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _broken(self) -> tuple[str, str]:
        """Which limit it breaks, and how in words; empty if none."""
        if self.time_s is not None and time.monotonic() - self._started >= self.time_s:
            return "time", f"ran longer than {self.time_s:g} s"
        if self.memory_mb is not None:
            used = sum(_status_kb("VmRSS", one) for one in _family(self.pid)) * 1024 / _MB
            if used > self.memory_mb:
                return "memory", f"took {used:.0f} MB of memory, more than {self.memory_mb:g} MB"
        return "", ""

    def _drain(self, answer: bytearray) -> None:
        """Read what is left in the pipe, whose other end some process may hold for ever."""
        os.set_blocking(self.reading, False)
        with suppress(BlockingIOError):
            while block := os.read(self.reading, _BLOCK):
                answer += block


def machine_mb() -> int:
    """Memory of this machine in MB, or what its control group (a container's) may take of it."""
    most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    # There may be no such group, or one without a limit, whose file says "max".
    with suppress(OSError, ValueError):
        most = min(most, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return most // _MB


def confine(memory_mb: float | None) -> None:
    """Refuse this process, from now on, far more memory than it may take.

    What is asked for in one piece then fails at once, as a MemoryError, before it can push others
    out of memory. The limit itself is for memory in use, which `Child` watches: libraries reserve
    more than they use.

    Parameters
    ----------
    memory_mb
        In MB (10^6 bytes); None for any.
    """
    if memory_mb is None or not sys.platform.startswith("linux"):
        return
    reserved = _status_kb("VmData") * 1024
    most = reserved + 2 * int(memory_mb * _MB)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _handle(process: int) -> int | None:
    """A file descriptor that can be read from when the process has ended, where there is one."""
    try:
        return os.pidfd_open(process)
    except (AttributeError, OSError):
        return None


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
