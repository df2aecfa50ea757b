"""The JSON Schema of sweep.yaml is that of the model, and accepts what the model accepts."""

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from pipelines.sweep.json_schema import SCHEMA_FILE, attribute_texts, models, schema_text

ROOT = Path(__file__).resolve().parents[2]
SWEEPS = sorted(ROOT.glob("experiments/*/sweep.yaml"))
TEMPLATES = sorted(ROOT.glob("pipelines/experiment/template*/**/sweep.yaml"))

SHORT_FORMS = """
record:
  populations: {a: [spikes, v], b: {signals: [v], sampling_interval: 0.5 ms}, c: {spikes: true}}
  projections: [p]
  weights: {p: 100 ms, q: 50}
figures: {raster: {}}
margins: {rate: 0.05}
profiles:
  quick: {seeds: {count: 3}, grid: {x: {linspace: [0, 1, 3]}, y: [1 nA, 2 nA]}}
  full: {seeds: [1, 2], limits: {time: 60 s, memory: 2000}, zip: {x: [1], y: [2]}}
"""


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(SCHEMA_FILE.read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_file_is_that_of_the_model():
    assert SCHEMA_FILE.read_text() == schema_text(), "run: python -m pipelines.sweep.json_schema"


@pytest.mark.parametrize("path", [*SWEEPS, *TEMPLATES], ids=lambda path: path.parent.name)
def test_shipped_files_are_accepted(validator, path):
    assert [
        error.message for error in validator.iter_errors(yaml.safe_load(path.read_text()))
    ] == []


def test_short_forms_are_accepted(validator):
    validator.validate(yaml.safe_load(SHORT_FORMS))


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "profiles: {}",
        "profiles: {quick: {seed: [1]}}",
        "profiles: {quick: {seeds: [0]}}",
        "profiles: {quick: {threads: 0}}",
        "profiles: {quick: {independent: 1}}",
        "{profiles: {quick: {}}, record: {populations: {a: {spike: true}}}}",
        "{profiles: {quick: {}}, margins: {rate: 0}}",
    ],
)
def test_mistakes_are_found(validator, text):
    assert not validator.is_valid(yaml.safe_load(text))


def test_every_key_has_a_text():
    for name, kind in models().items():
        assert set(attribute_texts(kind)) == set(kind.model_fields), name


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_templates_name_the_schema(path):
    first = path.read_text().splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=\.\./\.\./(\S+)", first)
    assert named and ROOT / named[1] == SCHEMA_FILE
