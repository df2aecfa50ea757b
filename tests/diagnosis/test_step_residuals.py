"""Steps of a potential that do not follow the membrane of the other run, by where they are."""

import numpy as np
import pytest

from pipelines.diagnosis.from_states import state_causes
from pipelines.diagnosis.run_pair import Pair
from tests.diagnosis.exact_cells import DT, cell, evidence

FREE = {"threshold": np.inf}
CELL_TYPE = {"different cell type", "different cell constants"}


def moved(by):
    """State of a cell in which each step is moved by some mV, as after another current."""
    state, spikes = cell(**FREE)
    decay, v = np.exp(-DT / 20.0), state["v"].copy()
    added = 0.0
    for k in range(1, len(v)):
        added = decay * added + by[k]
        v[k] += added
    return state | {"v": v}, spikes


def told(state, spikes, healthy=None):
    healthy = healthy or cell(**FREE)
    # The cell itself does not fire; another one fires in one run alone, at the end.
    a = evidence({("p", 0): healthy}, others=[("q", 0, 140.0)])
    return state_causes(Pair(a, evidence({("p", 0): (state, spikes)}), DT))


def places(n, seed, of):
    by = np.zeros(n)
    by[np.random.default_rng(seed).choice(np.arange(50, n - 10), of, replace=False)] = 1.0
    return by


N = len(cell(**FREE)[0]["v"])


@pytest.mark.parametrize(
    ("by", "names"),
    [
        (np.where(np.arange(N) > 700, 0.02, 0.0), {"different i_offset", "different v_rest"}),
        (0.3 * places(N, 1, 12), {"missing or further input"}),
        (0.02 * np.sin(np.arange(N) / 32.0), {"missing or further input", *CELL_TYPE}),
    ],
    ids=["a current from the middle on", "a few kicks", "hum"],
)
def test_what_else_moves_the_membrane(by, names):
    found = told(*moved(by))
    assert names <= set(found[0].names), found


def test_inputs_that_act_early_deviate_where_they_arrive():
    state, spikes = cell(**FREE)
    early, _ = cell(**FREE, act=1)
    # Half of each current acts a step early.
    half = state | {"v": (state["v"] + early["v"]) / 2}
    assert "different order of updates" in told(half, spikes)[0].names


def test_a_potential_that_does_not_fall_below_a_bound():
    healthy = cell(**FREE, w_i=-1.0)
    state, spikes = healthy
    v, decay = state["v"].copy(), np.exp(-DT / 20.0)
    steps = np.diff(state["v"]) + (1 - decay) * state["v"][:-1]
    for k in range(1, len(v)):
        v[k] = max(decay * v[k - 1] + steps[k - 1], -67.3)
    assert 20 < np.sum(v == -67.3) < 1000
    found = told(state | {"v": v}, spikes, healthy)
    assert set(found[0].names) == CELL_TYPE and "at one potential" in found[0].explanation


def test_a_rounded_potential_is_no_noise():
    state, spikes = cell(**FREE)
    # In steps of 1/128 mV, as fixed-point numbers have.
    (cause,) = told(state | {"v": np.round(state["v"] * 128) / 128}, spikes)
    assert cause.name == "rounding"


def test_a_start_that_the_recorder_hides():
    state, spikes = cell(**FREE, start=-62.0)
    hidden = state | {"v": np.append(-60.0, state["v"][1:])}
    (cause,) = told(hidden, spikes)
    assert cause.names == ("different initial potential",)


def test_a_receptor_without_any_input_in_one_run():
    state, spikes = cell(**FREE, w_i=0.0)
    (cause,) = told(state, spikes)
    assert cause.name == "missing or further input" and "isyn_inh" in cause.explanation
