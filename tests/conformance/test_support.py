"""The support matrix: no construct of PyNN's is silent, and what each outcome means."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from pipelines import backends
from pipelines.conformance.support import run as matrix
from pipelines.conformance.support.outcome import Answer, classify, compare
from pipelines.conformance.support.page import page, read_support, support_table
from pipelines.conformance.support.row import KINDS, Row, row
from pipelines.conformance.support.rows import (
    BASES,
    ROWS,
    classes_of,
    pynn_classes,
    rows_of,
    silent,
)
from pipelines.conformance.support.run import answer, perform
from pipelines.errors import Unsupported
from pipelines.tables.files import read_table, write_table
from pipelines.verdicts.bounds import BOUNDS, Bound

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "pipelines" / "conformance" / "SUPPORT.md"

SPIKES = np.array([[0, 1.0], [1, 2.5]])
FOUND = {"spikes": SPIKES, "v": np.array([-65.0, -64.0])}
ORDER = ("reference", "first", "second")


def test_no_class_of_pynn_is_silent():
    assert {"IF_cond_exp", "Vogels2011Rule", "CSAConnector", "Grid2D"} <= pynn_classes()
    assert silent(pynn_classes()) == []


@pytest.mark.parametrize("backend", backends.names())
def test_no_class_of_a_backend_is_silent(backend):
    found = classes_of(backends.load(backend))
    assert {"IF_curr_exp", "StaticSynapse", "SpikePairRule", "DCSource"} <= found
    assert silent(found) == []


def test_a_class_in_no_row_is_found():
    assert silent({"IF_curr_exp", "IF_of_next_year"}) == ["IF_of_next_year"]


def test_every_row_says_what_it_does():
    assert {one.kind for one in ROWS.values()} == set(KINDS)
    assert all(one.what.endswith(".") for one in ROWS.values())
    named = {name for one in ROWS.values() for name in one.classes}
    assert not named & BASES


def test_two_rows_of_one_name_are_refused():
    def program(_):
        """Another one."""

    for kind in ("cell", "sell"):
        with pytest.raises(ValueError, match=f"{kind}: IF_curr_exp"):
            row(kind, "IF_curr_exp")(program)


def test_rows_are_found_by_a_part_of_their_name():
    found = [one.key for one in rows_of("vogels2011rule")]
    assert found == ["plasticity rule: Vogels2011Rule", *found[1:]] and len(found) > 1
    assert rows_of("no such thing") == []


def outcomes(**answers):
    one = Row("cell", "IF_curr_exp", (), lambda _: {}, "")
    return {found.backend: found for found in classify(one, answers, [*answers])}


@pytest.mark.parametrize(
    ("found", "outcome", "detail"),
    [
        (FOUND, "exact", ""),
        (FOUND | {"v": FOUND["v"] * (1 + 5e-10)}, "exact", ""),
        # In another order, and rounded otherwise: the same spikes.
        (FOUND | {"spikes": SPIKES[::-1] + [0, 1e-12]}, "exact", ""),
        (FOUND | {"v": FOUND["v"] + 1e-6}, "wrong", "v: -65, expected -65"),
        (FOUND | {"v": np.array([-65.0, np.nan])}, "wrong", "v: nan, expected -64"),
        (FOUND | {"v": np.array([-65.0])}, "wrong", "v: shape (1,), expected (2,)"),
        (FOUND | {"spikes": SPIKES + [0, 0.1]}, "wrong", "spikes: 2, 2 expected, 0 in common"),
        (FOUND | {"spikes": SPIKES[[0, 0, 1]]}, "wrong", "spikes: 3, 2 expected, 2 in common"),
        ({"spikes": SPIKES}, "wrong", "only one of the two gives v"),
        (FOUND | {"spikes": SPIKES[:0]}, "wrong", "gives no spikes"),
        ({}, "wrong", "gives no numbers"),
    ],
)  # fmt: skip
def test_what_is_found_is_compared_with_the_basis(found, outcome, detail):
    got = outcomes(reference=Answer(found=FOUND), other=Answer(found=found))
    assert (got["reference"].outcome, got["reference"].basis) == ("basis", "")
    other = got["other"]
    assert (other.outcome, other.detail) == (outcome, detail)
    assert other.conforms == (outcome == "exact")
    assert outcome == "wrong" or (other.basis, other.deviation <= 1e-9) == ("reference", True)


def test_the_first_that_has_it_is_the_basis_where_the_reference_refuses():
    got = outcomes(
        reference=Answer(refusal="IF_curr_exp: the\nreference has no such model"),
        first=Answer(found=FOUND),
        second=Answer(found=FOUND | {"v": np.zeros(2)}),
        third=Answer(error="KeyError: 'v'"),
    )
    assert {name: one.outcome for name, one in got.items()} == {
        "reference": "refused", "first": "basis", "second": "wrong", "third": "crashed",
    }  # fmt: skip
    assert got["reference"].detail == "IF_curr_exp: the reference has no such model"
    assert got["second"].basis == "first"
    assert [name for name, one in got.items() if not one.conforms] == ["second", "third"]


def test_one_backend_alone_is_not_called_exact():
    got = outcomes(reference=Answer(refusal="no"), first=Answer(found=FOUND))
    assert got["first"].outcome == "alone" and got["first"].conforms


def test_the_deviation_is_a_share_of_the_largest_value():
    right = {"weight": np.array([0.0, -2.0])}
    assert compare({"weight": np.array([1e-9, -2.0])}, right) == (5e-10, "")


@pytest.mark.parametrize(
    ("found", "outcome", "detail"),
    [
        (FOUND, "exact", ""),
        (FOUND | {"v": FOUND["v"] + 1e-3}, "bounded", "signals within 0.0001 of the largest"),
        (FOUND | {"v": FOUND["v"] + 1.0}, "wrong", "v: -64, expected -65"),
        # Signals follow the spike that is shifted.
        ({"spikes": SPIKES + [0, 0.1], "v": FOUND["v"] + 9}, "bounded", "each within 0.1 ms"),
        (FOUND | {"spikes": SPIKES + [0, 0.2]}, "wrong", "shifted by 0.2 ms, 0.1 ms are allowed"),
        (FOUND | {"spikes": SPIKES[:1]}, "wrong", "spikes: 1, 2 expected"),
        (FOUND | {"spikes": SPIKES[::-1] * [1, 0] + [0, 1.0]}, "wrong", "shifted by 1.5 ms"),
        ({"spikes": SPIKES}, "wrong", "only one of the two gives v"),
    ],
)
def test_what_cannot_be_the_same_is_held_to_its_bound(found, outcome, detail):
    bound = Bound(shift=0.1, signals=1e-4, why="of rounding")
    one = Row("cell", "EIF", (), lambda _: {}, "", bound)
    answers = {"reference": Answer(found=found), "first": Answer(found=FOUND)}
    reference, first = classify(one, answers, ["reference", "first"])
    assert first.outcome == "basis"
    assert (reference.outcome, reference.basis) == (outcome, "first")
    assert detail in reference.detail and reference.conforms == (outcome != "wrong")


@pytest.mark.parametrize("celltype", BOUNDS)
def test_every_bound_is_checked(celltype):
    held = [one.key for one in ROWS.values() if one.bound is BOUNDS[celltype]]
    assert f"cell: {celltype}" in held
    assert [one.key for one in ROWS.values() if one.bound and "EIF" not in one.name] == []


class _Fake:
    """A backend with one cell type."""

    def __init__(self, answer):
        self.IF_curr_exp = answer


def _refuse():
    raise Unsupported("IF_curr_exp", "the fake has no such model", "IF_cond_exp")


def test_what_a_program_raises_is_an_answer():
    program = Row("cell", "IF_curr_exp", (), lambda sim: {"v": sim.IF_curr_exp()}, "")
    assert perform(program, _Fake(lambda: [1, 2])).found["v"].tolist() == [1.0, 2.0]
    refused = perform(program, _Fake(_refuse))
    assert refused.refusal == "IF_curr_exp: the fake has no such model; allowed: IF_cond_exp"
    assert perform(program, _Fake(lambda: 1 / 0)).error == "ZeroDivisionError: division by zero"
    assert perform(program, object()).error.startswith("AttributeError: ")


def test_a_program_that_ends_its_process_or_takes_too_long_is_told(monkeypatch):
    def answered(program):
        return answer(Row("cell", "IF_curr_exp", (), lambda sim: program(), ""), "reference")

    assert answered(lambda: {"v": [1.0]}).found["v"].tolist() == [1.0]
    assert "exited with code 3" in answered(lambda: os._exit(3)).error
    monkeypatch.setattr(matrix, "_LIMIT_S", 0.1)
    assert answered(lambda: time.sleep(60)).error == "the process ended: ran longer than 0.1 s"


def test_the_page_has_notes_and_shouts(tmp_path):
    answers = {
        "nest": Answer(found=FOUND), "brian2": Answer(refusal="because | of this"),
        "reference": Answer(error="KeyError"),
    }  # fmt: skip
    found = classify(ROWS["cell: IF_cond_exp"], answers, ["reference", "nest", "brian2"])
    text = page(found)
    assert "| IF_cond_exp | alone | refused (1) | CRASHED | Trains onto" in text
    assert "1. because \\| of this" in text and "KeyError" not in text
    write_table("support", support_table(found), tmp_path / "support.parquet")
    assert read_support(read_table(tmp_path, "support")) == found


@pytest.mark.parametrize("key", ROWS)
def test_what_is_supported_is_right_and_what_is_not_is_refused(matrix, key):
    found = [one for one in matrix if one.key == key]
    assert [one.backend for one in found] == list(backends.names())
    problems = [f"{one.backend} {one.outcome}: {one.detail}" for one in found if not one.conforms]
    assert not problems, "\n".join(problems)


def test_the_page_is_up_to_date(matrix):
    assert PAGE.read_text(encoding="utf-8") == page(matrix), (
        f"run: counterpoint conformance --support {PAGE.relative_to(ROOT)}"
    )
