"""What changes the digest of a file, and what a Python file imports."""

import gc

import pytest

from pipelines import source_code
from pipelines.errors import BadInput
from pipelines.installation import PACKAGE
from pipelines.source_code import digests, files_in, fingerprint

CODE = "def build(sim):\n    return sim.x + 1\n"


@pytest.fixture
def digest(tmp_path):
    """Digest of a Python file with some text."""

    def of(text):
        path = tmp_path / "some.py"
        path.write_text(text)
        return source_code.read(path).digest

    return of


@pytest.mark.parametrize(
    "same",
    [
        '"""A docstring."""\n' + CODE,
        "# A comment\n\n\n" + CODE,
        'def build(sim):\n    """What it does."""\n    return sim.x + 1  # why\n',
        "def build(sim):\n    return (sim.x\n            + 1)\n",
    ],
)
def test_words_and_layout_do_not_change_a_digest(digest, same):
    assert digest(same) == digest(CODE)


@pytest.mark.parametrize(
    "other",
    [CODE.replace("1", "2"), CODE.replace("1", "1.0"), CODE + "x = 1\n", "'x'\n'y'\n" + CODE],
)
def test_code_changes_a_digest(digest, other):
    assert digest(other) != digest(CODE)


def test_other_files_count_by_their_bytes(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text("1\n# 2\n")
    before = source_code.read(path)
    path.write_text("1\n\n# 2\n")
    assert before.imports == () and source_code.read(path) != before


def test_the_place_of_a_project_and_the_order_of_files_do_not_matter(tmp_path):
    found = []
    for place in ("here", "there"):
        folder = tmp_path / place / "toy"
        folder.mkdir(parents=True)
        paths = [folder / "a.py", folder / "b.csv"]
        for path in paths:
            path.write_text("x = 1")
        found += [digests(paths, [folder.parent]), digests([*paths[::-1], paths[0]],
                                                           [folder.parent])]  # fmt: skip
    assert list(found[0]) == ["toy/a.py", "toy/b.csv"]
    assert all(one == found[0] for one in found)
    assert len({fingerprint(one) for one in found}) == 1
    with pytest.raises(ValueError, match="lies in none"):
        digests(paths, [PACKAGE])


def test_two_files_that_change_places_change_the_fingerprint():
    assert fingerprint({"a.py": "1", "b.py": "2"}) != fingerprint({"a.py": "2", "b.py": "1"})


def test_imports_in_functions_count_and_those_for_type_checkers_do_not(tmp_path):
    path = tmp_path / "some.py"
    path.write_text(
        "import a.b, c\nfrom d import e, f as g\nfrom . import h\nfrom ..i import *\n"
        "if TYPE_CHECKING:\n    from . import one\nelse:\n    from . import two\n"
        "def build():\n    import three\n    importlib.import_module('four.five')\n"
    )
    assert set(source_code.read(path).imports) == {
        *("a.b", "c", "d", "d.e", "d.f", ".", ".h", "..i", ".two", "three", "four.five")
    }


def test_what_is_not_python_is_said_with_its_line(digest):
    for _ in range(2):
        with pytest.raises(BadInput, match=r"some\.py:2: not valid Python"):
            digest("x = 1\ndef build(:\n")
        assert gc.isenabled()


def test_hidden_and_compiled_files_are_left_out(tmp_path):
    for name in ("a.py", "deep/b.csv", ".hidden", "__pycache__/a.pyc", "deep/.git/x", "c.pyc"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1")
    names = [path.relative_to(tmp_path).as_posix() for path in files_in(tmp_path)]
    assert names == ["a.py", "deep/b.csv"]
    assert list(files_in(tmp_path / "a.py")) == [tmp_path / "a.py"]


@pytest.mark.parametrize(
    ("part", "read"),
    [
        ("report", "template.html.j2"),
        ("figures", "counterpoint.mplstyle"),
        ("backends/brian2", "cpp/fehlberg.h"),
    ],
)
def test_what_modules_read_counts_with_them(part, read):
    assert PACKAGE / part / read in set(files_in(PACKAGE / part))
