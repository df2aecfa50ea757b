"""A run that is carried out again for the state of one neuron."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.diagnosis.replay import Request, neuron_state
from pipelines.errors import CounterpointError


@pytest.fixture
def request_(project):
    run = project.plan("nest", "seeds: [1]").runs[0]
    return Request(project.root, "tiny", "nest", run.parameters, 1, "neurons", 1, 20.0)


def test_the_state_of_a_neuron(request_, capfd):
    found = neuron_state(request_)
    assert {"time_ms", "v", "isyn_exc", "isyn_inh"} <= set(found)
    assert {len(values) for values in found.values()} == {201}
    assert found["time_ms"][[0, -1]] == pytest.approx([0.0, 20.0])
    assert found["v"][0] == -65.0 and found["v"].max() > -60.0
    # What the experiment and the simulator print is no part of it.
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("fault", "said"),
    [("raise", "ValueError: no such network"), ("SIGSEGV", "killed by signal 11"),
     ("sys.exit", "SystemExit: enough")],
)  # fmt: skip
def test_a_run_that_cannot_be_repeated(request_, fault, said):
    parameters = {**request_.parameters, "fault": fault}
    with pytest.raises(CounterpointError, match=f"on nest cannot be repeated: .*{said}"):
        neuron_state(replace(request_, parameters=parameters))
