"""The settings of the workflow, as `--config` gives them."""

import json
import re
from pathlib import Path

import pytest
import yaml

from pipelines.errors import BadInput
from pipelines.workflow.settings import checked_settings, refuse_unusable_folder

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"


def test_what_is_not_given_has_its_default():
    settings = checked_settings({}, SCHEMA)
    assert settings["profile"] == "quick" and settings["results"] == "results"
    assert settings["experiments"] is None and settings["conformance"] is True


@pytest.mark.parametrize(("given", "expected"), [("false", False), ("True", True), (True, True)])
def test_truth_in_words(given, expected):
    assert checked_settings({"retry_failed": given}, SCHEMA)["retry_failed"] is expected


def test_one_experiment_needs_no_list():
    assert checked_settings({"experiments": "one"}, SCHEMA)["experiments"] == ["one"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"profle": "full"}, "'profle'.*did you mean 'profile'"),
        ({"profile": 3}, "--config profile"),
        ({"experiments": []}, "--config experiments"),
        ({"conformance": "maybe"}, "'maybe'.*true or false"),
    ],
)
def test_what_is_wrong_is_said(given, problem):
    with pytest.raises(BadInput, match=problem):
        checked_settings(given, SCHEMA)


def test_the_page_on_configuration_has_every_setting():
    page = (ROOT / "config" / "README.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| `(.*)` \|$", page, re.MULTILINE)
    known = yaml.safe_load(SCHEMA.read_text())["properties"]
    assert rows == [
        (name, entry["description"], json.dumps(entry["default"])) for name, entry in known.items()
    ]


def test_settings_of_the_command_on_that_page_are_accepted():
    page = (ROOT / "config" / "README.md").read_text()
    (given,) = re.findall(r"^snakemake .* --config (.*)$", page, re.MULTILINE)
    values = dict(pair.split("=") for pair in given.split())
    values["experiments"] = json.loads(values["experiments"].strip("'"))
    settings = checked_settings(values, SCHEMA)
    assert settings["profile"] == "full" and settings["experiments"] == ["stdp_window"]


@pytest.mark.parametrize("below", ["", "inner", "inner/more"])
def test_results_that_are_a_file_or_below_one_are_refused(tmp_path, below):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(BadInput, match=r"^--config results: .*/file is a file; allowed: a folder$"):
        refuse_unusable_folder("--config results", file / below)
    refuse_unusable_folder("--config results", tmp_path)
    refuse_unusable_folder("--config results", tmp_path / "new" / below)


def test_results_in_a_folder_that_takes_no_files_are_refused(tmp_path, monkeypatch):
    # Root may write anywhere, so the system's answer stands in for a read-only folder.
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(BadInput, match="cannot be written to"):
        refuse_unusable_folder("--results", tmp_path / "new")
