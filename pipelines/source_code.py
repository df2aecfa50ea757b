"""Digests of source files that ignore comments and layout, and names of their imports.

A Python file counts by its syntax tree without docstrings, so that a comment, a docstring, a blank
line or another layout changes nothing; any other file counts by its bytes.
"""

from __future__ import annotations

import ast
import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.errors import BadInput

# What is no source: compiled code.
_COMPILED = (".pyc", ".pyo")


class SourceFile(NamedTuple):
    """Digest and imports of a source file.

    Attributes
    ----------
    digest
        SHA-256 (hex) of its code, or of its bytes if it is not Python.
    imports
        Dotted names that it imports, relative ones with their leading dots, sorted.
    """

    digest: str
    imports: tuple[str, ...] = ()


def read(path: Path) -> SourceFile:
    """Digest and imports of a file.

    Raises
    ------
    BadInput
        It is called ``.py`` and is not Python.
    """
    status = path.stat()
    return _read_version(path, status.st_mtime_ns, status.st_size)


def files_in(*paths: Path) -> Iterator[Path]:
    """Every file below `paths`, which may be files themselves, without hidden and compiled ones."""
    for path in paths:
        if path.is_file():
            yield path
            continue
        for inner in sorted(path.rglob("*")):
            parts = inner.relative_to(path).parts
            hidden = any(part.startswith((".", "__pycache__")) for part in parts)
            if inner.is_file() and inner.suffix not in _COMPILED and not hidden:
                yield inner


def digests(
    files: Iterable[Path], bases: Iterable[Path], allow_broken: bool = False
) -> dict[str, str]:
    """Digest of each file, by its path within the first of `bases` that holds it.

    So the same files have the same names wherever the project lies.

    Parameters
    ----------
    files, bases
        The files, and the folders that hold them.
    allow_broken
        Whether a file that is called ``.py`` and is not Python counts by its bytes.

    Raises
    ------
    BadInput
        If such a file is not allowed.
    """
    bases = tuple(bases)
    found = {}
    for path in sorted(set(files)):
        try:
            found[_relative_name(path, bases)] = read(path).digest
        except BadInput:
            if not allow_broken:
                raise
            found[_relative_name(path, bases)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def fingerprint(named: Mapping[str, str]) -> str:
    """SHA-256 (hex) of the digests of several files, as returned by `digests`."""
    lines = [f"{name} {digest}" for name, digest in sorted(named.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _relative_name(path: Path, bases: Iterable[Path]) -> str:
    for base in bases:
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    raise ValueError(f"{path} lies in none of {', '.join(map(str, bases))}")


def _without_collector(function: Callable[..., SourceFile]) -> Callable[..., SourceFile]:
    """Pause the garbage collector, which would look through growing trees again and again.

    Parsing the library takes 0.2 s this way, and 0.6 s otherwise.
    """

    @wraps(function)
    def paused(*arguments: Any) -> SourceFile:
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            return function(*arguments)
        finally:
            if was_enabled:
                gc.enable()

    return paused


@lru_cache(maxsize=4096)
@_without_collector
def _read_version(path: Path, modified: int, size: int) -> SourceFile:
    """Digest and imports of one version of a file, cached by its time stamp and size."""
    content = path.read_bytes()
    if path.suffix != ".py":
        return SourceFile(hashlib.sha256(content).hexdigest())
    try:
        tree = ast.parse(content, filename=str(path))
    except SyntaxError as error:
        raise BadInput(f"{path}:{error.lineno}", f"not valid Python: {error.msg}") from error
    except ValueError as error:
        raise BadInput(str(path), f"not valid Python: {error}") from error
    imports = tuple(sorted(set(_imported(tree))))
    _drop_docstrings(tree)
    return SourceFile(hashlib.sha256(ast.dump(tree).encode()).hexdigest(), imports)


def _imported(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            module = "." * child.level + (child.module or "")
            yield module
            # `from a import b` may name the module a.b: both count.
            joint = "" if module.endswith(".") else "."
            yield from (f"{module}{joint}{a.name}" for a in child.names if a.name != "*")
        elif isinstance(child, ast.If) and _is_type_checking(child.test):
            for other in child.orelse:
                yield from _imported(ast.Module([other], []))
        else:
            if isinstance(child, ast.Call):
                yield from _imported_by_call(child)
            yield from _imported(child)


def _imported_by_call(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in ("import_module", "__import__") and call.args:
        argument = call.args[0]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def _is_type_checking(test: ast.expr) -> bool:
    return getattr(test, "attr", getattr(test, "id", "")) == "TYPE_CHECKING"


def _drop_docstrings(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[0] if node.body else None
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            del node.body[0]
