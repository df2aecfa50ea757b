"""How much memory a piece of work needs at its peak."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR_REFS = Path("/proc/self/clear_refs")


class PeakMemory:
    """Peak of resident memory since this was made.

    On Linux the kernel's high-water mark is set back, so that what came before does not count.
    Elsewhere the mark is the process's own: work that stays below an earlier peak counts as 0.
    """

    def __init__(self) -> None:
        try:
            _CLEAR_REFS.write_text("5")  # resets the high-water mark to the present size
        except OSError:
            self._before = _high_water_mb()
        else:
            self._before = _status_mb("VmRSS")

    def mb(self) -> float:
        """Megabytes (1e6 bytes) beyond what was resident at the start."""
        return round(max(0.0, _high_water_mb() - self._before), 1)


def resident_mb() -> float:
    """Megabytes (1e6 bytes) that this process has in memory; where only a peak is known, that."""
    return round(_status_mb("VmRSS") if _STATUS.exists() else _high_water_mb(), 1)


def _high_water_mb() -> float:
    if _STATUS.exists():
        return _status_mb("VmHWM")
    # Linux counts in kB, macOS in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1e6 if sys.platform == "darwin" else 1e3
    )


def _status_mb(field: str) -> float:
    for line in _STATUS.read_text().splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) * 1024 / 1e6
    return 0.0
