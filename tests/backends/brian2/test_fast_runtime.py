"""The quicker way through Brian2's runtime: the same bytes as in Brian2's own."""

import doctest

import brian2
import numpy as np
import pytest

from pipelines import backends
from pipelines.backends.brian2 import code_cache, fast_runtime
from pipelines.backends.brian2.code_cache import without_buffers
from tests.backends.network import play
from tests.backends.phases import PROGRAMS

pytestmark = pytest.mark.slow


def test_examples_of_the_module_hold():
    assert doctest.testmod(code_cache) == (0, 1)


def test_what_is_used_is_looked_up():
    source = """def main(_namespace):
    _var_t = _namespace["_var_t"]
    _var_N = _namespace["_var_N"]
    cdef _numpy.ndarray[char, ndim=1, mode='c', cast=True] _buf_on = _namespace['on']
    cdef size_t _numon = len(_namespace['on'])
    cdef _numpy.ndarray[double, ndim=2, mode='c'] _record_buf_v = values.data
    _var_t.resize(_numon)"""
    assert without_buffers(source) == source.replace(
        '    _var_N = _namespace["_var_N"]\n', ""
    ).replace("_numpy.ndarray[char, ndim=1, mode='c', cast=True]", "_numpy.ndarray")


def plastic(sim):
    """Spikes, and weights, of a network whose weights wait in rings."""
    found = play(sim, number=40, duration=120.0, fraction=0.3)
    assert len(found["exc"][0]) > 20 and np.any(found["weights"]["weight"] != 0.025)
    arrays = [*found["exc"], *found["inh"]]
    for when in ("weights", "now"):
        arrays += [found[when][key] for key in ("pre", "post", "weight", "delay_ms")]
    return arrays


def pieces(sim):
    """Runs one after another: spikes under way, sources and weights changed, and a reset."""
    sim.setup(timestep=0.1)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[5.0, 9.9, 10.1]))
    cell = sim.IF_curr_exp(tau_refrac=1.0)
    target = sim.Population(2, cell, initial_values={"v": -65.0})
    projection = sim.Projection(
        source, target, sim.OneToOneConnector(), sim.StaticSynapse(weight=6.0, delay=7.3)
    )
    target.record("spikes")
    target.record("v", sampling_interval=0.3)
    sim.run(10.0)
    source[0:1].set(spike_times=[12.0, 30.0])
    projection.set(weight=6.5)
    sim.DCSource(amplitude=0.01, start=8.0, stop=28.0).inject_into(target[1:2])
    sim.run(20.0)
    sim.reset()
    sim.run(25.0)
    segments = target.get_data().segments
    spikes = [np.asarray(train) for segment in segments for train in segment.spiketrains]
    assert [len(train) for train in spikes] == [3, 3, 1, 3]
    signals = [np.asarray(segment.analogsignals[0]) for segment in segments]
    sim.end()
    return [*spikes, *signals, np.array(projection.get("weight", format="list"))]


def compiled(sim):
    """Cells whose steps are compiled apart: conductances, action potentials, voltage jumps."""
    sim.setup(timestep=0.1)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[2.0, 2.1, 9.0], [3.0, 8.0]]))
    kinds = [
        (sim.EIF_cond_exp_isfa_ista(i_offset=1.0), 0.02),
        (sim.HH_cond_exp(i_offset=0.5), 0.02),
        (sim.IF_curr_delta(i_offset=1.0), 4.0),
    ]
    populations = [sim.Population(2, kind) for kind, _ in kinds]
    for cells, (_, weight) in zip(populations, kinds, strict=True):
        synapse = sim.StaticSynapse(weight=weight, delay=0.1)
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
        sim.Projection(cells[0:1], cells[1:2], sim.AllToAllConnector(), synapse)
        cells.record(["spikes", "v"])
    sim.run(12.0)
    sim.run(12.0)
    segments = [cells.get_data().segments[0] for cells in populations]
    spikes = [np.asarray(train) for segment in segments for train in segment.spiketrains]
    assert all(len(train) > 0 for train in spikes)
    signals = [np.asarray(segment.analogsignals[0]) for segment in segments]
    sim.end()
    return [*spikes, *signals]


