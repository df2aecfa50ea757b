"""Names of simulators in a script's imports and on its command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pipelines import backends

# How scripts read their arguments, and how they compose the name of a module.
_POSITIONAL = ("get_script_args", "argv")
_PARSED = ("add_argument", "add_option", "getopt")
_COMPOSED_NAME = re.compile(r"pyNN\.(%|\{|$)")
# Simulators in the package pyNN that other packages provide.
_OF_OTHER_PACKAGES = ("spiNNaker", "hardware")


@cache
def simulators() -> frozenset[str]:
    """Names of simulators: PyNN's modules, backends, and both without a trailing version number."""
    named = {folder.name for folder in _pynn().iterdir() if (folder / "simulator.py").exists()}
    named.update(pynn_name(name) for name in backends.all_names())
    unnumbered = {name.rstrip("0123456789") for name in named}
    return frozenset(named | unnumbered | {*_OF_OTHER_PACKAGES, *backends.names()})


def pynn_name(backend: str) -> str:
    """PyNN's name of the simulator of a backend or of a stock module."""
    stock = backends.get(backend).stock
    return backend if stock is None else stock.module.rpartition(".")[2]


def is_simulator(module: str) -> bool:
    """Whether a module of the package pyNN is a simulator.

    Modules that this version of PyNN does not have count as simulators: earlier versions had more
    of them, and other packages add theirs.
    """
    first, *rest = module.split(".")[1:]
    if first == "hardware":
        return True
    return not rest and (first in simulators() or not _is_of_pynn(first))


def arguments_for(arguments: Sequence[str], name: str, source: str) -> list[str]:
    """Arguments of a script with the name of the simulator replaced by that of one backend.

    The name of any simulator, by itself or after ``=``, is replaced. If there is none and the
    script reads a simulator's name from its command line, the name becomes the first argument.

    Parameters
    ----------
    arguments
        As the user gave them.
    name
        PyNN's name of the simulator.
    source
        The script's text.
    """
    parts = [argument.rpartition("=") for argument in arguments]
    if not any(value in simulators() for *_, value in parts) and _wants_simulator(source):
        return [name, *arguments]
    return [
        option + equals + (name if value in simulators() else value)
        for option, equals, value in parts
    ]


def imported_modules(source: str) -> set[str]:
    """Top-level names of all modules that a script imports."""
    try:
        nodes = [*ast.walk(ast.parse(source))]
    except (SyntaxError, ValueError):
        return set()
    modules = [one.name for node in nodes if isinstance(node, ast.Import) for one in node.names]
    modules += [
        str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level
    ]
    return {name.split(".")[0] for name in modules}


def _wants_simulator(source: str) -> bool:
    """Whether a script takes its simulator's name from the command line, as the first argument.

    It calls `get_simulator`, or declares ``sim`` as its first argument, or reads its arguments by
    position and composes the name of a PyNN module.
    """
    try:
        nodes = [*ast.walk(ast.parse(source))]
    except (SyntaxError, ValueError):
        # The error is shown when the script is run.
        return False
    names = {getattr(node, "id", getattr(node, "attr", "")) for node in nodes}
    names |= {node.name for node in nodes if isinstance(node, ast.alias)}
    if "get_simulator" in names or "sim" in _first_declared(nodes):
        return True
    positional = not names.isdisjoint(_POSITIONAL) and names.isdisjoint(_PARSED)
    return positional and any(
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _COMPOSED_NAME.search(node.value)
        for node in nodes
    )


def _first_declared(nodes: Sequence[ast.AST]) -> str:
    """Name of the first argument without a dash that a script declares, empty if there is none."""
    declared = [
        (node.lineno, str(node.args[0].value))
        for node in nodes
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "add_argument"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    return min(((line, name) for line, name in declared if name[:1] != "-"), default=(0, ""))[1]


def _is_of_pynn(name: str) -> bool:
    return (_pynn() / name).is_dir() or (_pynn() / f"{name}.py").exists()


@cache
def _pynn() -> Path:
    """PyNN's folder, found without importing it."""
    spec = find_spec("pyNN")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])
