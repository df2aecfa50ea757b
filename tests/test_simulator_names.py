"""No simulator is named in code outside its backend's folder: adding one is adding a folder."""

import ast
import re
from pathlib import Path

import pytest

from pipelines import backends

LIBRARY = Path(backends.__file__).parents[1]
# Whole words of an identifier or a text: `native_nest`, `NEST 3.10`, `isBrian2`, not `nested`.
NAMES = re.compile(r"(?<![A-Za-z])(py)?(nest|brian2?)(?![a-z])", re.IGNORECASE)
EXCEPTED = (
    # Code that is written by hand for one simulator, and what measures inside it.
    "bench/native_*.py", "bench/single_runs.py",
)  # fmt: skip


def named_in(code: str) -> list[tuple[int, str]]:
    """Line and text of every identifier, import and string with a simulator's name.

    Docstrings are left aside: of modules, classes and functions, and the strings that stand by
    themselves after an assignment.
    """
    tree = ast.parse(code)
    aside = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in aside:
            continue
        for value in _texts(node):
            if NAMES.search(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", value)):
                found.append((getattr(node, "lineno", 0), value))
    return found


def _texts(node: ast.AST) -> list[str]:
    """All texts that a node itself holds: names, attributes, keywords, modules, constants."""
    values = [value for _, field in ast.iter_fields(node) for value in _listed(field)]
    return [value for value in values if isinstance(value, str)]


def _listed(field: object) -> list[object]:
    return field if isinstance(field, list) else [field]


def modules() -> list[Path]:
    own = {backends.get(name).folder for name in backends.names()}
    files = [path for path in sorted(LIBRARY.rglob("*.py")) if not own.intersection(path.parents)]
    return [
        path
        for path in files
        if not any(path.relative_to(LIBRARY).match(pattern) for pattern in EXCEPTED)
    ]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(LIBRARY)))
def test_no_module_names_a_simulator(path):
    assert named_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", backends.stock_names().values())
def test_every_simulator_is_looked_for(name):
    backend = backends.get(name)
    for text in (backend.name, backend.label, backend.module, *backend.modules):
        assert NAMES.search(text)


@pytest.mark.parametrize(
    "code",
    [
        "import nest",
        "import pyNN.brian2 as sim",
        "from pipelines.backends.nest import control",
        "from . import native_brian2",
        "nest = 1",
        "sim.brian2.prefs",
        "run(nest=True)",
        "def run(nest): pass",
        "class BrianClock: pass",
        "FASTER = {'nest': 1}",
        "text = f'{number} runs on NEST'",
        "match name:\n    case 'stock_nest': pass",
        "global _brian",
    ],
)
def test_a_name_is_found(code):
    assert len(named_in(code)) == 1


@pytest.mark.parametrize(
    "code",
    [
        "'''NEST is quick.'''",
        "def run():\n    '''On NEST only.'''",
        "X = 1\n'''Of Brian2.'''",
        "x = 1  # NEST counts from 1",
        "nested = honest = nearest = 'nesting'",
    ],
)
def test_documentation_may_name_one(code):
    assert named_in(code) == []
