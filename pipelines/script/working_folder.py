"""The folder in which a script runs: what it reads by relative paths is there, and its own.

A script finds the files beside it, and those that its arguments name, where they would be if it
were started in its folder. They are copies, so that no backend overwrites what another one reads.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

# More than this is not copied, but linked.
_MOST_BYTES = 100_000_000
_MOST_FILES = 2_000
_LEFT_OUT = ("__pycache__",)
# Scripts in the manner of PyNN's examples write into it, and do not make it.
_RESULTS = "Results"


def make_working_folder(
    working: Path, script: Path, arguments: Sequence[str], apart: Iterable[Path]
) -> None:
    """Make a script's working folder anew.

    Parameters
    ----------
    working
        The folder; what an earlier run left in it is deleted.
    script
        Its folder's files are copied, but for hidden ones.
    arguments
        Of the script: files and folders below the current folder that they name are copied, too.
    apart
        Folders that are left out, such as that of results.
    """
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir(parents=True)
    copying = _Copying({path.resolve() for path in (working, *apart)})
    copying.folder(script.parent, working)
    for argument in arguments:
        named = Path(argument)
        inside = not named.is_absolute() and ".." not in named.parts
        if inside and argument and named.exists() and not (working / named).exists():
            (working / named).parent.mkdir(parents=True, exist_ok=True)
            copying.one(named, working / named)
    if f"{_RESULTS}/" in script.read_text(encoding="utf-8", errors="replace"):
        (working / _RESULTS).mkdir(exist_ok=True)


class _Copying:
    """Copies until there is too much of it; the rest is linked."""

    def __init__(self, apart: set[Path]) -> None:
        self._apart = apart
        self._bytes, self._files = _MOST_BYTES, _MOST_FILES

    def folder(self, source: Path, target: Path) -> None:
        """Copy a folder's content: files first, those in folders below later."""
        waiting = [(source, target)]
        while waiting:
            here, there = waiting.pop(0)
            for entry in self._entries(here):
                to = there / entry.name
                if entry.is_dir() and not entry.is_symlink() and self._files > 0:
                    to.mkdir(exist_ok=True)
                    waiting.append((Path(entry.path), to))
                else:
                    self.one(Path(entry.path), to)

    def one(self, source: Path, target: Path) -> None:
        """Copy one file or folder."""
        if source.is_dir() and not source.is_symlink() and self._files > 0:
            target.mkdir(exist_ok=True)
            self.folder(source, target)
            return
        size = source.stat().st_size if source.is_file() else self._bytes + 1
        if size <= self._bytes and self._files > 0:
            shutil.copy2(source, target)
            self._bytes -= size
            self._files -= 1
        elif source.is_file() or source.is_dir():
            target.symlink_to(source.resolve())

    def _entries(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        try:
            found = sorted(os.scandir(folder), key=lambda entry: (entry.is_dir(), entry.name))
        except OSError:
            return
        for entry in found:
            hidden = entry.name.startswith(".") or entry.name in _LEFT_OUT
            if not hidden and Path(entry.path).resolve() not in self._apart:
                yield entry
