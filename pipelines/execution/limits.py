"""Child processes with limits of time and memory."""

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

# Interval between two checks of the memory of a process, in s. A process that only writes zeros
# takes a few hundred MB in this time.
_POLL_S = 0.05
_BLOCK = 1 << 20
_MB = 1_000_000


@dataclass(frozen=True)
class Ending:
    """How a child process ended.

    Attributes
    ----------
    status
        Wait status, as `os.wait4` returns it.
    usage
        Resource usage of the process.
    wall_s
        Duration of the process, in s.
    limit
        The limit that it exceeded: ``"time"``, ``"memory"``, or empty.
    broken
        Description of the exceeded limit; empty if none.
    answer
        Bytes that it wrote to its pipe.
    """

    status: int
    usage: resource.struct_rusage
    wall_s: float
    limit: str
    broken: str
    answer: bytes


@dataclass(eq=False)
class Child:
    """A child process that answers through a pipe.

    Attributes
    ----------
    pid
        Its process id, and that of its process group.
    reading
        File descriptor of the reading end of the pipe.
    time_s, memory_mb
        Limits of wall-clock time (s) and of resident memory (MB, 10^6 bytes) of the process and
        its descendants. None for no limit.
    """

    pid: int
    reading: int
    time_s: float | None = None
    memory_mb: float | None = None
    _started: float = field(default_factory=time.monotonic)
    _writes: bool = True

    def wait(self) -> Ending:
        """Read the answer until the process ends; kill it and its group if it exceeds a limit."""
        answer = bytearray()
        limit = broken = ""
        handle = _pidfd(self.pid)
        try:
            while not broken and not self._ended(handle, answer):
                limit, broken = self._exceeded_limit()
            if broken:
                self.kill()
        except BaseException:
            self.kill()
            raise
        finally:
            _, status, usage = os.wait4(self.pid, 0)
            # Descendants of the process must not outlive it.
            self.kill_group()
            self._drain(answer)
            os.close(self.reading)
            if handle is not None:
                os.close(handle)
        wall_s = round(time.monotonic() - self._started, 6)
        return Ending(status, usage, wall_s, limit, broken, bytes(answer))

    def kill(self) -> None:
        """Kill the process and its process group."""
        self.kill_group()
        # It may not lead its group yet.
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def kill_group(self) -> None:
        """Kill the remaining processes of the process group."""
        # Gone, or only its zombie is left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _ended(self, handle: int | None, answer: bytearray) -> bool:
        """Read until the process ends or the limits have to be checked; return whether it ended."""
        pause: float | None = None
        if handle is None or self.memory_mb is not None:
            pause = _POLL_S
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

    def _exceeded_limit(self) -> tuple[str, str]:
        """Name and description of the exceeded limit; empty if none is exceeded."""
        if self.time_s is not None and time.monotonic() - self._started >= self.time_s:
            return "time", f"ran longer than {self.time_s:g} s"
        if self.memory_mb is not None:
            used = sum(_status_kb("VmRSS", one) for one in _process_tree(self.pid)) * 1024 / _MB
            if used > self.memory_mb:
                return "memory", f"took {used:.0f} MB of memory, more than {self.memory_mb:g} MB"
        return "", ""

    def _drain(self, answer: bytearray) -> None:
        """Read the rest of the pipe without blocking: another process may keep it open."""
        os.set_blocking(self.reading, False)
        with suppress(BlockingIOError):
            while block := os.read(self.reading, _BLOCK):
                answer += block


def machine_mb() -> int:
    """Memory of this machine in MB, or of its control group (a container's) if that is less."""
    most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    # There may be no such group, or one without a limit, whose file says "max".
    with suppress(OSError, ValueError):
        most = min(most, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return most // _MB


def limit_reserved_memory(memory_mb: float | None) -> None:
    """Limit the memory that this process can reserve, to twice the given amount.

    A very large allocation then raises a MemoryError before other processes run out of memory. The
    limit proper is one of resident memory, which `Child` checks: libraries reserve more than they
    use.

    Parameters
    ----------
    memory_mb
        Limit in MB (10^6 bytes); None for no limit.
    """
    if memory_mb is None or not sys.platform.startswith("linux"):
        return
    reserved = _status_kb("VmData") * 1024
    most = reserved + 2 * int(memory_mb * _MB)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _pidfd(process: int) -> int | None:
    """A pidfd, which becomes readable when the process ends; None if not available."""
    try:
        return os.pidfd_open(process)
    except (AttributeError, OSError):
        return None


def _process_tree(process: int) -> list[int]:
    """Process ids of a process and all its descendants on this machine."""
    found = [process]
    for one in found:
        for listed in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, listed.read_text().split())
    return found


def _status_kb(field: str, process: int | str = "self") -> int:
    """A field in kB of ``/proc/<pid>/status``; 0 if there is no such file or field."""
    try:
        with open(f"/proc/{process}/status", encoding="ascii", errors="replace") as account:
            for line in account:
                if line.startswith(f"{field}:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0
