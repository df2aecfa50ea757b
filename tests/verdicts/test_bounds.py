"""Runs of cells that cannot always be identical are held to the bound of their type."""

import numpy as np
import pandas as pd
import pytest

from pipelines import backends
from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.execution.simulate import simulate
from pipelines.sweep import plan
from pipelines.verdicts.bounds import BOUNDS, bounded_populations, largest_shift
from pipelines.verdicts.verdict_table import compare, compare_pair
from tests import synthetic

ADAPTIVE = "EIF_cond_exp_isfa_ista"
WEIGHTS = ([0, 0], [1, 2], [0.5, 0.25])
# Populations, neurons and times of spikes.
SPIKES = [("adaptive", 0, 5.0), ("adaptive", 1, 7.0), ("others", 0, 9.0), ("adaptive", 0, 20.0)]


def changed(*changes):
    """Those spikes, of which some are moved to other times."""
    return [(*row[:2], dict(changes).get(k, row[2])) for k, row in enumerate(SPIKES)]


def verdict(second, types=ADAPTIVE, weights=WEIGHTS, first=SPIKES):
    runs, spikes, of_weights = [], [], []
    for backend, rows, used in (("nest", first, WEIGHTS), ("brian2", second, weights)):
        row = synthetic.run_row(
            "e", backend, 1, {"duration": 100.0, "timestep": 0.1}, {"adaptive": 2, "others": 1},
            types={"adaptive": [types]} if types else None,
        )  # fmt: skip
        runs.append(row)
        frame = pd.DataFrame(rows, columns=["population", "neuron", "time_ms"])
        spikes.append(frame.assign(run_id=row["run_id"]))
        of_weights.append(synthetic.weight_frame(row["run_id"], "plastic", *used))
    return compare(synthetic.tables(runs, spikes, of_weights)).iloc[0]


@pytest.mark.parametrize("celltype", BOUNDS)
def test_spikes_that_are_a_step_apart_are_equivalent(celltype):
    row = verdict(changed((1, 7.1), (3, 19.9)), celltype)
    assert row["verdict"] == "equivalent"
    assert f"spikes as many, each within 0.1 ms: the bound of {celltype} (" in row["evidence"]
    assert "spikes in common: 2 of 4 on nest and 4 on brian2" in row["evidence"]
    assert (row["n_common"], row["first_difference_ms"], row["causes"]) == (2, 7.0, "")


def test_the_same_spikes_are_identical_whatever_the_cells():
    assert verdict(SPIKES)["verdict"] == "identical"


@pytest.mark.parametrize("types", [None, "IF_cond_exp", "EIF_of_another_name"])
def test_other_cells_have_no_bound(types):
    row = verdict(changed((1, 7.1)), types)
    assert row["verdict"] == "different" and "bound" not in row["evidence"]


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        (changed((1, 7.2)), "a spike of adaptive is shifted by 0.2 ms"),
        (SPIKES[:3], "adaptive has a neuron with more spikes in one run"),
        # As many spikes, but of another neuron.
        ([*SPIKES[:3], ("adaptive", 1, 20.0)], "adaptive has a neuron with more spikes"),
        # What hears of the shifted spike may follow it, within the same bound.
        (changed((1, 7.1), (2, 9.3)), "a spike of others is shifted by 0.3 ms"),
        (changed((2, 9.1)), "a spike of others differs at 9 ms, before any of theirs"),
        (changed((2, 9.1), (3, 20.1)), "a spike of others differs at 9 ms, before any of theirs"),
    ],
)
def test_what_is_beyond_the_bound_is_different(second, problem):
    row = verdict(second)
    assert row["verdict"] == "different"
    said = f"beyond the bound of {ADAPTIVE} (0.1 ms, spikes as many): {problem}"
    assert said in row["evidence"]


def test_spikes_of_others_may_follow():
    assert verdict(changed((1, 7.1), (2, 9.1)))["verdict"] == "equivalent"


def test_where_no_spike_of_theirs_was_recorded_others_may_follow_too():
    others = [[("others", 0, time)] for time in (9.0, 9.1, 9.2)]
    assert verdict(others[1], first=others[0])["verdict"] == "equivalent"
    assert verdict(others[2], first=others[0])["verdict"] == "different"


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        (([0, 0], [1, 2], [0.5 + 1e-4, 0.25]), "equivalent"),
        (([0, 0], [1, 2], [0.5 + 1e-2, 0.25]), "different"),
        (([0, 0], [1, 2], [np.nan, 0.25]), "different"),
        (([0, 0], [1, 1], [0.5, 0.25]), "different"),
    ],
)
@pytest.mark.parametrize("second", [SPIKES, changed((1, 7.1))])
def test_weights_are_held_to_it_too(second, weights, found):
    row = verdict(second, weights=weights)
    assert row["verdict"] == found
    words = "weights within 0.001 of the largest" if found == "equivalent" else "the weights are"
    assert words in row["evidence"]


def test_records_of_earlier_versions_name_no_cells():
    assert bounded_populations({}) == bounded_populations({"cell_types": np.nan}) == {}
    assert bounded_populations({"cell_types": {"a": ["IF_curr_exp", ADAPTIVE], "b": []}}) == {
        "a": ADAPTIVE
    }


def test_the_order_of_spikes_is_no_shift():
    spikes = np.array([[0, 1.0], [1, 2.5], [0, 3.0]])
    assert largest_shift(spikes[::-1] + [0, 1e-9], spikes) == 0
    assert largest_shift(spikes + [0, 0.25], spikes) == pytest.approx(0.25)
    assert largest_shift(spikes[:2], spikes) is None


NETWORK = '''
"""Adaptive exponential cells that excite each other."""

from dataclasses import dataclass

from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    duration: float = parameter(300.0, "ms", "time")
    n: int = parameter(20, "", "cells")


def build(sim, parameters, seed):
    currents = [0.3 + 0.04 * k for k in range(parameters.n)]
    cells = sim.Population(parameters.n, sim.EIF_cond_exp_isfa_ista(i_offset=currents))
    synapse = sim.StaticSynapse(weight=0.002, delay=1.5)
    connector = sim.AllToAllConnector(allow_self_connections=False)
    sim.Projection(cells, cells, connector, synapse, receptor_type="excitatory")
    return {"cells": cells}
'''
SWEEP = """
description: adaptive exponential cells
record: {populations: {cells: {spikes: true}}}
profiles: {quick: {backends: [nest, brian2, reference]}}
"""


def test_adaptive_cells_that_are_identical_are_called_so(tmp_path):
    folder = tmp_path / "experiments" / "adaptive"
    folder.mkdir(parents=True)
    (folder / "experiment.py").write_text(NETWORK)
    (folder / "sweep.yaml").write_text(SWEEP)
    planned = plan("adaptive", "quick", tmp_path)
    found = {}
    for run in planned.runs:
        result = simulate(run, planned.experiment, planned.sweep.record)
        assert result.record["cell_types"] == {"cells": [ADAPTIVE]}
        spikes = result.tables["spikes"].to_pandas()
        found[run.backend] = Evidence(result.record, spikes, synthetic.empty("weights"))
    assert len(found["nest"].spikes) > 100
    words = {
        backend: compare_pair(Pair(found["nest"], found[backend], 0.1), ("nest", backend)).verdict
        for backend in backends.names()
    }
    # The reference adds in an order of its own.
    assert words.pop("reference") in ("identical", "equivalent")
    assert set(words.values()) == {"identical"}
