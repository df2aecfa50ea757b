"""Injected currents: due from the first step on, into whatever is named, on both backends."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.errors import Unsupported

DT = 0.1
CELL = {
    "cm": 0.25, "tau_m": 20.0, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": 0.0,
    "tau_refrac": 2.0,
}  # fmt: skip
BACKENDS = backends.default_names()

pytestmark = pytest.mark.usefixtures("interpreted")


def driven(currents, dt=DT, i_offset=0.0, start=-65.0):
    """Membrane potential of a cell whose current (nA) in each step is known."""
    decay = np.exp(-dt / 20.0)
    v = [start]
    for current in currents:
        v.append(-65.0 + (v[-1] + 65.0) * decay + 80.0 * (current + i_offset) * (1 - decay))
    return np.array(v)


def membranes(sim, inject, number=1, runs=(5.0,), celltype="IF_curr_exp", i_offset=0.0, **setup):
    """Samples of v, one column a cell, of cells that `inject` has been called with."""
    sim.setup(**{"timestep": DT} | setup)
    cells = sim.Population(
        number, getattr(sim, celltype)(i_offset=i_offset, **CELL), initial_values={"v": -65.0}
    )
    cells.record("v")
    inject(cells)
    for time in runs:
        sim.run(time)
    assert np.all(np.asarray(cells.get("i_offset")) == i_offset)
    return np.asarray(cells.get_data().segments[-1].filter(name="v")[0].magnitude)


@pytest.mark.parametrize("celltype", ["IF_curr_exp", "IF_curr_alpha"])
@pytest.mark.parametrize("name", BACKENDS)
def test_each_source_acts_from_its_first_step(name, celltype):
    sim = backends.load(name)
    steps = np.arange(50)

    def inject(cells):
        for cell, start in enumerate((0, 1, 2, 3)):
            direct = sim.DCSource(amplitude=0.1, start=start * DT, stop=3.0)
            direct.inject_into(cells[cell : cell + 1])
        sim.DCSource(amplitude=0.1, start=0.0, stop=DT).inject_into([cells[4]])
        stairs = sim.StepCurrentSource(times=[0.0, 0.1, 0.2, 2.0], amplitudes=[0.1, -0.2, 0.3, 0.0])
        stairs.inject_into(cells[5:6])
        wave = {"amplitude": 0.1, "offset": 0.02, "frequency": 100.0, "phase": 30.0, "stop": 4.0}
        for cell, start in ((6, 0), (7, 1)):
            sim.ACSource(start=start * DT, **wave).inject_into(cells[cell : cell + 1])

    def wave(start):
        turns = 0.1 * (steps - start) * DT + 30 / 360
        return np.where((steps >= start) & (steps < 40), 0.02 + 0.1 * np.sin(2 * np.pi * turns), 0)

    expected = [0.1 * ((steps >= start) & (steps < 30)) for start in (0, 1, 2, 3)]
    expected.append(0.1 * (steps == 0))
    expected.append(np.select([steps < 1, steps < 2, steps < 20], [0.1, -0.2, 0.3]))
    expected += [wave(0), wave(1)]
    v = membranes(sim, inject, 8, i_offset=0.05, celltype=celltype)
    for cell, currents in enumerate(expected):
        np.testing.assert_allclose(v[:, cell], driven(currents, i_offset=0.05), rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "setup", [{}, {"min_delay": 0.5}, {"timestep": 0.05}], ids=["default", "min_delay", "timestep"]
)
@pytest.mark.parametrize("runs", [(5.0,), (0.1, 0.1, 0.3, 4.5)], ids=["one run", "pieces"])
def test_on_nest_whatever_the_setup_and_the_runs(setup, runs):
    sim = backends.load("nest")
    dt = setup.get("timestep", DT)
    v = membranes(
        sim, lambda cells: sim.DCSource(amplitude=0.1).inject_into(cells), runs=runs, **setup
    )
    expected = driven(np.full(round(5.0 / dt), 0.1), dt)
    np.testing.assert_allclose(v[:, 0], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "celltype", ["IF_cond_exp", "IF_cond_alpha", "EIF_cond_exp_isfa_ista", "HH_cond_exp"]
)
def test_on_nest_a_current_from_the_start_is_an_offset_in_any_model(celltype):
    sim = backends.load("nest")

    def trace(how):
        sim.setup(timestep=DT)
        cells = sim.Population(2, getattr(sim, celltype)())
        how(cells)
        cells.record("v")
        sim.run(20.0)
        return np.asarray(cells.get_data().segments[0].filter(name="v")[0].magnitude)

    injected = trace(lambda cells: cells.inject(sim.DCSource(amplitude=0.3)))
    np.testing.assert_array_equal(injected, trace(lambda cells: cells.set(i_offset=0.3)))


@pytest.mark.parametrize("name", BACKENDS)
def test_sources_add_up_in_views_and_assemblies(name):
    sim = backends.load(name)

    def inject(cells):
        source = sim.DCSource(amplitude=0.1, start=0.0)
        source.inject_into(cells[0:2])
        source.inject_into(cells[1:3])
        sim.StepCurrentSource(times=[0.0], amplitudes=[0.05]).inject_into(
            sim.Assembly(cells[0:1], cells[3:4])
        )

    v = membranes(sim, inject, 4)
    for cell, current in enumerate((0.15, 0.2, 0.1, 0.05)):
        expected = driven(np.full(50, current))
        np.testing.assert_allclose(v[:, cell], expected, rtol=0, atol=1e-9)


def test_noise_from_the_start_is_the_same_on_both():
    nest, brian2 = (
        membranes(
            sim,
            lambda cells, sim=sim: sim.NoisyCurrentSource(
                mean=0.1, stdev=0.5, start=0.0, stop=4.0, dt=DT
            ).inject_into(cells),
            2,
        )
        for sim in map(backends.load, BACKENDS)
    )
    assert np.all(nest[1] != -65.0)
    np.testing.assert_allclose(nest, brian2, rtol=0, atol=1e-9)


def test_on_nest_the_recorded_current_has_its_first_steps():
    sim = backends.load("nest")
    made = []

    def inject(cells):
        made.append(sim.ACSource(amplitude=0.1, offset=0.0, frequency=50.0, start=0.0, stop=1.0))
        made[0].inject_into(cells)
        made[0].record()

    membranes(sim, inject)
    current = np.ravel(made[0].get_data().magnitude)
    steps = np.arange(len(current))
    expected = np.where(steps < 10, 0.1 * np.sin(2 * np.pi * 0.05 * steps * DT), 0.0)
    np.testing.assert_allclose(current, expected, rtol=0, atol=1e-12)


def test_on_nest_sources_begin_again_after_reset():
    sim = backends.load("nest")

    def inject(cells):
        wave = {"amplitude": 0.1, "offset": 0.0, "frequency": 100.0, "phase": 20.0}
        for cell, source in enumerate(
            [
                sim.DCSource(amplitude=0.1),
                sim.DCSource(amplitude=0.1, start=0.5, stop=4.0),
                sim.ACSource(start=0.0, stop=4.0, **wave),
                sim.ACSource(start=1.0, **wave),
                sim.StepCurrentSource(times=[0.0, 0.1, 0.5], amplitudes=[0.1, 0.0, 0.3]),
            ]
        ):
            source.inject_into(cells[cell : cell + 1])

    def again(cells):
        inject(cells)
        sim.run(3.7)
        sim.reset()

    first = membranes(sim, inject, 5)
    second = membranes(sim, again, 5)
    np.testing.assert_allclose(second, first, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", BACKENDS)
def test_a_source_in_mid_run_is_in_time(name):
    sim = backends.load(name)
    sim.setup(timestep=DT)
    cells = sim.Population(2, sim.IF_curr_exp(**CELL), initial_values={"v": -65.0})
    cells.record("v")
    sim.DCSource(amplitude=0.1, start=50.0).inject_into(cells)
    sim.run(5.0)
    sim.DCSource(amplitude=0.1, start=5.0).inject_into(cells[:1])
    sim.run(5.0)
    cells.get_data()
    sim.DCSource(amplitude=0.1, start=10.1).inject_into(cells[1:])
    sim.run(5.0)
    v = np.asarray(cells.get_data().segments[0].filter(name="v")[0].magnitude)
    steps = np.arange(150)
    for cell, start in enumerate((50, 101)):
        expected = driven(0.1 * (steps >= start))
        np.testing.assert_allclose(v[:, cell], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", BACKENDS)
def test_a_change_in_mid_run_is_in_time(name):
    sim = backends.load(name)
    sim.setup(timestep=DT)
    cells = sim.Population(4, sim.IF_curr_exp(**CELL), initial_values={"v": -65.0})
    cells.record("v")
    over, coming, on = (
        sim.DCSource(amplitude=0.1, start=start, stop=stop)
        for start, stop in ((1.0, 2.0), (7.0, 8.0), (1.0, 8.0))
    )
    stepped = sim.StepCurrentSource(times=[0.0], amplitudes=[0.0])
    for cell, source in enumerate((over, coming, on, stepped)):
        source.inject_into(cells[cell : cell + 1])
    sim.run(5.0)
    over.amplitude = 0.2
    coming.set_parameters(amplitude=0.2, start=6.0)
    on.amplitude = 0.5
    on.amplitude = 0.2
    stepped.set_parameters(times=[5.0, 5.1, 5.2], amplitudes=[0.3, 0.1, 0.2])
    for _ in range(4):
        sim.run(0.1)
    sim.run(4.6)
    cells.get_data()
    stepped.set_parameters(times=[10.0], amplitudes=[0.3])
    sim.run(5.0)
    v = np.asarray(cells.get_data().segments[0].filter(name="v")[0].magnitude)
    steps = np.arange(150)
    currents = [
        0.1 * ((steps >= 10) & (steps < 20)),
        0.2 * ((steps >= 60) & (steps < 80)),
        np.where(steps < 50, 0.1, 0.2) * ((steps >= 10) & (steps < 80)),
        np.select([steps < 50, steps == 50, steps == 51, steps < 100], [0.0, 0.3, 0.1, 0.2], 0.3),
    ]
    for cell, current in enumerate(currents):
        np.testing.assert_allclose(v[:, cell], driven(current), rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", BACKENDS)
def test_a_current_and_a_cell_are_changed_between_two_runs(name):
    sim = backends.load(name)
    sim.setup(timestep=DT)
    cells = sim.Population(2, sim.IF_curr_exp(**CELL), initial_values={"v": -65.0})
    cells.record("v")
    source = sim.DCSource(amplitude=0.0)
    source.inject_into(cells[:1])
    currents = np.repeat([0.0, 0.1, 0.3], 50)
    for current in currents[::50]:
        source.amplitude = float(current)
        cells[1:].set(i_offset=float(current))
        sim.run(5.0)
    v = np.asarray(cells.get_data().segments[0].filter(name="v")[0].magnitude)
    for cell in (0, 1):
        np.testing.assert_allclose(v[:, cell], driven(currents), rtol=0, atol=1e-9)


def test_on_nest_a_model_without_a_constant_current_is_refused_by_name():
    sim = backends.load("nest")
    sim.setup(timestep=DT)
    cells = sim.Population(1, sim.native_cell_type("iaf_bw_2001_exact")())
    sim.DCSource(amplitude=0.1).inject_into(cells)
    for _ in range(2):
        with pytest.raises(Unsupported, match="iaf_bw_2001_exact"):
            sim.run(1.0)


@pytest.mark.parametrize("name", BACKENDS)
def test_a_current_that_is_changed_before_data_are_read_is_in_time(name):
    sim = backends.load(name)
    sim.setup(timestep=DT)
    cells = sim.Population(1, sim.IF_curr_exp(**CELL), initial_values={"v": -65.0})
    cells.record("v")
    source = sim.DCSource(amplitude=0.1)
    source.inject_into(cells)
    source.record()
    sim.run(5.0)
    source.amplitude = 0.3
    cells.get_data()
    sim.run(5.0)
    currents = np.repeat([0.1, 0.3], 50)
    v = np.asarray(cells.get_data().segments[0].filter(name="v")[0].magnitude)
    np.testing.assert_allclose(v[:, 0], driven(currents), rtol=0, atol=1e-9)
    recorded = np.ravel(source.get_data().magnitude)[:100]
    np.testing.assert_allclose(recorded, currents, rtol=0, atol=1e-12)


def test_on_nest_the_same_whatever_number_of_steps_generators_are_told_of(monkeypatch):
    sim = backends.load("nest")

    def inject(cells):
        sim.ACSource(amplitude=0.1, frequency=50.0, start=0.5, stop=4.2).inject_into(cells[:2])
        sim.StepCurrentSource(times=[0.3, 2.0], amplitudes=[0.1, 0.2]).inject_into(cells[1:])

    whole = membranes(sim, inject, 3)
    assert np.ptp(whole[-1]) > 0.1
    monkeypatch.setattr("pipelines.backends.nest.kernel_time._BLOCK_STEPS", 7)
    np.testing.assert_array_equal(membranes(sim, inject, 3), whole)
