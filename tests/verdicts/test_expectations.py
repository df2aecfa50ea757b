"""The checks of the three experiments, on tables that meet them and tables that do not."""

from pathlib import Path

import pytest

from pipelines.experiment import load_experiment
from pipelines.tables.files import write_table
from pipelines.verdicts.expectations import expectations_table
from pipelines.verdicts.verdict_table import compare
from tests import synthetic

ROOT = Path(__file__).parents[2]


def checks(name, tables):
    tables.verdicts = compare(tables)
    return expectations_table(load_experiment(name, ROOT), tables)[0]


@pytest.mark.parametrize("name", ["lif_fi_curve", "stdp_window", "stdp_recurrent"])
def test_met(name, tmp_path):
    table = checks(name, getattr(synthetic, name)())
    assert table["passed"].all(), table
    assert set(table["experiment"]) == {name}
    write_table("expectations", table, tmp_path / "expectations.parquet")


def test_an_interval_one_step_late_is_found():
    table = checks("lif_fi_curve", synthetic.lif_fi_curve(late_steps=1))
    wrong = table[~table["passed"]]
    assert set(wrong["backend"]) == {"brian2"}
    assert any("rounded up to time steps" in check for check in wrong["check_name"])


def test_a_neuron_that_should_fire_and_does_not_is_found():
    tables = synthetic.lif_fi_curve(currents=[0.1, 0.5])
    tables.spikes = tables.spikes[~tables.spikes["run_id"].str.startswith("brian2")]
    table = checks("lif_fi_curve", tables)
    brian2 = table[table["backend"] == "brian2"]
    assert brian2["passed"].tolist() == [False, False, False, True]


def test_a_spike_below_the_rheobase_is_found():
    tables = synthetic.lif_fi_curve(currents=[0.1], refractory=(2.0,))
    tables.spikes = synthetic.spike_frame("nest0001", "neurons", [0], [5.0])
    table = checks("lif_fi_curve", tables)
    silent = table[table["check_name"] == "no spike below the rheobase"]
    assert dict(zip(silent["backend"], silent["passed"], strict=True)) == {
        "nest": False,
        "brian2": True,
    }


@pytest.mark.parametrize("error", [2e-9, 1e-3])
def test_a_wrong_weight_is_found(error):
    table = checks("stdp_window", synthetic.stdp_window(error=error))
    assert table.loc[table["backend"] == "nest", "passed"].all()
    assert not table.loc[table["backend"] == "brian2", "passed"].any()
    assert table["value"].max() == pytest.approx(error, rel=1e-3)


def test_all_rules_and_splits():
    rules = ("additive", "multiplicative", "additive_multiplicative", "gutig")
    table = checks("stdp_window", synthetic.stdp_window(rules=rules, fractions=(0.0, 0.3, 1.0)))
    assert len(table) == 2 * 4 * 2 * 3 and table["passed"].all()


def test_runs_that_failed_are_not_passed_over():
    tables = synthetic.stdp_window(delays=(1.0,))
    tables.runs.loc[tables.runs["backend"] == "nest", "status"] = "failed"
    table = checks("stdp_window", tables)
    assert table["passed"].tolist() == [False, True]
    assert table["detail"][0] == "no run was done"


def test_a_network_that_differs_is_found():
    table = checks("stdp_recurrent", synthetic.stdp_recurrent(shifted=1))
    assert table["passed"].tolist() == [True, True, True, True, False]
    assert table["value"].iloc[-1] == 8


def test_a_silent_network_above_the_rheobase_is_found():
    tables = synthetic.stdp_recurrent(n=10)
    tables.spikes = tables.spikes.iloc[:0]
    table = checks("stdp_recurrent", tables)
    assert not table.loc[table["check_name"].str.contains("above"), "passed"].any()
