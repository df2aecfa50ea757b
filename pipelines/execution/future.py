"""Files from the future: what a clock that jumped has left behind.

Snakemake tells by the times of files what is up to date, and refuses an output that is older than
its input: with an input from the future, whatever it makes is.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

# Results of runs are found by their names and known by their checksums.
_UNTIMED = (".zip",)
# Clocks of file servers may be ahead by as much.
_TOLERANCE_S = 5.0


def bring_back(folder: Path) -> list[Path]:
    """Give every file below a folder that is of the future the present time.

    Returns
    -------
    list of Path
        The files whose times were changed, sorted.
    """
    now = time.time()
    changed = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            if path.suffix not in _UNTIMED and _is_ahead(path, now):
                # All the same time: none of them is older than another.
                os.utime(path, (now, now))
                changed.append(path)
    return sorted(changed)


def _is_ahead(path: Path, now: float) -> bool:
    try:
        return path.stat().st_mtime > now + _TOLERANCE_S
    except FileNotFoundError:
        return False
