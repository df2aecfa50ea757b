"""The register of known differences: what an entry must say, and what mistakes in it are called."""

from pathlib import Path

import pytest

from pipelines import backends, differences
from pipelines.diagnosis import catalogue
from pipelines.errors import BadInput
from pipelines.installation import PACKAGE
from pipelines.source_code import files_in
from pipelines.workflow.code import PARTS

ENTRY = """
title: Cells
order: 1
differences:
  - name: deaf cells
    script: an input that nobody hears
    behaviour: {nest: ok, brian2: deaf}
    right: NEST
    evidence: 0 for 5 mV
    severity: [S]
    state: reconciled
    correction: cells are told
    modules: [brian2/populations.py]
    stock_failures: {brian2: {hearing: "0, expected 5"}}
    symptoms:
      brian2: {explanation: cells are deaf, causes: [silent population]}
"""


@pytest.fixture
def written(tmp_path):
    """Writes files of entries, by name, and reads them."""

    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.yaml").write_text(text)
        return differences.subjects(tmp_path)

    return write


def test_an_entry_is_read(written, tmp_path):
    (subject,) = written(cells=ENTRY)
    assert subject.title == "Cells"
    (known,) = subject.differences
    assert known.stock_failures == {"brian2": {"hearing": "0, expected 5"}}
    assert known.symptoms["brian2"].causes == ("silent population",)
    assert known.refused == {}
    assert differences.known(tmp_path) == {"deaf cells": known}


def test_subjects_are_in_their_order(written):
    later = ENTRY.replace("Cells", "Early").replace("deaf", "blind").replace("order: 1", "order: 0")
    assert [one.title for one in written(a=ENTRY, b=later)] == ["Early", "Cells"]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("title: Cells", "", "cells.yaml: title: Field required"),
        ("right: NEST", "", "cells.yaml: 'deaf cells': right: Field required"),
        ("right: NEST", "wrong: NEST", "'deaf cells': right"),
        ("right: NEST", "right: NEST\n    righ: NEST", "'deaf cells': righ: Extra inputs"),
        ("right: NEST", "right: NEST\n    right: both", "cells.yaml:9: key 'right' is there twice"),
        ("name: deaf cells", "", "cells.yaml:"),
        ("name: deaf cells\n    script", "script", "entry 1: name: Field required"),
        ("[S]", "[X]", "'deaf cells': severity.0: Input should be 'S', 'R', 'D', 'C' or '-'"),
        ("[S]", "[]", "'deaf cells': severity: Tuple should have at least 1 item"),
        ("state: reconciled", "state: gone", "'deaf cells': state: Input should be 'reconciled'"),
        ("state: reconciled", "state: refused", "'deaf cells': the state 'refused' needs refused"),
        (
            "state: reconciled",
            "state: agrees already",
            "the state 'agrees already' goes without stock_failures, modules, correction",
        ),
        ("correction: cells are told", "", "the state 'reconciled' needs correction"),
        (
            "state: reconciled",
            "state: reconciled\n    refused: {nest: [hearing]}",
            "the state 'reconciled' goes without refused",
        ),
        ('"0, expected 5"', "0", "stock_failures.brian2.hearing: Input should be a valid string"),
        (
            ", causes: [silent population]",
            "",
            "'deaf cells': symptoms.brian2: has neither causes nor errors",
        ),
        ("- name", "name", "cells.yaml"),
    ],
)
def test_a_mistake_is_named(written, right, wrong, said):
    assert right in ENTRY
    with pytest.raises(BadInput) as caught:
        written(cells=ENTRY.replace(right, wrong, 1))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_name_is_given_once(written):
    with pytest.raises(BadInput, match="2 differences are called 'deaf cells'"):
        written(a=ENTRY, b=ENTRY)


@pytest.mark.parametrize("known", differences.known().values(), ids=differences.known())
def test_an_entry_names_backends_and_causes_that_there_are(known):
    compared = set(backends.stock_names().values())
    for by_backend in (known.stock_failures, known.stock_failures_numpy_2, known.symptoms):
        assert set(by_backend) <= compared
    assert set(known.behaviour) == compared
    assert set(known.refused) <= set(backends.names())
    for symptom in known.symptoms.values():
        assert set(symptom.causes) <= {*catalogue.kinds()}


def test_rules_that_read_the_register_depend_on_its_entries():
    entries = set((Path(differences.__file__).parent / "entries").glob("*.yaml"))
    assert len(entries) > 5
    for rule in ("compare", "conformance", "support"):
        assert entries < set(files_in(*(PACKAGE / part for part in PARTS[rule])))
