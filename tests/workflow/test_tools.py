"""Files of the workflow are whole, and linters are held to one list."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def test_every_rule_has_a_log_and_a_benchmark():
    for path in (ROOT / "workflow" / "rules").glob("*.smk"):
        text = path.read_text()
        n_rules = text.count("\nrule ") + text.startswith("rule ")
        assert text.count("    log:\n") == text.count("    benchmark:\n") == n_rules, path.name


def test_profiles_are_yaml_with_options_of_snakemake():
    for path in (ROOT / "workflow" / "profiles").glob("*/profile.yaml"):
        assert yaml.safe_load(path.read_text())


def test_linters_are_pinned_and_ci_runs_each_of_them():
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    entries = [hook["entry"] for hook in repository["hooks"]]
    assert {
        "ruff check .",
        "ruff format --check .",
        "mypy",
        "snakefmt --check workflow",
        "snakemake --lint",
    } <= set(entries)
    # `.ci/lint` takes the lines of this form.
    lines = (ROOT / ".pre-commit-config.yaml").read_text().splitlines()
    found = [match[1] for line in lines if (match := re.fullmatch(r" *entry: (.*)", line))]
    assert found == entries
    pinned = "".join((ROOT / f"requirements{kind}.txt").read_text() for kind in ("", "-dev"))
    for entry in entries:
        assert re.search(rf"^{entry.split()[0]}(-py)?==", pinned, re.MULTILINE), entry
    assert "\n.ci/lint\n" in (ROOT / ".ci" / "run").read_text()


def test_the_workflow_is_as_the_catalog_of_snakemake_asks():
    # https://snakemake.github.io/snakemake-workflow-catalog: standardized usage.
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    assert set(usage["mandatory-flags"]) == {"desc", "flags"}
    readme = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in readme and "workflow" in readme
    assert (ROOT / "workflow" / "Snakefile").is_file() and (ROOT / "config/README.md").is_file()
    rules = [path.read_text() for path in (ROOT / "workflow" / "rules").glob("*.smk")]
    n_rules = sum(len(re.findall(r"^rule ", text, re.MULTILINE)) for text in rules)
    deployment = usage["software-stack-deployment"]
    for method, directive in (("conda", "conda"), ("apptainer", "container")):
        found = sum(len(re.findall(rf"^    {directive}:$", text, re.MULTILINE)) for text in rules)
        assert found == (n_rules if deployment[method] else 0)
    assert deployment["report"] is usage["report"] is any("report(" in text for text in rules)
