"""Backends are found by looking into folders, and a broken one is told in a line."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import backends, versions
from pipelines.errors import BadInput
from pipelines.sweep.model import MAX_SEED, SEED_STRIDE
from tests.toy_backend import DESCRIPTION, add_toy

ROOT = Path(__file__).parents[2]
# Before any test adds one.
SHIPPED = {name: backends.seed_block(name) for name in backends.all_names()}


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder in which backends are looked for."""
    monkeypatch.setenv(backends.VARIABLE, str(tmp_path))
    return tmp_path


def test_every_folder_with_a_description_is_a_backend():
    folder = Path(backends.__file__).parent
    assert set(backends.names()) == {path.parent.name for path in folder.glob("*/description.py")}
    assert set(backends.default_names()) <= set(backends.names())
    assert all(not name.startswith("stock_") for name in backends.names())


def test_reading_descriptions_imports_no_simulator():
    code = (
        "import sys\n"
        "from pipelines import backends, versions\n"
        "versions.of_stack(), [backends.style_of(name) for name in backends.all_names()]\n"
        "modules = {name for one in backends.descriptions().values() for name in one.modules}\n"
        "sys.exit(' '.join({'pyNN', *modules} & set(sys.modules)) or 0)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_backend_in_another_folder_is_one_of_them(elsewhere):
    toy = add_toy(elsewhere)
    assert set(backends.all_names()) == {*SHIPPED, "toy"}
    assert backends.get("toy").folder == toy
    assert backends.in_order(["toy", "unknown", "stock_nest", "brian2", "nest"]) == [
        "nest", "brian2", "toy", "stock_nest", "unknown",
    ]  # fmt: skip
    # It is one, and changes nothing of the others.
    assert "toy" not in backends.default_names()
    assert "stock_toy" not in backends.all_names()
    with pytest.raises(BadInput, match="'toy' has no stock module; allowed: stock_nest"):
        backends.load("toy", stock=True)
    assert versions.of_backend("toy").keys() == {"PyNN", "numpy", "Python"}


def test_it_can_be_imported_in_a_process_that_asks_nothing(elsewhere):
    add_toy(elsewhere)
    code = (
        "import pipelines.backends.toy as toy\n"
        "from pipelines import backends\n"
        "assert backends.load('toy') is toy\n"
        "assert backends.from_module(toy)[0].label == 'Toy simulator'\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("description", "told"),
    [
        ("BACKEND = 3\n", "defines no BACKEND; allowed: a pipelines.backends.protocol.Backend"),
        ("BACKEND = (\n", "SyntaxError: "),
        ("import nothing_of_the_kind\n", "ModuleNotFoundError: No module named 'nothing_of"),
        (DESCRIPTION.replace("    position=40,\n", ""), "missing 1 required .* 'position'"),
        (DESCRIPTION.replace('"toy"', '"tyo"'), "BACKEND is called 'tyo'; allowed: 'toy'"),
        (DESCRIPTION.replace("40,", "40, seed_block=1,"), "'toy' has the seed_block of 'brian2'"),
    ],
)
def test_a_broken_description_is_told_in_a_line(elsewhere, description, told):
    add_toy(elsewhere, description)
    with pytest.raises(BadInput, match=rf"toy/description\.py: .*{told}") as caught:
        backends.names()
    assert "\n" not in str(caught.value)


def test_a_name_is_taken_once(elsewhere, monkeypatch):
    add_toy(elsewhere / "a")
    add_toy(elsewhere / "b")
    monkeypatch.setenv(backends.VARIABLE, f"{elsewhere / 'a'}:{elsewhere / 'b'}")
    with pytest.raises(BadInput, match=r"b/toy/description.py: there is a backend 'toy' in .*/a/"):
        backends.names()


def test_a_folder_that_is_not_there_is_told(elsewhere, monkeypatch):
    monkeypatch.setenv(backends.VARIABLE, str(elsewhere / "none"))
    with pytest.raises(BadInput, match=r"COUNTERPOINT_BACKENDS: there is no folder .*none"):
        backends.names()


def test_seeds_are_a_backends_own_whichever_others_there_are(elsewhere):
    add_toy(elsewhere)
    blocks = {name: backends.seed_block(name) for name in backends.all_names()}
    assert blocks == SHIPPED | {"toy": blocks["toy"]}
    # As they were when they followed from a list.
    before = ("nest", "brian2", "stock_nest", "stock_brian2")
    assert [blocks[name] for name in before] == [0, 1, 2, 3]
    assert SEED_STRIDE * (blocks["toy"] + 1) <= MAX_SEED
