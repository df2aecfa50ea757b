"""A run that is carried out again for the states of neurons and the network as built."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.diagnosis.repeats.replay import Request, repeat
from pipelines.errors import CounterpointError


@pytest.fixture
def request_(project):
    run = project.plan("nest", "seeds: [1]").runs[0]
    return Request(project.root, "tiny", "nest", run.parameters, 1, {"neurons": (1, 0)}, 20.0)


def test_the_states_of_neurons(request_, capfd):
    (found,) = repeat(request_)
    assert set(found.states) == {("neurons", 0), ("neurons", 1)} and found.left_out == ()
    state = found.states["neurons", 1]
    assert {"time_ms", "v", "isyn_exc", "isyn_inh"} <= set(state)
    assert {len(values) for values in state.values()} == {201}
    assert state["time_ms"][[0, -1]] == pytest.approx([0.0, 20.0])
    assert state["v"][0] == -65.0 and state["v"].max() > -60.0
    # What the experiment and the simulator print is no part of it.
    assert capfd.readouterr() == ("", "")


def test_the_network_as_built(request_):
    (found,) = repeat(replace(request_, neurons={"nobody": (0,)}))
    built = found.built
    cell = built.populations["neurons"]
    assert cell.cell_type == "IF_curr_exp" and cell.initial["v"][0] == -65.0
    assert {"tau_m", "cm", "v_thresh"} <= set(cell.parameters)
    assert any(one.trains for one in built.populations.values())
    assert all(len(one.pre) == len(one.parameters["weight"]) for one in built.projections.values())


def test_populations_that_cannot_be_recorded_are_left_out(request_):
    (found,) = repeat(replace(request_, neurons={"nobody": (0,), "neurons": (0,)}))
    assert found.left_out == ("nobody",) and set(found.states) == {("neurons", 0)}


@pytest.mark.parametrize(
    ("fault", "said"),
    [("raise", "ValueError: no such network"), ("SIGSEGV", "killed by signal 11"),
     ("sys.exit", "SystemExit: enough")],
)  # fmt: skip
def test_a_run_that_cannot_be_repeated(request_, fault, said):
    parameters = {**request_.parameters, "fault": fault}
    with pytest.raises(CounterpointError, match=f"on nest cannot be repeated: .*{said}"):
        repeat(replace(request_, parameters=parameters))
