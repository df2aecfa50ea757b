"""Names of simulators in a script's imports and on its command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pipelines import backends

# How scripts read their arguments, and how they put the name of a module together.
_BY_PLACE = ("get_script_args", "argv")
_PARSED = ("add_argument", "add_option", "getopt")
_PUT_TOGETHER = re.compile(r"pyNN\.(%|\{|$)")
# Modules of PyNN's that stand for simulators which other packages bring along.
_FROM_ELSEWHERE = ("spiNNaker", "hardware")


@cache
def simulators() -> frozenset[str]:
    """Words for a simulator: modules of PyNN's, backends, and the same without a version."""
    named = {folder.name for folder in _pynn().iterdir() if (folder / "simulator.py").exists()}
    named.update(word_of(name) for name in backends.all_names())
    unnumbered = {name.rstrip("0123456789") for name in named}
    return frozenset(named | unnumbered | {*_FROM_ELSEWHERE, *backends.names()})


def word_of(backend: str) -> str:
    """What PyNN calls the simulator of a backend, or of a stock module."""
    stock = backends.get(backend).stock
    return backend if stock is None else stock.module.rpartition(".")[2]


def stands_for_simulator(module: str) -> bool:
    """Whether a module of the package pyNN is a simulator's.

    Those that PyNN has not are taken for such, too: earlier versions had more of them, and other
    packages add theirs.
    """
    first, *rest = module.split(".")[1:]
    if first == "hardware":
        return True
    return not rest and (first in simulators() or not _is_of_pynn(first))


def replaced(arguments: Sequence[str], word: str, source: str) -> list[str]:
    """A script's arguments for one backend.

    A simulator's name, by itself or after ``=``, stands for whichever backend is run. Where there
    is none and the script calls PyNN's `get_simulator`, which wants one, it is the first argument.

    Parameters
    ----------
    arguments
        As the user gave them.
    word
        The backend's name on PyNN's command line.
    source
        The script's text.
    """
    parts = [argument.rpartition("=") for argument in arguments]
    if not any(value in simulators() for *_, value in parts) and _wants_simulator(source):
        return [word, *arguments]
    return [
        option + equals + (word if value in simulators() else value)
        for option, equals, value in parts
    ]


def imported(source: str) -> set[str]:
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

    It calls `get_simulator`, or declares a first argument that is called so, or reads its arguments
    by their place and imports a module of PyNN's whose name it puts together.
    """
    try:
        nodes = [*ast.walk(ast.parse(source))]
    except (SyntaxError, ValueError):
        # Running it will say so.
        return False
    names = {getattr(node, "id", getattr(node, "attr", "")) for node in nodes}
    names |= {node.name for node in nodes if isinstance(node, ast.alias)}
    if "get_simulator" in names or "sim" in _first_declared(nodes):
        return True
    by_place = not names.isdisjoint(_BY_PLACE) and names.isdisjoint(_PARSED)
    return by_place and any(
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _PUT_TOGETHER.search(node.value)
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
