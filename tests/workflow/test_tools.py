"""The workflow's files are as Snakemake's own tools want them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def succeeds(*command):
    """Run a tool of this environment in the project's folder."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("snakemake", "--lint"),
        ("snakefmt", "--check", "workflow"),
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
    ],
    ids=" ".join,
)
def test_tool_finds_nothing(command):
    succeeds(*command)


def test_every_rule_has_a_log_and_a_benchmark():
    for path in (ROOT / "workflow" / "rules").glob("*.smk"):
        text = path.read_text()
        n_rules = text.count("\nrule ") + text.startswith("rule ")
        assert text.count("    log:\n") == text.count("    benchmark:\n") == n_rules, path.name


def test_profiles_are_yaml_with_options_of_snakemake():
    for path in (ROOT / "workflow" / "profiles").glob("*/profile.yaml"):
        assert yaml.safe_load(path.read_text())
