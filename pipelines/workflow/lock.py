"""Release of the lock that a killed snakemake leaves behind."""

from __future__ import annotations

import shutil
from pathlib import Path

from filelock import FileLock, Timeout

# Of Snakemake, in the folder that it works in.
_FOLDER, _LOCKS = ".snakemake", "locks"


def release_stale_lock(folder: Path | str = ".") -> FileLock | None:
    """Remove the lock of a snakemake that was killed; keep that of one that is at work.

    Snakemake's own lock does not know whether its owner lives. The kernel does: it drops a lock
    on a file with the process that holds it.

    Parameters
    ----------
    folder
        The one that Snakemake works in.

    Returns
    -------
    FileLock or None
        What tells others that this process is at work; to be kept until its end. None if another
        snakemake is at work here, or the disk knows no such locks: Snakemake's own lock decides.
    """
    place = Path(folder) / _FOLDER
    try:
        place.mkdir(exist_ok=True)
        lock = FileLock(place / "counterpoint.lock", fallback_to_soft=False)
        lock.acquire(blocking=False)
    except (Timeout, NotImplementedError, OSError):
        return None
    shutil.rmtree(place / _LOCKS, ignore_errors=True)
    return lock
