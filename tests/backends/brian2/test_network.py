"""One network of groups by kind: what is added later, and the text of what is generated."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends.brian2.simulation import state

DT = 0.1


def spikes_of(population):
    return [np.asarray(t).tolist() for t in population.get_data("spikes").segments[-1].spiketrains]


@pytest.mark.usefixtures("interpreted")
def test_populations_that_are_added_after_the_first_run():
    sim = backends.load("brian2")
    sim.setup(timestep=DT)

    def pair(times):
        """A cell that fires two steps after each spike of its source."""
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
        cell = sim.IF_curr_exp(tau_syn_E=0.5, tau_refrac=1.0)
        cells = sim.Population(1, cell, initial_values={"v": -65.0})
        synapse = sim.StaticSynapse(weight=200.0, delay=DT)
        projection = sim.Projection(source, cells, sim.OneToOneConnector(), synapse)
        cells.record("spikes")
        return source, cells, projection

    _, first, one = pair([5.0, 15.0])
    sim.run(10.0)
    # What is due at a time that is past is not played.
    source, second, two = pair([5.0, 12.0])
    joined = sim.Projection(
        source, first, sim.OneToOneConnector(), sim.StaticSynapse(weight=200.0, delay=2.0)
    )
    assert first.group is not second.group
    sim.run(10.0)
    # The first spike after a refractory period of 1 ms, if two arrive.
    assert spikes_of(first) == [[5.2, 14.1, 15.2]] and spikes_of(second) == [[12.2]]
    assert [len(p.get("weight", format="list")) for p in (one, two, joined)] == [1, 1, 1]
    sim.reset()
    sim.run(20.0)
    assert spikes_of(first) == [[5.2, 7.1, 12.0 + 2.1, 15.2]] and spikes_of(second) == [[5.2, 12.2]]
    sim.end()


@pytest.mark.usefixtures("interpreted")
def test_populations_of_a_kind_share_a_group():
    sim = backends.load("brian2")
    sim.setup(timestep=DT)
    one, two = sim.Population(2, sim.IF_curr_exp(tau_m=10.0)), sim.Population(3, sim.IF_curr_exp())
    assert one.group is two.group and two.rows.tolist() == [2, 3, 4]
    one[1:2].set(tau_m=7.0)
    assert one.get("tau_m").tolist() == [10.0, 7.0] and two.get("tau_m") == 20.0
    sim.run(DT)
    two[0:1].set(tau_m=5.0)
    assert one.get("tau_m").tolist() == [10.0, 7.0] and two.get("tau_m").tolist() == [5, 20, 20]
    assert len(state.network.cells) == 1
    sim.end()


SCRIPT = """
import json
import sys
from brian2 import prefs
from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.groups.group import CodeRunner
from pipelines import backends
from pipelines.backends.brian2.simulation import state

# The text is what is looked at: nothing is compiled.
CythonCodeObject.compile_block = lambda self, block: None
prefs.codegen.target = "cython"
sim = backends.load("brian2")
number, label, value = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
sim.setup(timestep=0.1)
for k in range(number):
    source = sim.Population(
        2 + k, sim.SpikeSourceArray(spike_times=[5.0 * value]), label=f"{label} source {k}"
    )
    cells = sim.Population(3 * number, sim.IF_curr_exp(tau_m=20.0 * value), label=f"{label} {k}")
    others = sim.Population(number, sim.IF_cond_exp(tau_refrac=value), label=f"{label} others {k}")
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(20.0 * value, 20.0, 0.01, 0.01),
        weight_dependence=sim.AdditiveWeightDependence(0.0, value),
        weight=0.1, delay=1.0 + value, dendritic_delay_fraction=1.0,
    )
    short = sim.TsodyksMarkramSynapse(weight=0.1, delay=value, U=0.2 * value)
    for pre, post, synapse in (
        (source, cells, rule), (source, cells, short), (cells, cells, rule),
        (source, others, sim.StaticSynapse(weight=0.1 * value, delay=value)),
        (cells, others, sim.StaticSynapse(weight=0.1, delay=1.0)),
    ):
        sim.Projection(pre, post, sim.AllToAllConnector(), synapse, label=f"{label} {pre.label}")
state.network._update_brian_objects()
found = {}
for thing in state.network._network.sorted_objects:
    if isinstance(thing, CodeRunner):
        thing.create_code_objects({})
        for code in thing.code_objects:
            found[f"{thing.name} {code.name}"] = [str(block) for block in
                (code.code.before_run, code.code.run, code.code.after_run)]
print(json.dumps([found, [thing.name for thing in state.network._network.sorted_objects]]))
"""


def text_of(number, label, value, hash_seed):
    """Generated code by object, and the order of objects within a step, in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(number), label, str(value)],
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_generated_code_depends_on_kinds_alone():
    found, order = text_of(1, "a", 1.0, 0)
    assert sum("pre" in name for name in found) >= 5 and all(run for _, run, _ in found.values())
    for other in (text_of(3, "an other", 1.5, 0), text_of(1, "a", 1.0, 1)):
        assert other == [found, order]
