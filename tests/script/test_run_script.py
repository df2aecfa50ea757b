"""Scripts as their authors wrote them, each in a process of its own."""

import json

import pandas as pd
import pytest

from pipelines.errors import BadInput
from pipelines.script.run_script import backend_names, run_script

# Quick to start, and it compiles nothing.
BACKEND = "reference"

IMPORTS = """
import importlib
import sys

import pyNN.nest as a
import pyNN.neuron
import pyNN.mock
from pyNN import brian2 as b

exec("import pyNN.%s as c" % sys.argv[1])
d = importlib.import_module("pyNN." + "moose")
from pyNN.utility import get_simulator

e, options = get_simulator(("--size", "how many", {"type": int}))
assert a is b is c is d is e is pyNN.neuron is pyNN.mock
assert options.simulator == "reference" and options.size == 3
assert a.__name__ == "pyNN.reference"
import pyNN.utility.plotting
from pyNN.random import NumpyRNG
from pyNN.nest import *

setup(timestep=0.5)
cells = Population(options.size, IF_curr_exp(i_offset=2.0))
cells.record("spikes")
run(50.0)
assert len(cells.get_data().segments[0].spiketrains) == options.size
end()
"""

PHASES = """
import pyNN.nest as sim
from pyNN.random import NumpyRNG

sim.setup(timestep=0.1, rng_seed=3)
cells = sim.Population(2, sim.IF_curr_exp(i_offset=[2.0, 0.0]), label="cells")
twins = [sim.Population(1, sim.IF_curr_exp(), label="twin") for _ in range(2)]
unnamed = sim.create(sim.IF_cond_exp, {}, n=1)
cells.record("spikes")
cells[0:1].record("v")
twins[0].record("v")
twins[1].record("v")
unnamed.record("gsyn_exc")
sim.run(20.0)
cells.get_data(clear=True)
sim.run(10.0)
sim.reset()
sim.reset()
sim.run(5.0)
sim.setup(timestep=0.5)
cells = sim.Population(3, sim.IF_curr_exp(i_offset=2.0), label="cells")
cells.record("spikes")
sim.run(30.0)
"""

VIEW = """
import pyNN.nest as sim

sim.setup()
cells = sim.Population(5, sim.IF_curr_exp(i_offset=2.0), label="cells")
cells[1:3].record("spikes")
cells[4:5].record("spikes")
cells[0:2].record("v")
sim.run(10.0)
"""

COMPILING = """
import time

import pyNN.nest as sim
from pipelines.backends.shared.compile_time import COMPILE_TIME


def compile_something(t=0.0):
    with COMPILE_TIME.compiling():
        time.sleep(0.4)
    return t + 100.0


sim.setup()
sim.Population(1, sim.IF_curr_exp()).record("v")
compile_something()
sim.run(10.0, callbacks=[compile_something])
compile_something()
"""

PLASTIC = """
from pyNN.brian2 import *

setup(timestep=0.1)
pre = Population(2, SpikeSourceArray(spike_times=[[5.0, 15.0], [7.0]]), label="pre")
post = Population(2, SpikeSourceArray(spike_times=[[6.0, 12.0]] * 2), label="post")
cells = Population(2, IF_curr_exp(i_offset=2.0), label="cells")
rule = STDPMechanism(
    timing_dependence=SpikePairRule(), weight_dependence=AdditiveWeightDependence(w_max=1.0),
    weight=0.5, delay=1.0,
)
learning = Projection(pre, cells, AllToAllConnector(), rule, receptor_type="excitatory")
fixed = Projection(pre, cells, AllToAllConnector(), StaticSynapse(weight=0.1))
run(30.0)
end()
"""


@pytest.fixture
def recorded(tmp_path):
    """Write a script, run it on one backend, and give its run and the folder of its tables."""

    def run(text, *arguments, backend=BACKEND, seed=1):
        script = tmp_path / "code" / "example.py"
        script.parent.mkdir(exist_ok=True)
        script.write_text(text)
        folder = tmp_path / "results" / "scripts" / "example"
        (one,) = run_script(script, arguments, [backend], folder, seed=seed)
        return one, folder

    return run


