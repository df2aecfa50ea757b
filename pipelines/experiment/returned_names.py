"""Names that an experiment's `build` returns, read from its code without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def returned_names(source: Path) -> tuple[str, ...] | None:
    """Names under which an experiment's `build` returns populations and projections.

    Parameters
    ----------
    source
        The experiment.py, which must be valid Python.

    Returns
    -------
    tuple of str or None
        In the order of the code. None where the code does not tell: `build` comes from elsewhere,
        is decorated, or returns something other than ``{"name": ..., ...}``.
    """
    tree = ast.parse(source.read_bytes(), filename=str(source))
    builds = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "build"]
    if not builds or builds[-1].decorator_list:
        return None
    names: list[str] = []
    returned = [node.value for node in _returns(builds[-1])]
    for value in returned:
        if not isinstance(value, ast.Dict):
            return None
        for key in value.keys:
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return None
            names.append(key.value)
    return tuple(dict.fromkeys(names)) if returned else None


def _returns(node: ast.AST) -> Iterator[ast.Return]:
    """Return statements of a function, not those of functions inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Return):
            yield child
        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _returns(child)
