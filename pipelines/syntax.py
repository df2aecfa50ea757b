"""What the code of a Python file imports, and a digest of it that only code can change."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from pipelines.errors import BadInput


class Syntax(NamedTuple):
    """What counts of a file's code.

    Attributes
    ----------
    imports
        Dotted names, relative ones with their leading dots, sorted.
    digest
        SHA-256 (hex) of the syntax tree without docstrings.
    """

    imports: tuple[str, ...]
    digest: str


def read(content: bytes, name: str) -> Syntax:
    """Parse the content of a file; `name` is for messages.

    Raises
    ------
    BadInput
        It is not Python.
    """
    try:
        tree = ast.parse(content, filename=name)
    except SyntaxError as error:
        raise BadInput(f"{name}:{error.lineno}", f"not valid Python: {error.msg}") from error
    except ValueError as error:
        raise BadInput(name, f"not valid Python: {error}") from error
    imports = tuple(sorted(set(_names(tree))))
    _drop_docstrings(tree)
    return Syntax(imports, hashlib.sha256(ast.dump(tree).encode()).hexdigest())


def _names(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            module = "." * child.level + (child.module or "")
            yield module
            # `from a import b` may name the module a.b: both are tried.
            joint = "" if module.endswith(".") else "."
            yield from (f"{module}{joint}{a.name}" for a in child.names if a.name != "*")
        elif isinstance(child, ast.If) and _is_type_checking(child.test):
            for other in child.orelse:
                yield from _names(ast.Module([other], []))
        else:
            if isinstance(child, ast.Call):
                yield from _imported_by_call(child)
            yield from _names(child)


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
