"""The syntax of files, kept from one process to the next.

Each job of a workflow asks for the identity of its runs, which takes the syntax of every file
behind them: a third of a second to parse, a hundredth to read. What was parsed is kept by the
content of the file, in one file of the user's cache for each version of Python and of the parser;
like any cache it may be deleted, and is done without where it cannot be read or written.
"""

from __future__ import annotations

import hashlib
import json
import platform
from functools import lru_cache
from pathlib import Path

import platformdirs

from pipelines import syntax
from pipelines.atomic import write_bytes
from pipelines.errors import CounterpointError
from pipelines.syntax import Syntax

# Files of a few projects, in many versions; beyond that what is not in use is forgotten.
_MOST = 5000

# What was found in this process, by the SHA-256 (hex) of a file's content.
_found: dict[str, Syntax] = {}
_saved = 0


def of(path: Path) -> Syntax:
    """The syntax of a Python file, parsed if that was not done before.

    Raises
    ------
    BadInput
        It is not Python.
    """
    status = path.stat()
    return _of_version(path, status.st_mtime_ns, status.st_size)


def save() -> None:
    """Keep for other processes what was parsed since the last time."""
    global _saved
    kept = _kept()
    if len(_found) == _saved:
        return
    _saved = len(_found)
    new = _found.keys() - kept.keys()
    if not new:
        return
    # What another process has kept meanwhile is parsed again by one that needs it.
    kept |= {key: _found[key] for key in new}
    if len(kept) > _MOST:
        kept = _found
    content = json.dumps({key: kept[key] for key in sorted(kept)}).encode()
    try:
        write_bytes(_file(), hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    except CounterpointError:
        return


@lru_cache(maxsize=4096)
def _of_version(path: Path, modified: int, size: int) -> Syntax:
    """The syntax of one version of a file: a changed one has another stamp."""
    content = path.read_bytes()
    key = hashlib.sha256(content).hexdigest()
    found = _found.get(key) or _kept().get(key) or syntax.read(content, str(path))
    _found[key] = found
    return found


@lru_cache(maxsize=1)
def _kept() -> dict[str, Syntax]:
    """What earlier processes kept; nothing if that is not whole."""
    try:
        checksum, content = _file().read_bytes().split(b"\n", 1)
    except (OSError, ValueError):
        return {}
    if hashlib.sha256(content).hexdigest().encode() != checksum:
        return {}
    found = json.loads(content)
    return {key: Syntax(tuple(imports), digest) for key, (imports, digest) in found.items()}


@lru_cache(maxsize=1)
def _file() -> Path:
    parser = hashlib.sha256(Path(syntax.__file__).read_bytes()).hexdigest()[:16]
    folder = platformdirs.user_cache_path("counterpoint")
    return folder / f"syntax-{platform.python_version()}-{parser}.json"
