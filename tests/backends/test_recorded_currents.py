"""Currents of sources: every sample that is recorded, and their sum in a cell, on every backend."""

import numpy as np
import pytest
import quantities as pq

from pipelines import backends
from pipelines.backends.shared.invalid_value import InvalidValue

pytestmark = pytest.mark.usefixtures("interpreted")
every_backend = pytest.mark.parametrize("backend", backends.names())


def recorded(sim, kind):
    sources = {
        "DC": lambda: sim.DCSource(amplitude=0.5, start=2.0, stop=5.0),
        "AC": lambda: sim.ACSource(
            amplitude=0.5, start=2.0, stop=7.5, frequency=100.0, offset=0.1, phase=90.0
        ),
        "step": lambda: sim.StepCurrentSource(times=[1.0, 4.0, 6.0], amplitudes=[0.2, -0.3, 0.7]),
        "noise": lambda: sim.NoisyCurrentSource(mean=0.5, stdev=0.2, start=1.0, stop=6.0, dt=0.5),
    }
    return sources[kind]()


T = 0.1 * np.arange(81)
RIGHT = {
    "DC": np.where((T > 1.95) & (T < 4.95), 0.5, 0.0),
    "AC": np.where(
        (T > 1.95) & (T < 7.45), 0.1 + 0.5 * np.sin(2 * np.pi * (0.1 * (T - 2) + 0.25)), 0.0
    ),
    "step": np.select([T > 5.95, T > 3.95, T > 0.95], [0.7, -0.3, 0.2], 0.0),
}


@every_backend
@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize("kind", [*RIGHT, "noise"])
def test_a_recorded_current_has_every_sample(backend, kind, read):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_curr_exp(cm=1.0, tau_m=20.0, v_thresh=0.0))
    cells.initialize(v=-65.0)
    cells.record("v")
    source = recorded(sim, kind)
    source.inject_into(cells)
    source.record()
    sim.run(3.0)
    if read:
        assert source.get_data().shape == (31, 1)
    sim.run(5.0)
    if read:
        cells.get_data("v")
    data = source.get_data()
    assert data.shape == (81, 1) and data.units == pq.nA
    assert float(data.sampling_period.rescale("ms")) == pytest.approx(0.1)
    assert float(data.t_start) == 0.0
    current = data.magnitude[:, 0]
    if kind in RIGHT:
        assert np.allclose(current, RIGHT[kind], atol=1e-12)
    else:
        on = (T > 0.95) & (T < 5.95)
        assert np.all(current[~on] == 0) and len(set(current[on].tolist())) == 10
    # The membrane integrates what is recorded: exactly, as it is constant in a step.
    v = [0.0]
    for value in current[:-1]:
        v.append(v[-1] * np.exp(-0.005) + 20 * value * -np.expm1(-0.005))
    trace = cells.get_data("v").segments[0].analogsignals[0].magnitude[:, 0]
    assert np.allclose(trace + 65, v, atol=1e-9)


def test_recorded_noise_is_that_of_every_backend():
    heard = []
    for backend in backends.names():
        sim = backends.load(backend)
        sim.setup(timestep=0.1)
        cells = sim.Population(2, sim.IF_curr_exp())
        source = recorded(sim, "noise")
        source.inject_into(cells)
        source.record()
        sim.run(8.0)
        heard.append(source.get_data().magnitude)
    assert all(np.allclose(one, heard[0], atol=1e-12) for one in heard)


@every_backend
def test_a_current_that_is_changed_is_recorded_as_it_was(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1, t_flush=200.0)
    cells = sim.Population(1, sim.IF_curr_exp())
    source = sim.DCSource(amplitude=0.5, start=0.0)
    source.inject_into(cells)
    source.record()
    sim.run(2.0)
    source.set_parameters(amplitude=250 * pq.pA)
    sim.run(2.0)
    current = source.get_data().magnitude[:, 0]
    assert np.allclose(current, [0.5] * 20 + [0.25] * 21)
    sim.reset()
    sim.run(1.0)
    assert np.allclose(source.get_data().magnitude[:, 0], [0.25] * 11)


@every_backend
def test_steps_of_a_current(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    with pytest.raises(InvalidValue, match="one an amplitude"):
        sim.StepCurrentSource(times=[1.0, 2.0], amplitudes=[0.5])
    made = sim.StepCurrentSource(
        times=np.array([0.001, 0.002]) * pq.s, amplitudes=(a * pq.pA for a in (100.0, 200.0))
    )
    made.inject_into(sim.Population(1, sim.IF_curr_exp()))
    made.record()
    sim.run(3.0)
    right = np.select([T[:31] > 1.95, T[:31] > 0.95], [0.2, 0.1], 0.0)
    assert np.allclose(made.get_data().magnitude[:, 0], right)


@every_backend
def test_currents_add_up_and_end(backend):
    """The membrane follows the sum of all currents, and decays when the last has stopped."""
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(4, sim.IF_curr_exp(cm=1.0, tau_m=20.0, v_thresh=1000.0))
    cells.initialize(v=-65.0)
    cells.record("v")
    one = sim.DCSource(amplitude=0.5, start=1.0, stop=4.0)
    two = sim.DCSource(amplitude=-0.3, start=2.5, stop=6.0)
    three = sim.StepCurrentSource(times=[2.0, 3.0, 5.0], amplitudes=[0.2, 0.4, 0.0])
    for source in (one, two, three):
        cells[0].inject(source)
    cells[1].inject(one)
    one.inject_into(cells[2:3])
    sim.NoisyCurrentSource(mean=0.5, stdev=0.2, start=0.5, stop=3.3, dt=0.7).inject_into(cells[3:])
    sim.run(8.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude + 65

    def between(amplitude, start, stop):
        return np.where((start - 0.05 < T) & (stop - 0.05 > T), amplitude, 0.0)

    alone = between(0.5, 1.0, 4.0)
    steps = between(0.2, 2.0, 3.0) + between(0.4, 3.0, 5.0)
    fall = np.exp(-0.005)
    for cell, current in ((0, alone + between(-0.3, 2.5, 6.0) + steps), (1, alone), (2, alone)):
        right = [0.0]
        for value in current[:-1]:
            right.append(right[-1] * fall + 20 * value * (1 - fall))
        assert np.allclose(v[:, cell], right, atol=1e-9)
    assert np.ptp(v[5:33, 3]) > 0.1
    assert np.allclose(v[34:, 3], v[33:-1, 3] * fall, rtol=1e-9)
