"""Injected currents: each cell gets the sum of all that is injected into it, step by step."""

from types import SimpleNamespace

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends.brian2 import injected_currents
from pipelines.backends.brian2.injected_currents import InjectedCurrents

DT = 0.1


def charged(*changes):
    """Membrane at each step of 20 ms, after changes (step, nA) of the injected current."""
    steps = np.arange(201)
    risen = [nA * (1 - np.exp(-np.clip(steps - k, 0, None) * DT / 20)) for k, nA in changes]
    return -65 + 80 * np.sum(risen, axis=0)


class Ramp:
    """A current of as many nA as steps have passed."""

    def current_in(self, steps):
        return steps.astype(float)

    def reset(self):
        pass


@pytest.mark.parametrize("block", [3, 1000])
def test_a_cell_gets_the_sum_of_its_currents(monkeypatch, block):
    monkeypatch.setattr(injected_currents, "_BLOCK", block)
    kind = SimpleNamespace(current_scale=1e-9)
    cells, others = (SimpleNamespace(values={"i_inj": np.zeros(n)}, kind=kind) for n in (4, 2))
    every = InjectedCurrents(DT)
    ramp = Ramp()
    every.inject(ramp, cells, np.array([2, 0]))
    every.inject(ramp, cells, np.array([2]))
    every.inject(Ramp(), cells, np.array([0, 1]))
    every.inject(ramp, others, np.array([1]))
    for first, until in ((0, 5), (5, 11)):
        every.prepare(first, until)
        for step in range(first, until):
            every.apply(step)
            nA = cells.values["i_inj"] * 1e9, others.values["i_inj"] * 1e9
            assert np.allclose(nA[0], np.array([2, 1, 2, 0]) * step)
            assert np.allclose(nA[1], np.array([0, 1]) * step)
    every.reset()
    assert not cells.values["i_inj"].any() and not others.values["i_inj"].any()


@pytest.fixture
def sim(interpreted):
    module = backends.load("brian2")
    module.setup(timestep=DT)
    yield module
    module.end()


def membranes(sim, n=3, **changes):
    cell = {"tau_m": 20.0, "cm": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": 0.0}
    cells = sim.Population(n, sim.IF_curr_exp(**cell | changes), initial_values={"v": -65.0})
    cells.record("v")
    return cells


def v_of(cells):
    return np.asarray(cells.get_data("v").segments[-1].analogsignals[0])


def test_into_views_assemblies_and_twice(sim):
    one, two = membranes(sim), membranes(sim, 2)
    other = sim.Population(1, sim.IF_curr_alpha(v_rest=-65.0), initial_values={"v": -65.0})
    current = sim.DCSource(amplitude=0.1, start=5.0, stop=15.0)
    current.inject_into(one[1:3])
    current.inject_into(sim.Assembly(two, other, one[2:3]))
    sim.run(20.0)
    once, twice = charged((50, 0.1), (150, -0.1)), charged((50, 0.2), (150, -0.2))
    expected = np.stack([np.full(201, -65.0), once, twice], axis=1)
    np.testing.assert_allclose(v_of(one), expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(v_of(two), np.stack([once, once], axis=1), rtol=0, atol=1e-9)


def test_in_mid_run_and_after_a_reset(sim):
    cells = membranes(sim)
    first = sim.DCSource(amplitude=0.1, start=0.0, stop=15.0)
    first.inject_into(cells[0:2])
    sim.run(10.0)
    # Of the one, what is still to come; of the other, all.
    sim.DCSource(amplitude=0.1, start=5.0, stop=18.0).inject_into(cells[1:3])
    first.amplitude = 0.3
    sim.run(10.0)
    expected = [
        charged((0, 0.1), (100, 0.2), (150, -0.3)),
        charged((0, 0.1), (100, 0.3), (150, -0.3), (180, -0.1)),
        charged((100, 0.1), (180, -0.1)),
    ]
    np.testing.assert_allclose(v_of(cells), np.stack(expected, axis=1), rtol=0, atol=1e-9)
    sim.reset()
    sim.run(20.0)
    both = charged((0, 0.3), (50, 0.1), (150, -0.3), (180, -0.1))
    np.testing.assert_allclose(v_of(cells)[:, 1], both, rtol=0, atol=1e-9)


def test_steps_that_are_set_anew_follow_what_was_in_force(sim):
    cells = membranes(sim, 1)
    current = sim.StepCurrentSource(times=[2.0, 19.0], amplitudes=[0.1, 0.0])
    current.inject_into(cells)
    sim.run(10.0)
    current.set_parameters(times=[14.0], amplitudes=[0.2])
    sim.run(10.0)
    np.testing.assert_allclose(v_of(cells)[:, 0], charged((20, 0.1), (140, 0.1)), atol=1e-9)
    sim.reset()
    sim.run(20.0)
    np.testing.assert_allclose(v_of(cells)[:, 0], charged((140, 0.2)), atol=1e-9)


def test_a_spike_source_takes_no_current(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    with pytest.raises(TypeError, match="spike source"):
        sim.DCSource(amplitude=0.1).inject_into(source)
