"""The metrics table of synthetic runs."""

import numpy as np
import pytest

from pipelines.metrics.fi_curve import fi_table
from pipelines.metrics.known import BUILT_IN
from pipelines.metrics.measured import metrics_table
from pipelines.metrics.selection import ByRun
from pipelines.metrics.stdp_pairs import stdp_window
from tests import synthetic


def test_table_is_what_each_run_gives_alone():
    tables = synthetic.stdp_recurrent(n=20)
    table = metrics_table(tables).set_index(["run_id", "population", "metric"])["value"]
    spikes = ByRun(tables.runs, tables.spikes)
    for run_id in tables.runs["run_id"]:
        rows = spikes[run_id]
        alone = synthetic.recorded(rows["neuron"], rows["time_ms"], 20, 1000.0)
        for metric, value in synthetic.numbers(alone).items():
            assert table[run_id, "neurons", metric] == pytest.approx(value, nan_ok=True)
        assert table[run_id, "recurrent", "n_connections"] == 380


def test_order_of_rows_is_defined():
    tables = synthetic.stdp_recurrent(n=10, drives=(2.1,))
    table = metrics_table(tables)
    mixed = synthetic.tables(
        tables.runs.to_dict("records"),
        [tables.spikes.sample(frac=1, random_state=1)],
        [tables.weights],
    )
    again = metrics_table(mixed)
    assert again.drop(columns="value").equals(table.drop(columns="value"))
    assert np.allclose(again["value"], table["value"], equal_nan=True)
    assert list(table["run_id"].unique()) == list(tables.runs["run_id"])
    first = table[(table["run_id"] == table["run_id"][0]) & (table["population"] == "neurons")]
    assert list(first["metric"]) == list(BUILT_IN.summarised)[: len(first)]


def test_silent_population_has_a_rate_of_zero():
    tables = synthetic.lif_fi_curve(currents=[0.1], refractory=(2.0,))
    table = metrics_table(tables)
    assert (table.loc[table["metric"] == "rate_mean", "value"] == 0).all()
    assert table.loc[table["metric"] == "isi_mean", "value"].isna().all()


def test_failed_runs_have_no_metrics():
    tables = synthetic.lif_fi_curve(currents=[0.5], refractory=(2.0,))
    tables.runs.loc[0, "status"] = "failed"
    assert set(metrics_table(tables)["run_id"]) == {tables.runs["run_id"][1]}


def test_no_runs_at_all():
    tables = synthetic.lif_fi_curve(currents=[0.5], refractory=(2.0,))
    tables.runs["status"] = "failed"
    assert metrics_table(tables).empty


def test_fi_table():
    table = fi_table(synthetic.lif_fi_curve(currents=[0.1, 0.5], refractory=(2.0,)))
    firing = table[table["i_offset"] == 0.5]
    assert firing["interval_ms"].to_numpy() == pytest.approx(11.5)
    assert firing["grid_interval_ms"].to_numpy() == pytest.approx(11.5)
    assert (table["expected_spikes"] == table["n_spikes"]).all()


def test_window_of_a_run():
    tables = synthetic.stdp_window(delays=(5.0,), fractions=(0.3,))
    run = tables.runs.iloc[0]
    spikes, weights = ByRun(tables.runs, tables.spikes), ByRun(tables.runs, tables.weights)
    window = stdp_window(run, spikes[run["run_id"]], weights[run["run_id"]])
    assert window.lag_ms == pytest.approx(np.arange(-100, 100.1, 2.5), abs=1e-9)
    assert (window.d_dendritic, window.d_axonal) == pytest.approx((1.5, 3.5))
    assert np.abs(window.residual).max() < 1e-12
    assert window.change[window.lag_ms.searchsorted(-1e-6)] == 0


def test_window_needs_every_neuron_to_fire():
    tables = synthetic.stdp_window(delays=(1.0,))
    run = tables.runs.iloc[0]
    spikes = ByRun(tables.runs, tables.spikes)[run["run_id"]]
    weights = ByRun(tables.runs, tables.weights)[run["run_id"]]
    without = spikes[~((spikes["population"] == "post") & (spikes["neuron"] == 3))]
    with pytest.raises(ValueError, match="1 of the neurons"):
        stdp_window(run, without, weights)
