"""Imports point one way, and the picture in CONTRIBUTING.md shows them.

``python tests/test_architecture.py`` prints what is there now: the picture for that file, the
imports that run upwards, and the modules that are longer than `LIMIT` lines. Where packages are
added or moved, change `LAYERS`, run it, and put the picture there.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "pipelines"

# Packages and single modules of the library, from the ones that know nothing of others to those
# that use all. A package imports from layers above its own, or from its own in one direction.
LAYERS = (
    ("errors", "atomic", "yaml_file", "typed_model", "installation", "source_code"),
    # Their descriptions, which experiments and sweeps ask for names, import no simulator.
    ("backends",),
    ("versions",),
    ("experiment",),
    ("differences",),
    ("hardware",),
    ("sweep",),
    ("tables",),
    ("exchange",),
    ("execution",),
    ("metrics",),
    ("diagnosis", "verdicts"),
    ("figures",),
    ("report",),
    ("conformance", "script", "workflow"),
    ("bench", "sensitivity"),
    ("cli",),
)
# What everything may use is no news in a picture.
NOT_DRAWN = (*LAYERS[0], "versions")
# Users of the library, and who may import from them.
USERS = {
    "bench": {"cli"},
    "sensitivity": {"cli"},
    "conformance": {"cli"},
    "cli": {"__main__"},
}
# Packages whose modules are imported where no simulator is.
WITHOUT_SIMULATOR = ("metrics", "diagnosis", "verdicts", "figures", "report")

LIMIT = 300
# Modules that are longer, and how long they are. Numbers here only fall, and no name is added.
LONGER: dict[str, int] = {}

Edges = dict[str, set[str]]


def modules(package: Path = PACKAGE) -> dict[str, Path]:
    """Files of the library by dotted name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        if "templates" in path.parts or "experiments" in path.parts:
            continue
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def statements(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """All imports of a file, also those in functions, but for those of type checkers."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            yield from statements(node)


def imported(name: str, path: Path, known: Iterable[str]) -> set[str]:
    """Modules of the library that one of its modules imports, by dotted name."""
    found = set()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
            continue
        base = node.module or ""
        if node.level:
            above = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            base = f"{above}.{base}".rstrip(".")
        for alias in node.names:
            submodule = f"{base}.{alias.name}"
            found.add(submodule if submodule in known else base)
    return {one for one in found if one in known} - {name}


def module_edges() -> Edges:
    """Which modules each module of the library imports."""
    known = modules()
    return {name: imported(name, path, known) for name, path in known.items()}


def part_of(module: str) -> str:
    """The package, or the single module, right below the library that a module belongs to."""
    return module.split(".")[1] if "." in module else "__init__"


def package_edges(edges: Edges) -> Edges:
    """Which packages each package imports."""
    found: Edges = defaultdict(set)
    for module, targets in edges.items():
        found[part_of(module)] |= {part_of(target) for target in targets}
    return {name: targets - {name, "__init__"} for name, targets in found.items()}


def cycle(edges: Mapping[str, set[str]]) -> list[str]:
    """A circle of imports; empty if there is none."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def reduced(edges: Edges) -> set[tuple[str, str]]:
    """The edges that do not follow from others (transitive reduction of a graph without cycles)."""

    def reached(start: str) -> set[str]:
        return {start}.union(*(reached(target) for target in edges.get(start, ())))

    return {
        (source, target)
        for source, targets in edges.items()
        for target in targets
        if not any(target in reached(other) for other in targets - {target})
    }


def drawable(edges: Edges) -> Edges:
    """Edges of packages without those that are left out of the picture."""
    hidden = {*NOT_DRAWN, "__main__", "__init__"}
    return {name: targets - hidden for name, targets in edges.items() if name not in hidden}


def drawn() -> set[tuple[str, str]]:
    """Edges of the picture in CONTRIBUTING.md, each from the importing package to the imported."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    (picture,) = re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL)
    return set(re.findall(r"^ *(\w+) --> (\w+)$", picture, re.MULTILINE))


def layer_of(name: str) -> int:
    return next(k for k, layer in enumerate(LAYERS) if name in layer)


def upward(edges: Edges) -> list[str]:
    """Imports of a module from a lower layer, with those of type checkers left out."""
    return sorted(
        f"{module} imports {target}"
        for module, targets in edges.items()
        for target in targets
        if part_of(module) not in ("__main__", "__init__")
        and part_of(target) != "__init__"
        and layer_of(part_of(target)) > layer_of(part_of(module))
    )


def lengths() -> dict[str, int]:
    """Lines of each module that is longer than `LIMIT`, by path in the library."""
    lines = {
        path.relative_to(PACKAGE).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules().values()
    }
    return {name: n for name, n in sorted(lines.items()) if n > LIMIT}


@pytest.fixture(scope="module")
def edges() -> Edges:
    return module_edges()


def test_every_package_has_its_layer():
    listed = [name for layer in LAYERS for name in layer]
    there = {part_of(name) for name in modules()} - {"__init__", "__main__"}
    assert len(listed) == len(set(listed))
    assert there <= set(listed), "change LAYERS in this file"


def test_no_import_runs_upwards(edges):
    assert upward(edges) == []


def test_no_circle_of_packages_or_modules(edges):
    assert cycle(package_edges(edges)) == []
    assert cycle(edges) == []


def test_users_of_the_library_are_not_used_by_it(edges):
    for user, allowed in USERS.items():
        by = {name for name, targets in package_edges(edges).items() if user in targets}
        assert by <= allowed, f"{user} is imported by {sorted(by - allowed)}"


def test_the_picture_shows_the_imports(edges):
    expected = reduced(drawable(package_edges(edges)))
    missing, gone = expected - drawn(), drawn() - expected
    assert not (missing or gone), f"missing: {missing}, gone: {gone}; run: python {__file__}"


def test_what_reads_tables_imports_no_simulator():
    names = [name for name in modules() if part_of(name) in WITHOUT_SIMULATOR]
    code = (
        "import importlib, sys\n"
        "from pipelines import backends\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "simulators = {name for one in backends.descriptions().values() for name in one.modules}\n"
        "sys.exit(' '.join({'pyNN', *simulators} & set(sys.modules)) or 0)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_modules_are_short_and_the_longer_ones_shrink():
    found = lengths()
    grown = {name: n for name, n in found.items() if n > LONGER.get(name, LIMIT)}
    assert not grown, "split them"
    assert found.keys() == LONGER.keys(), "take what has become short out of LONGER"


def test_a_circle_and_an_upward_import_are_found():
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
    assert upward({"pipelines.tables.files": {"pipelines.report.page"}}) == [
        "pipelines.tables.files imports pipelines.report.page"
    ]
    assert upward({"pipelines.report.page": {"pipelines.tables.files", "pipelines.errors"}}) == []


def test_an_edge_that_follows_from_others_is_not_drawn():
    assert reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {("a", "b"), ("b", "c")}


def test_imports_are_found_wherever_they_stand(tmp_path):
    text = (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from pipelines import report\n"
        "from . import files\nfrom ..errors import BadInput\n"
        "def late():\n    import pipelines.sweep.runs\n"
    )
    path = tmp_path / "reader.py"
    path.write_text(text)
    known = ["pipelines", "pipelines.errors", "pipelines.report", "pipelines.sweep.runs"]
    known += ["pipelines.tables", "pipelines.tables.files"]
    expected = {"pipelines.errors", "pipelines.sweep.runs", "pipelines.tables.files"}
    assert imported("pipelines.tables.reader", path, known) == expected


def main() -> None:
    """Print the picture, the upward imports, the circles and the long modules."""
    edges = module_edges()
    packages = package_edges(edges)
    circle = cycle(packages)
    listed = {name for layer in LAYERS for name in layer}
    print("without a layer:", sorted({*packages} - listed - {"__init__", "__main__"}))
    print("circle of packages:", circle, "\ncircle of modules:", cycle(edges))
    for name, targets in sorted(packages.items()):
        print(f"{name}: {', '.join(sorted(targets))}")
    print("upward:", *upward(edges), sep="\n  ")
    print("LONGER =", lengths())
    if not circle:
        print("```mermaid\nflowchart TD")
        for source, target in sorted(reduced(drawable(packages))):
            print(f"  {source} --> {target}")
        print("```")


if __name__ == "__main__":
    main()
