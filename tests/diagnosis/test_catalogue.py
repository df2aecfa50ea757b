"""The catalogue of causes: complete, without circles of undefined names."""

import ast
from pathlib import Path

import pytest

from pipelines.diagnosis import __file__ as package
from pipelines.diagnosis import catalogue
from pipelines.diagnosis.kinds.spikes import DESCRIPTIONS

KINDS = catalogue.kinds()


def named_in_code():
    """First arguments of `Cause(...)` that are literal."""
    for path in sorted(Path(package).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Cause" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield first.value


def test_every_cause_that_is_named_has_an_entry():
    assert set(named_in_code()) <= {*KINDS}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_an_entry_says_what_it_predicts_and_how_it_is_tested(kind):
    assert kind.meaning and kind.test
    assert any((kind.spikes, kind.weights, kind.signals, kind.digests))
    assert set(kind.rivals) <= {*KINDS}
    assert kind.name not in kind.rivals


def test_descriptions_are_in_the_catalogue():
    assert set(DESCRIPTIONS) <= {*KINDS}
