"""What is recorded as a course: signals and weights, and how long a run was."""

import numpy as np
import pandas as pd
import pytest

from pipelines import sweep
from pipelines.execution.worker import run_shard
from pipelines.metrics.measured import metrics_table
from pipelines.tables.files import read_table, write_table
from pipelines.tables.gather import gather
from pipelines.tables.reader import Tables
from pipelines.tables.run_store import RunStore
from pipelines.verdicts.metric_comparison import measure_and_compare
from pipelines.verdicts.verdict_table import compare
from tests import synthetic

PHASES = '''
"""A neuron that is simulated in two phases; no parameter says how long that takes."""
from dataclasses import dataclass
from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    phase: float = parameter(25.0, "ms", "length of each phase", above=0)


def build(sim, parameters, seed):
    cell = sim.IF_curr_exp(i_offset=0.8, cm=0.25)
    return {"cell": sim.Population(1, cell, initial_values={"v": -65.0})}


def run(sim, network, parameters):
    sim.run(parameters.phase)
    sim.run(parameters.phase)
'''


def carried_out(root, record):
    """Tables of that experiment on two backends."""
    folder = root / "experiments" / "phases"
    folder.mkdir(parents=True)
    (folder / "experiment.py").write_text(PHASES)
    (folder / "sweep.yaml").write_text(
        f"description: A test\nrecord: {{populations: {{cell: {record}}}}}\n"
        "profiles:\n  quick: {backends: [nest, reference]}\n"
    )
    plan, store = sweep.plan("phases", "quick", root), RunStore(root / "runs")
    for run in plan.runs:
        run_shard(plan, sweep.Shard(run.backend, run.backend, (run,)), store)
    gather(plan, store, root)
    return Tables(root)


def test_a_run_without_a_parameter_of_that_name_has_rates(tmp_path):
    tables = carried_out(tmp_path, "[spikes]")
    assert tables.runs["simulated_ms"].tolist() == [50.0, 50.0]
    metrics = metrics_table(tables).set_index(["run_id", "metric"])["value"]
    for run_id, spikes in tables.spikes.groupby("run_id"):
        assert metrics[run_id, "rate_mean"] == len(spikes) / 0.05 > 0


def test_a_run_that_recorded_v_alone_has_a_verdict(tmp_path):
    tables = carried_out(tmp_path, "[v]")
    metrics, comparisons = measure_and_compare(tables)
    assert metrics.empty
    assert comparisons["population"].unique().tolist() == ["cell.v"]
    assert comparisons["metric"].tolist() == ["signal_largest", "signal_rms"]
    assert set(comparisons["verdict"]) == {"identical"}
    verdicts = compare(tables, comparisons)
    assert verdicts["verdict"].tolist() == ["identical"]
    assert "samples of v of cell" in verdicts["evidence"][0]


def with_signals(n_seeds, apart=0.0, own=0, noise=1.0):
    """Runs of two backends that recorded v of two neurons alone."""
    runs, signals = [], []
    times = np.arange(0.0, 100.0, 1.0)
    for seed in range(1, n_seeds + 1):
        for k, backend in enumerate(("nest", "brian2")):
            seeded = seed + k * own
            row = synthetic.run_row("e", backend, seed, {"duration": 100.0}, {}, seed=seeded)
            runs.append(row)
            draws = np.random.default_rng(seeded).normal(-60.0, noise, (2, len(times)))
            for neuron, value in enumerate(draws + k * apart):
                signals.append(
                    pd.DataFrame(
                        {
                            "run_id": row["run_id"], "population": "cells", "neuron": neuron,
                            "variable": "v", "time_ms": times, "value": value,
                        }
                    )
                )  # fmt: skip
    tables = synthetic.tables(runs)
    tables.signals = pd.concat(signals, ignore_index=True)
    return tables


def test_signals_that_differ_are_different_and_by_how_much():
    tables = with_signals(1, apart=0.5)
    _, found = measure_and_compare(tables)
    value = tables.signals["value"]
    share = 0.5 / (value.max() - value.min())
    assert found["distance"].to_numpy() == pytest.approx([share, share], rel=1e-9)
    assert found["difference"].isna().all() and found["mean_a"][0] == pytest.approx(-60, abs=1)
    verdict = compare(tables, found).iloc[0]
    assert verdict["verdict"] == "different"
    assert verdict["first_difference_population"] == "cells"


def test_signals_of_other_seeds_are_judged_by_their_statistics():
    same, other = (with_signals(8, apart, own=1000) for apart in (0.0, 3.0))
    _, found = measure_and_compare(same)
    assert set(compare(same, found)["verdict"]) <= {"equivalent", "undecided"}
    # A tenth of the standard deviation, 1 mV, and not of the mean, -60 mV.
    assert found["margin"].to_numpy() == pytest.approx(0.1, rel=0.05)
    _, found = measure_and_compare(other)
    assert set(compare(other, found)["verdict"]) == {"different"}


@pytest.mark.parametrize("n_readings", [1, 2, 3])
def test_a_course_of_weights_has_three_readings(n_readings):
    runs, weights = [], []
    for backend, gap in (("nest", 0.0), ("brian2", 0.25)):
        row = synthetic.run_row("e", backend, 1, {"duration": 100.0}, {})
        runs.append(row)
        for reading in range(n_readings):
            # Apart in the middle of the run alone.
            values = np.array([1.0, 2.0]) + gap * (reading == 1)
            weights.append(
                synthetic.weight_frame(
                    row["run_id"], "w", [0, 1], [0, 0], values, time_ms=50.0 * reading
                )
            )
    _, found = measure_and_compare(synthetic.tables(runs, weights=weights))
    course = found[found["metric"].str.startswith("weight_course")].set_index("metric")
    if n_readings < 3:
        assert course.empty
        return
    assert set(found.loc[found["metric"].isin(["weight", "weight_change"]), "verdict"]) == {
        "identical"
    }
    scale = 2.25 - 1.0
    assert course.loc["weight_course_largest", "distance"] == pytest.approx(0.25 / scale)
    assert course.loc["weight_course_rms", "distance"] == pytest.approx(
        np.sqrt(2 * 0.25**2 / 6) / scale
    )


def test_an_older_table_of_runs_is_read(tmp_path):
    tables = synthetic.lif_fi_curve(currents=[0.5], refractory=(2.0,))
    assert "simulated_ms" not in tables.runs
    write_table("runs", tables.runs, tmp_path / "runs.parquet")
    assert "simulated_ms" not in read_table(tmp_path, "runs")
    rates = metrics_table(tables).query("metric == 'rate_mean'")["value"]
    assert rates.notna().all()
