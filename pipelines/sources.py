"""Which project files a Python file depends on, and a fingerprint that only code can change.

The parts of a result that come from source code are told apart here: an experiment and the
modules it imports, a backend, the code that runs a point. The fingerprint is taken of the syntax
tree without docstrings, so that a comment, a docstring or a blank line re-runs nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from pipelines import syntax_cache
from pipelines.errors import BadInput

# The folder that holds the package `pipelines`.
_LIBRARY = Path(__file__).resolve().parent.parent

# Files beside a module that it reads when it runs: templates, styles, code that is compiled, data.
_BESIDE = ("*.j2", "*.mplstyle", "cpp/*.h", "entries/*.yaml")


def closure(
    path: Path | str, root: Path | None = None, without: Collection[str] = ()
) -> tuple[Path, ...]:
    """Project files that `path` depends on: itself, what it imports, and what these read.

    Followed are imports of `pipelines`, of `experiments`, relative ones and plain ones of a file
    in the same folder, wherever in a module they stand (inside functions too), with the
    ``__init__.py`` of every package on the way. What stands under ``if TYPE_CHECKING:`` is never
    imported and so is not followed. Templates, styles, C++ headers and entries of data count with
    the modules beside them.

    Parameters
    ----------
    path
        A Python file, or a package's folder (then every Python file in it).
    root
        Folder that holds `experiments`; by default the one `path` lies in, if any.
    without
        Dotted module names that are left out, each with all below it.

    Returns
    -------
    tuple of Path
        Resolved, without repeats, sorted.

    Raises
    ------
    BadInput
        A file on the way is not Python, or `path` does not exist.
    """
    start = Path(path).resolve()
    if not start.exists():
        raise BadInput(str(path), "there is no such file")
    if root is None:
        root = next((p.parent for p in start.parents if p.name == "experiments"), None)
    bases = {"pipelines": _LIBRARY}
    if root is not None:
        bases["experiments"] = root.resolve()
    waiting = sorted(start.rglob("*.py")) if start.is_dir() else [start]
    for file in tuple(waiting):
        waiting.extend(_enclosing_inits(file, bases))
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file in found or _is_left_out(file, bases, without):
            continue
        found.add(file)
        waiting.extend(_imported_files(file, bases))
    for folder in {file.parent for file in found}:
        found.update(read for pattern in _BESIDE for read in folder.glob(pattern))
    return tuple(sorted(found))


def imported_names(path: Path) -> tuple[str, ...]:
    """Dotted names that a file imports, relative ones with their leading dots, sorted."""
    return syntax_cache.of(path).imports


def fingerprint(paths: Iterable[Path | str]) -> str:
    """SHA-256 (hex) of the code in `paths`, the same in every clone and for every order.

    Python files count by their syntax tree without docstrings, other files by their bytes. A file
    is known by its own name and its folder's, so the project may lie anywhere.
    """
    digests = sorted(
        f"{path.parent.name}/{path.name} {_digest(path)}" for path in map(_resolved, set(paths))
    )
    syntax_cache.save()
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _resolved(path: Path | str) -> Path:
    return Path(path).resolve()


def _digest(path: Path) -> str:
    if path.suffix == ".py":
        return syntax_cache.of(path).digest
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _imported_files(file: Path, bases: dict[str, Path]) -> Iterator[Path]:
    for name in imported_names(file):
        plain = name.lstrip(".")
        level = len(name) - len(plain)
        parts = plain.split(".") if plain else []
        if level:
            # One dot is the file's own folder, each further dot the folder above.
            folder = file.parent
            for _ in range(level - 1):
                folder = folder.parent
            yield from _module_files(folder, parts)
        elif parts and parts[0] in bases:
            yield from _module_files(bases[parts[0]], parts)
        else:
            yield from _module_files(file.parent, parts)


def _module_files(base: Path, parts: list[str]) -> Iterator[Path]:
    """Files that importing the module `parts` below `base` would run, as far as they exist."""
    # In plain strings: of the thousands of places looked at when a workflow starts most are empty,
    # and to make a Path takes longer than to look.
    folder = str(base)
    if os.path.isfile(f"{folder}/__init__.py"):
        yield Path(folder, "__init__.py")
    for part in parts:
        module = f"{folder}/{part}.py"
        folder = f"{folder}/{part}"
        if os.path.isfile(f"{folder}/__init__.py"):
            yield Path(folder, "__init__.py")
        elif os.path.isfile(module):
            yield Path(module)
            return


def _enclosing_inits(file: Path, bases: dict[str, Path]) -> Iterator[Path]:
    for base in bases.values():
        if file.is_relative_to(base):
            for folder in file.relative_to(base).parents:
                init = base / folder / "__init__.py"
                if folder != Path() and init.is_file():
                    yield init


def _is_left_out(file: Path, bases: dict[str, Path], without: Collection[str]) -> bool:
    if not without:
        return False
    for base in bases.values():
        if file.is_relative_to(base):
            parts = list(file.relative_to(base).with_suffix("").parts)
            if parts[-1] == "__init__":
                parts.pop()
            names = {".".join(parts[: n + 1]) for n in range(len(parts))}
            if names.intersection(without):
                return True
    return False
