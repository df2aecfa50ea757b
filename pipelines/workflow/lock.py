"""Release of the lock that a killed snakemake leaves behind."""

from __future__ import annotations

import shutil
from pathlib import Path

from filelock import FileLock, Timeout

# Folder of Snakemake in its working directory, and of locks in it.
_FOLDER, _LOCKS = ".snakemake", "locks"


def release_stale_lock(folder: Path | str = ".") -> FileLock | None:
    """Remove the lock of a killed snakemake, but not that of a running one.

    Snakemake's own lock does not know whether its owner lives. The kernel does: it drops a lock
    on a file with the process that holds it.

    Parameters
    ----------
    folder
        Working directory of Snakemake.

    Returns
    -------
    FileLock or None
        Lock that marks this process as running, to be kept until its end. None if another snakemake
        is running here, or the disk has no file locks: then Snakemake's own lock decides.
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
