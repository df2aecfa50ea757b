"""The command `validate-validator` on a few faults."""

import json

import pandas as pd
import pytest

from pipelines.cli import main, validate_validator


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "experiments").mkdir()
    monkeypatch.setenv("COUNTERPOINT_ROOT", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--draws", "0"], "1 and above"),
        (["--cores", "x"], "--cores: 'x' is no such number"),
        (["times in m"], "did you mean 'times in s'"),
    ],
)
def test_bad_input_is_one_line_and_code_2(project, capsys, arguments, part):
    assert main(["validate-validator", *arguments]) == 2
    said = capsys.readouterr().err
    assert part in said and said.count("\n") == 1


def test_outcomes_are_counted_and_written(project, capsys):
    arguments = ["validate-validator", "times in s", "--causes-only", "--cores", "1"]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "2 faults put in" in said and "wrong by" not in said
    written = pd.read_csv(project / "results" / "validator" / "faults.csv")
    assert written["found"].all() and set(written["by_tables"]) == {"right"}
    assert main([*arguments, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [row["found"] for row in answer["faults"]] == [True, True]
    assert answer["outcomes"][-1]["kind"] == "all" and "seeds" not in answer


def test_a_wrong_cause_is_shown_with_its_evidence(project, capsys, monkeypatch):
    from pipelines.diagnosis.run_pair import Cause
    from pipelines.sensitivity import fault_bench

    monkeypatch.setattr(fault_bench, "causes", lambda pair: [Cause("different cm", "it is 3 nF")])
    assert main(["validate-validator", "times in s", "--causes-only", "--cores", "1"]) == 1
    said = capsys.readouterr().out
    assert "wrong by tables alone:" in said and "different cm: it is 3 nF" in said


@pytest.mark.slow
def test_seeds_are_studied_too(project, capsys, monkeypatch):
    from pipelines.sensitivity import seed_study

    def few(*arguments, **others):
        return study(1, draws=2, seeds=(3,), names=[seed_study.NO_FAULT, "tau_m"])

    study = seed_study.study
    monkeypatch.setattr(seed_study, "study", few)
    monkeypatch.setattr(seed_study, "DURATION_MS", 200.0)
    monkeypatch.setattr(validate_validator, "_ROC_SEEDS", 3)
    assert main(["validate-validator", "times in s", "--cores", "1"]) == 0
    assert "no fault" in capsys.readouterr().out
    folder = project / "results" / "validator"
    for name in ("power_by_seeds.png", "power_by_strength.svg", "roc.png", "seed_verdicts.csv"):
        assert (folder / name).stat().st_size > 0
