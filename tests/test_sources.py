"""Which files a file imports, and what changes their fingerprint."""

from pathlib import Path

import pytest

import pipelines
from pipelines.errors import BadInput
from pipelines.experiment.definition import _refuse_simulators
from pipelines.sources import closure, fingerprint, imported_names

LIBRARY = Path(pipelines.__file__).parent


@pytest.fixture
def experiment(tmp_path):
    """Write files of an experiment's folder; returns its experiment.py."""
    folder = tmp_path / "experiments" / "toy"

    def write(**files):
        for name, text in files.items():
            path = folder / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder / "experiment.py"

    return write


def names(files):
    return {file.name for file in files}


def test_a_file_without_imports_is_alone(experiment):
    path = experiment(experiment="x = 1")
    assert closure(path) == (path,)


def test_siblings_are_followed_transitively(experiment):
    path = experiment(
        experiment="from . import one\nimport numpy",
        one="from .two import x",
        two="import three",
        three="x = 1",
        unused="x = 1",
    )
    assert names(closure(path)) == {"experiment.py", "one.py", "two.py", "three.py"}


def test_imports_may_go_in_circles(experiment):
    path = experiment(experiment="from . import one", one="from . import experiment")
    assert names(closure(path)) == {"experiment.py", "one.py"}


def test_imports_in_functions_count_and_those_for_type_checkers_do_not(experiment):
    text = (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from . import one\nelse:\n    from . import two\n"
        "def build():\n    from . import three\n"
        "    importlib.import_module('experiments.toy.four')\n"
    )
    path = experiment(experiment=text, one="", two="", three="", four="")
    assert names(closure(path)) == {"experiment.py", "two.py", "three.py", "four.py"}


def test_parents_of_relative_imports(experiment):
    path = experiment(figures__window="from ..closed import dw\nfrom .. import other", closed="",
                      other="").parent / "figures" / "window.py"  # fmt: skip
    assert names(closure(path)) == {"window.py", "closed.py", "other.py"}


def test_other_experiments_are_found_from_the_root(experiment, tmp_path):
    other = tmp_path / "experiments" / "other" / "cells.py"
    other.parent.mkdir(parents=True)
    other.write_text("")
    absolute = experiment(experiment="from experiments.other.cells import x")
    assert other in closure(absolute)
    relative = experiment(experiment="from ..other.cells import x")
    assert other in closure(relative)


def test_the_library_is_followed_with_its_packages(experiment):
    path = experiment(experiment="from pipelines import sweep")
    found = closure(path)
    for inner in ("__init__.py", "sweep/__init__.py", "sweep/model.py", "errors.py"):
        assert LIBRARY / inner in found
    path = experiment(experiment="from pipelines.errors import BadInput")
    assert set(closure(path)) == {path, LIBRARY / "__init__.py", LIBRARY / "errors.py"}


def test_modules_can_be_left_out(experiment):
    path = experiment(experiment="from pipelines.experiment import parameter")
    found = closure(path, without=("pipelines.experiment",))
    assert set(found) == {path, LIBRARY / "__init__.py"}


def test_a_folder_stands_for_all_its_files():
    found = closure(LIBRARY / "sweep")
    assert LIBRARY / "sweep" / "shards.py" in found
    assert LIBRARY / "versions.py" in found


def test_imported_names(experiment):
    text = "import a.b, c\nfrom d import e, f as g\nfrom . import h\nfrom ..i import *"
    path = experiment(experiment=text)
    expected = {"a.b", "c", "d", "d.e", "d.f", ".", ".h", "..i"}
    assert set(imported_names(path)) == expected


CODE = "def build(sim):\n    return sim.x + 1\n"


@pytest.mark.parametrize(
    "same",
    [
        '"""A docstring."""\n' + CODE,
        "# A comment\n\n\n" + CODE,
        'def build(sim):\n    """What it does."""\n    return sim.x + 1  # why\n',
        "def build(sim):\n    return (sim.x\n            + 1)\n",
    ],
)
def test_words_and_layout_do_not_change_the_fingerprint(experiment, same):
    before = fingerprint([experiment(experiment=CODE)])
    assert fingerprint([experiment(experiment=same)]) == before


@pytest.mark.parametrize(
    "other",
    [CODE.replace("1", "2"), CODE.replace("1", "1.0"), CODE + "x = 1\n", "'x'\n'y'\n" + CODE],
)
def test_code_changes_the_fingerprint(experiment, other):
    before = fingerprint([experiment(experiment=CODE)])
    assert fingerprint([experiment(experiment=other)]) != before


def test_the_place_of_a_project_and_the_order_of_files_do_not_matter(tmp_path):
    digests = set()
    for place in ("here", "there"):
        folder = tmp_path / place / "toy"
        folder.mkdir(parents=True)
        paths = [folder / "a.py", folder / "b.csv"]
        for path in paths:
            path.write_text("x = 1")
        digests |= {fingerprint(paths), fingerprint(reversed([*paths, paths[0]]))}
    assert len(digests) == 1
    assert fingerprint([tmp_path / "here" / "toy" / "a.py"]) not in digests


def test_two_files_that_change_places_change_the_fingerprint(experiment):
    path = experiment(experiment="x = 1", one="x = 2")
    both = [path, path.with_name("one.py")]
    before = fingerprint(both)
    experiment(experiment="x = 2", one="x = 1")
    assert fingerprint(both) != before


def test_what_is_not_python_is_said_with_its_line(experiment):
    path = experiment(experiment="x = 1\ndef build(:\n")
    with pytest.raises(BadInput, match=r"experiment\.py:2: not valid Python"):
        closure(path)
    with pytest.raises(BadInput, match="no such file"):
        closure(path.with_name("nowhere.py"))


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("report", "report/template.html.j2"),
        ("figures/raster.py", "figures/counterpoint.mplstyle"),
        ("backends/brian2", "backends/brian2/cpp/fehlberg.h"),
    ],
)
def test_what_modules_read_counts_with_them(code, read):
    assert LIBRARY / read in closure(LIBRARY / code)
    assert LIBRARY / read not in closure(LIBRARY / "atomic.py")


def test_a_template_of_an_experiment_is_not_taken_for_python(experiment):
    path = experiment(experiment="x = 1")
    template = path.with_name("text.j2")
    template.write_text("{{ not python }}")
    assert set(closure(path)) == {path, template}
    _refuse_simulators(path, path.parents[2])
