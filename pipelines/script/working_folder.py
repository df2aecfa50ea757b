"""The working folder of a script: copies of the files that it reads by relative paths.

A script finds the files beside it and the files named in its arguments at the same relative
paths as in its own folder. They are copies, so that no backend overwrites what another reads.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

# Files beyond these totals are linked instead of copied.
_MOST_BYTES = 100_000_000
_MOST_FILES = 2_000
_EXCLUDED_NAMES = ("__pycache__",)
# Scripts like PyNN's examples write into this folder without creating it.
_RESULTS = "Results"


def make_working_folder(
    working: Path, script: Path, arguments: Sequence[str], excluded: Iterable[Path]
) -> None:
    """Create the working folder of a script.

    Parameters
    ----------
    working
        The folder; its earlier content is deleted.
    script
        The script; the files of its folder are copied, except hidden ones.
    arguments
        Command-line arguments; files and folders below the current folder that they name are
        copied.
    excluded
        Folders that are not copied, such as that of the results.
    """
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir(parents=True)
    copying = _Copying({path.resolve() for path in (working, *excluded)})
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
    """Copies files up to a total number and size, and links the rest."""

    def __init__(self, excluded: set[Path]) -> None:
        self._excluded = excluded
        self._bytes, self._files = _MOST_BYTES, _MOST_FILES

    def folder(self, source: Path, target: Path) -> None:
        """Copy the content of a folder, breadth first."""
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
            hidden = entry.name.startswith(".") or entry.name in _EXCLUDED_NAMES
            if not hidden and Path(entry.path).resolve() not in self._excluded:
                yield entry