def test_every_way_to_import_a_simulator_gives_the_backend(recorded):
    run, folder = recorded(IMPORTS, "nest", "--size", "3")
    assert run["error"] == ""
    row = pd.read_parquet(folder / "runs.parquet").iloc[0]
    assert row["run_id"] == row["backend"] == "reference" and row["status"] == "done"
    assert row["arguments"] == "nest --size 3" and row["timestep"] == 0.5
    assert row["duration"] == 50.0 and json.loads(row["population_sizes"]) == {"population0": 3}
    assert set(pd.read_parquet(folder / "spikes.parquet")["neuron"]) == {0, 1, 2}


def test_every_segment_and_setup_is_kept_once(recorded):
    run, folder = recorded(PHASES)
    assert run["error"] == "" and run["seed"] == 3 and run["duration"] == 65.0
    spikes = pd.read_parquet(folder / "spikes.parquet")
    ends = spikes.groupby("population", sort=False)["time_ms"].max()
    assert list(ends.index) == ["cells", "cells [setup 2]"]
    # It fires on, across the clear().
    assert 20.0 < ends["cells"] <= 30.0 and spikes["neuron"].max() == 2
    assert not spikes.duplicated().any()
    signals = pd.read_parquet(folder / "signals.parquet")
    samples = signals.groupby(["population", "variable"], sort=False).size().to_dict()
    assert samples == {
        ("cells", "v"): 301,
        ("twin", "v"): 301,
        ("twin (2)", "v"): 301,
        ("population3", "gsyn_exc"): 301,
        ("cells [segment 2]", "v"): 51,
        ("twin [segment 2]", "v"): 51,
        ("twin (2) [segment 2]", "v"): 51,
        ("population3 [segment 2]", "gsyn_exc"): 51,
    }
    assert not signals.duplicated(["population", "variable", "neuron", "time_ms"]).any()
    # Spikes of all cells, and v of a view.
    row = pd.read_parquet(folder / "runs.parquet").iloc[0]
    sizes = {"cells": 2, "cells [segment 2]": 2, "cells [setup 2]": 3}
    assert json.loads(row["population_sizes"]) == sizes
    view = {"of": 2, "signals": [0]}
    assert json.loads(row["recorded_neurons"]) == {"cells": view, "cells [segment 2]": view}


def test_spikes_of_a_view_are_those_of_some_neurons(recorded):
    _, folder = recorded(VIEW)
    row = pd.read_parquet(folder / "runs.parquet").iloc[0]
    assert json.loads(row["population_sizes"]) == {"cells": 3}
    # Two views of one population, and v of other cells.
    some = {"of": 5, "spikes": [1, 2, 4], "signals": [0, 1]}
    assert json.loads(row["recorded_neurons"]) == {"cells": some}


def test_time_of_compiling_is_a_part_of_its_own(recorded):
    run, folder = recorded(COMPILING)
    assert run["error"] == ""
    row = pd.read_parquet(folder / "runs.parquet").iloc[0]
    # In building, in the simulation and after it.
    assert row["compile_s"] >= 1.2 and row["simulate_s"] < 0.4
    parts = ["compile_s", "build_s", "simulate_s", "collect_s"]
    assert row[parts].sum() <= row["wall_s"]


def test_weights_that_learn_are_kept(recorded):
    run, folder = recorded(PLASTIC)
    assert run["error"] == ""
    weights = pd.read_parquet(folder / "weights.parquet")
    assert set(weights["projection"]) == {"pre→cells"} and len(weights) == 4
    assert set(weights["time_ms"]) == {30.0} and (weights["weight"] != 0.5).any()
    assert len(pd.read_parquet(folder / "spikes.parquet")) == 0
    (row,) = pd.read_parquet(folder / "runs.parquet").to_dict("records")
    ends = {"pre": "pre", "post": "cells", "receptor": "excitatory"}
    assert json.loads(row["projections"]) == {
        "pre→cells": ends | {"synapse": "STDPMechanism", "plastic": True},
        "pre→cells (2)": ends | {"synapse": "StaticSynapse", "plastic": False},
    }


