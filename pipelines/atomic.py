"""Atomic writing of files, and removal of temporary files of killed writers."""

from __future__ import annotations

import os
import re
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import CounterpointError

# Host and process id in the name tell leftovers from work in progress.
_TEMPORARY = re.compile(r"\..+\.(?P<host>[A-Za-z0-9-]+)\.(?P<process>\d+)\.[^.]*\.tmp")

# A temporary file of another machine on a shared disk cannot be asked whether its writer lives.
_FOREIGN_AGE_S = 7 * 24 * 3600.0


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname()) or "host"


@contextmanager
def replacing(path: Path, *, flushed: bool = True) -> Iterator[Path]:
    """Yield a temporary file that replaces `path` when the block ends without an error.

    It lies in the same folder, is flushed to the disk and then renamed, so a reader sees the old
    file or the new one, never a part. It is removed if the block raises. Not `flushed`, the same
    holds for everything but a machine that loses its power; `flush` makes up for it.

    Raises
    ------
    CounterpointError
        If the disk does not take the file, naming `path` and the reason.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{path.name}.{_host()}.{os.getpid()}.", suffix=".tmp", dir=path.parent
        )
        os.close(handle)
        temporary = Path(name)
        yield temporary
        if flushed:
            _flush(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
        temporary = None
        if flushed:
            _flush(path.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CounterpointError(f"{path}: cannot be written: {reason}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically; see `replacing`."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def flush(paths: Iterable[Path], folder: Path) -> None:
    """Flush files of a folder to disk.

    Raises
    ------
    CounterpointError
        If the disk does not take one.
    """
    for path in (*paths, folder):
        try:
            _flush(path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise CounterpointError(f"{path}: cannot be written: {reason}") from error


def clean_leftovers(folder: Path) -> list[Path]:
    """Remove the temporary files in `folder` whose writers are gone; return what was removed."""
    removed = []
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return []
    for entry in entries:
        match = _TEMPORARY.fullmatch(entry.name) if entry.name.endswith(".tmp") else None
        if match and _abandoned(entry, match["host"], int(match["process"])):
            path = Path(entry.path)
            path.unlink(missing_ok=True)
            removed.append(path)
    return removed


def _abandoned(entry: os.DirEntry[str], host: str, process: int) -> bool:
    if host == _host():
        return not _alive(process)
    try:
        return time.time() - entry.stat().st_mtime > _FOREIGN_AGE_S
    except FileNotFoundError:
        return False


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
