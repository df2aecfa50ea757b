"""A sweep over three backends, one of them the reference: it says who is right."""

import pandas as pd
import pytest

from pipelines.backends import VARIABLE
from tests.toy_backend import add_toy

pytestmark = pytest.mark.slow

PROFILE = """
  three:
    backends: [nest, toy, reference]
    grid:
      i_offset: [0.5, 3.0]
"""


def test_the_report_says_with_whom_the_reference_agrees(empty_project, tmp_path, monkeypatch):
    add_toy(tmp_path)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    empty_project.add("tiny")
    empty_project.edit("experiments/tiny/sweep.yaml", "\n  both:", f"{PROFILE}  both:")
    said = empty_project.snakemake("--config", "profile=three")
    assert "tiny  6 of 6 runs done (nest 2/2, toy 2/2, reference 2/2), 0 failed" in said

    verdicts = pd.read_parquet(empty_project.path("results/tiny/verdicts.parquet"))
    pairs = list(zip(verdicts["backend_a"], verdicts["backend_b"], strict=True))
    assert pairs == 2 * [("nest", "reference"), ("nest", "toy"), ("reference", "toy")]
    # Too little current for a spike; then enough, and the toy rests for longer.
    assert list(verdicts["verdict"]) == ["undecided"] * 3 + ["identical"] + ["different"] * 2
    told = ["the reference agrees" in text for text in verdicts["evidence"]]
    assert told == [False, False, False, False, True, False]
    assert "the reference agrees with nest; " in verdicts["evidence"][4]

    report = empty_project.path("results/report.html").read_text()
    assert "the reference agrees with nest" in report.lower()
    assert "NEST and Reference" in report and "NEST and Toy simulator" in report