def test_the_error_and_the_line_of_a_script(recorded):
    text = PLASTIC.replace("run(30.0)", "run(30.0)\ncells.record('nothing')")
    run, folder = recorded(text)
    assert run["status"] == "failed" and run["error"].startswith("RecordingError")
    assert run["code"] == "cells.record('nothing')"
    assert text.splitlines()[run["line"] - 1] == run["code"]
    # What there was until then is kept, and the log says where the error came from.
    assert len(pd.read_parquet(folder / "weights.parquet")) == 4
    log = (folder / "logs" / "reference.log").read_text()
    assert "Traceback" in log and "runpy" not in log


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("import sys\nsys.exit('no such file')", "no such file"),
        ("import sys\nsys.exit(3)", "exit code 3"),
        (
            "from argparse import ArgumentParser\nArgumentParser().parse_args(['--x'])",
            "exit code 2: example.py: error: unrecognized arguments: --x",
        ),
        ("import os\nos.abort()", "its process killed by signal 6 (SIGABRT)"),
        ("x = (1,\n", "SyntaxError"),
        ("import pyNN.neuron.cells", "pyNN.neuron alone stands for every backend"),
    ],
)
def test_scripts_that_fail(recorded, text, error):
    run, folder = recorded(text)
    assert run["status"] == "failed" and error in run["error"]
    assert pd.read_parquet(folder / "runs.parquet")["status"].tolist() == ["failed"]


@pytest.mark.parametrize("text", ["", "import sys\nsys.exit()", "quit(0)"])
def test_scripts_that_end_well(recorded, text):
    assert recorded(text)[0]["status"] == "done"


def test_a_script_runs_in_a_folder_of_its_own(recorded, tmp_path):
    text = """
import matplotlib.pyplot as plt
import helper

with open("input.txt") as file, open("Results/made.txt", "w") as made:
    made.write(file.read() + helper.NAME)
plt.figure()
plt.show()
"""
    code = tmp_path / "code"
    (code / "Results").mkdir(parents=True)
    (code / "input.txt").write_text("given ")
    (code / "helper.py").write_text("NAME = 'helper'")
    run, folder = recorded(text)
    assert run["error"] == ""
    assert (folder / "reference" / "Results" / "made.txt").read_text() == "given helper"
    assert not list((code / "Results").iterdir())


def test_generators_are_not_touched(recorded):
    text = """
import numpy as np
import pyNN.nest as sim

np.random.seed(7)
first = np.random.get_state()[1].copy()
sim.setup()
cells = sim.Population(3, sim.IF_curr_exp())
cells.record("v")
sim.run(1.0)
sim.end()
assert (np.random.get_state()[1] == first).all()
"""
    run, _ = recorded(text)
    assert run["error"] == "" and run["drawn"].keys() == {"NumPy"}


def test_generators_begin_with_the_seed(recorded):
    text = "import numpy as np\nprint(np.random.rand())"
    drawn = [recorded(text, seed=seed)[0]["drawn"]["NumPy"] for seed in (5, 5, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_sets_have_one_order(recorded, monkeypatch):
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    run, _ = recorded("import os\nassert os.environ['PYTHONHASHSEED'] == '0'")
    assert run["error"] == ""


def test_a_simulator_by_its_own_name_is_noted(recorded):
    (note,) = recorded("try:\n    from nest import Connect\nexcept ImportError:\n    pass")[0][
        "notes"
    ]
    assert note == "it imports nest itself, which is no part of reference"


def test_there_is_no_script(tmp_path):
    with pytest.raises(BadInput, match="there is no file"):
        run_script(tmp_path / "missing.py", [], [BACKEND], tmp_path / "results" / "scripts")


def test_backends_that_are_run():
    assert backend_names(None, False) == ["nest", "brian2"]
    assert backend_names(["brian2"], True) == ["brian2", "stock_brian2"]
    assert backend_names(["nest", "reference"], True) == ["nest", "stock_nest", "reference"]
    with pytest.raises(BadInput, match=r"no backend is called 'nst'.*did you mean 'nest'"):
        backend_names(["nst"], False)
    with pytest.raises(BadInput, match="reference has no stock module"):
        backend_names(["reference"], True)
