"""Causes in the words of the register, for runs on PyNN's unmodified modules."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import backends, differences
from pipelines.diagnosis.causes import causes
from pipelines.diagnosis.known_differences import names_used, refusals
from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.experiment import load_experiment
from pipelines.sweep import plan_point
from pipelines.tables.reader import Tables
from pipelines.verdicts.verdict_table import compare
from tests import synthetic
from tests.diagnosis.test_causes import regular

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CELLS = frozenset({"IF_curr_exp"})


def test_symptoms_are_on_backends_that_have_a_stock_module():
    on = {backend for known in differences.known().values() for backend in known.symptoms}
    assert on == set(backends.stock_names().values())


def named(a, b, uses=CELLS, spikes_b=None):
    weights = synthetic.empty("weights")
    one = Evidence({"backend": a}, regular(), weights)
    other = Evidence({"backend": b}, regular() if spikes_b is None else spikes_b, weights)
    return [cause.name for cause in causes(Pair(one, other, 0.1, uses=uses))]


@pytest.mark.parametrize(
    ("backends", "spikes", "names"),
    [
        (("nest", "stock_brian2"), {"later": -1}, ["spike stamp", "refractory period"]),
        (("nest", "stock_brian2"), {"longer": -1}, ["refractory period", "spike stamp"]),
        # Not what it is known to do.
        (
            ("nest", "stock_brian2"),
            {"later": 1},
            ["constant shift", "spike stamp", "refractory period"],
        ),
        (("nest", "stock_nest"), {"later": -1}, ["constant shift"]),
        (("nest", "brian2"), {"later": -1}, ["constant shift"]),
        (("stock_nest", "stock_nest"), {"later": -1}, ["constant shift"]),
    ],
)
def test_a_row_is_named_where_it_fits_and_where_it_is_sure(backends, spikes, names):
    assert named(*backends, spikes_b=regular(**spikes)) == names


def test_an_unmodified_module_that_comes_first_is_known_too():
    one = Evidence({"backend": "stock_brian2"}, regular(later=-1), synthetic.empty("weights"))
    other = Evidence({"backend": "nest"}, regular(), synthetic.empty("weights"))
    assert causes(Pair(one, other, 0.1, uses=CELLS))[0].name == "spike stamp"


def test_what_an_experiment_does_not_use_is_no_cause():
    late = regular(later=-1)
    assert "seeds" not in named("nest", "stock_brian2", CELLS, late)
    assert "seeds" in named("nest", "stock_brian2", CELLS | {"SpikeSourcePoisson"}, late)
    # Nothing is sure of an experiment that nobody knows.
    assert named("nest", "stock_brian2", frozenset(), late) == ["spike stamp"]


def test_names_that_an_experiment_uses():
    assert {"SpikeSourcePoisson", "RandomDistribution", "IF_curr_exp"} <= names_used(
        load_experiment("brunel_regimes", ROOT).source
    )


def test_what_is_refused_is_said_in_the_register_s_words():
    (cause,) = refusals("stock_nest", "ValueError: NEST does not currently support axonal delays")
    assert cause.name == "dendritic_delay_fraction" and "every fraction but 1" in cause.explanation
    assert refusals("nest", "NEST does not currently support axonal delays") == []
    assert refusals("stock_nest", "RuntimeError: no such thing") == []


CARRY_OUT = """
import json, sys
from pathlib import Path
from pipelines.tables.run_store import RunStore
from pipelines.execution.worker import run_shard
from pipelines.sweep import plan_point, shards
from pipelines.tables.gather import gather

experiment, values, root, folder = sys.argv[1], json.loads(sys.argv[2]), *map(Path, sys.argv[3:])
plan = plan_point(experiment, "stock", values, root=root)
store = RunStore(folder / "runs")
for shard in shards(plan):
    run_shard(plan, shard, store, folder / "log")
gather(plan, store, folder)
"""


# Of every difference that is named here it is known to be one: mending it changes spikes,
# and with all of them mended both modules have the same.
@pytest.mark.parametrize(
    ("experiment", "values", "verdict", "names"),
    [
        (
            "lif_fi_curve",
            {"i_offset": 0.5},
            "different",
            {"default precision", "spike stamp", "refractory period"},
        ),
        (
            "cuba_network",
            {"n": 100, "in_degree": 20.0, "duration": 60.0},
            "different",
            {"default precision", "random initial v", "spike stamp", "refractory period"},
        ),
        (
            "brunel_regimes",
            {"n_exc": 40, "epsilon": 0.9, "source_rate": 200.0, "duration": 100.0},
            "different",
            {
                "default precision", "random initial v", "spike stamp", "refractory period",
                "SpikeSourcePoisson", "seeds", "source to current",
            },
        ),
        ("stdp_window", {"lag_step": 50.0}, "different", {"dendritic_delay_fraction"}),
        ("stdp_recurrent", {"n": 5, "duration": 20.0}, "different", {"dendritic_delay_fraction"}),
    ],
)  # fmt: skip
def test_the_causes_of_stock_modules_are_the_true_ones(
    experiment, values, verdict, names, tmp_path
):
    # In a process of its own: PyNN's NEST module removes folders that other tests left to it.
    arguments = [experiment, json.dumps(values), str(ROOT), str(tmp_path)]
    subprocess.run([sys.executable, "-c", CARRY_OUT, *arguments], cwd=ROOT, check=True)
    plan = plan_point(experiment, "stock", values, root=ROOT)
    row = compare(Tables(tmp_path), uses=names_used(plan.experiment.source)).iloc[0]
    assert (row["backend_a"], row["backend_b"]) == ("stock_nest", "stock_brian2")
    assert row["verdict"] == verdict, row["evidence"]
    assert set(row["causes"].split("; ")) == names, row["evidence"]
    if experiment.startswith("stdp"):
        assert "every fraction but 0" in row["evidence"]