def phases(sim):
    """Rules and refractory periods that are changed between runs: other tables, other rings."""
    return [*PROGRAMS["shorter_refractoriness"](sim).values()]


@pytest.mark.parametrize("script", [plastic, pieces, compiled, phases])
@pytest.mark.parametrize("target", ["numpy", "cython"])
def test_the_same_bytes_in_brian2s_own_loop(monkeypatch, script, target):
    monkeypatch.setitem(brian2.prefs, "codegen.target", target)
    ran, run = [], fast_runtime.run
    monkeypatch.setattr(fast_runtime, "run", lambda *given: (ran.append(1), run(*given)))
    sim = backends.load("brian2")
    ours = script(sim)
    # Code that is not compiled is left to Brian2.
    assert bool(ran) == (target == "cython")
    ran.clear()
    monkeypatch.setattr(fast_runtime, "enabled", False)
    theirs = script(sim)
    assert not ran
    assert [array.tobytes() for array in ours] == [array.tobytes() for array in theirs]


def test_a_second_network_takes_the_code_of_the_first(monkeypatch):
    monkeypatch.setitem(brian2.prefs, "codegen.target", "cython")
    sim = backends.load("brian2")
    first = pieces(sim)
    known = set(code_cache._cache)
    translated = []
    make = code_cache.FastCodeObject.__init__

    def noted(self, owner, code, *further, **named):
        translated.append(named["name"])
        make(self, owner, code, *further, **named)

    monkeypatch.setattr(code_cache.FastCodeObject, "__init__", noted)
    monkeypatch.setattr(
        code_cache,
        "_without_arrays",
        lambda *_: pytest.fail("the same code was translated again"),
    )
    assert [a.tobytes() for a in pieces(sim)] == [a.tobytes() for a in first]
    assert translated and set(code_cache._cache) == known


def test_steps_do_only_what_there_is_to_do(monkeypatch):
    """Of a network without spikes, inputs or recordings, the state update alone."""
    monkeypatch.setitem(brian2.prefs, "codegen.target", "cython")
    made = []
    loop = fast_runtime.StepLoop.__init__

    def noted(self, *given):
        loop(self, *given)
        made.append(self.source)

    monkeypatch.setattr(fast_runtime.StepLoop, "__init__", noted)
    sim = backends.load("brian2")
    sim.setup(timestep=0.1)
    cells = sim.Population(1, sim.IF_curr_exp(), initial_values={"v": -65.0})
    sim.run(1.0)
    assert "apply" not in made[0] and "sample" not in made[0] and "append" not in made[0]
    cells.record(["spikes"])
    sim.DCSource(amplitude=0.1).inject_into(cells)
    sim.run(1.0)
    assert "apply" in made[1] and "append" in made[1] and "sample" not in made[1]
    sim.end()


def test_code_is_kept_from_piece_to_piece_as_long_as_its_arrays_are(monkeypatch):
    monkeypatch.setitem(brian2.prefs, "codegen.target", "cython")
    made = []
    make = code_cache.FastCodeObject.__init__

    def noted(self, owner, code, *further, **named):
        made.append(named["name"])
        make(self, owner, code, *further, **named)

    monkeypatch.setattr(code_cache.FastCodeObject, "__init__", noted)
    sim = backends.load("brian2")
    sim.setup(timestep=0.1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 3.0, 7.0]))
    cells = sim.Population(2, sim.IF_curr_exp())
    cells.record("isyn_exc")
    weights = [1.0, 2.0, 4.0]
    for weight in weights:
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight))
        made.clear()
        sim.run(1.0)
        first = len(made)
        sim.run(1.0)
        # Synapses are the only arrays that have grown.
        assert first > 0 and len(made) == first
    current = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    decay = np.exp(-0.1 / 5.0)
    jumps = np.flatnonzero(current[1:] > current[:-1] * decay + 1e-9) + 1
    assert jumps.tolist() == [11, 31]
    assert np.allclose(current[jumps] - current[jumps - 1] * decay, [1.0, 3.0])
    sim.end()
