"""Functions of a script that are called during a run: when they asked for it, on every backend."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends.shared.callbacks import run_with_callbacks
from pipelines.backends.shared.invalid_value import InvalidValue

pytestmark = pytest.mark.usefixtures("interpreted")
every_backend = pytest.mark.parametrize("backend", backends.names())


def cell(sim, **parameters):
    sim.setup(timestep=0.1)
    made = sim.Population(1, sim.IF_curr_exp(**parameters))
    made.initialize(v=-65.0)
    made.record(["v", "spikes"])
    return made


def every(interval, seen):
    def call(t):
        seen.append(t)
        return t + interval

    return call


@pytest.mark.parametrize(("dt", "length"), [(0.1, 20.0), (0.1, 1000.0), (0.025, 20.0)])
def test_each_is_called_as_often_as_it_asked(dt, length):
    intervals = (dt, 3 * dt, 0.7, 3.0, 2 * length)
    seen = {interval: [] for interval in intervals}
    steps = [0]
    run_with_callbacks(
        [every(*item) for item in seen.items()], 0, round(length / dt), dt,
        lambda step: steps.append(step),
    )  # fmt: skip
    assert steps == sorted(steps) and steps[-1] == round(length / dt)
    for interval, times in seen.items():
        assert len(times) == int(length / interval + 1e-9) + 1
        assert np.allclose(times, interval * np.arange(len(times)), atol=1e-9)


@every_backend
def test_the_time_of_a_call_is_the_present(backend):
    sim = backends.load(backend)
    cell(sim)
    seen = {0.1: [], 0.3: [], 0.7: []}
    now = []

    def note(t):
        now.append((t, sim.get_current_time()))
        return t + 0.1

    assert sim.run(2.0, callbacks=[note, *(every(*item) for item in seen.items())]) == 2.0
    assert len(now) == 21 and all(t == present for t, present in now)
    assert [len(times) for times in seen.values()] == [21, 7, 3]


@every_backend
@pytest.mark.parametrize("run", ["run", "run_for", "run_until"])
def test_every_way_of_running_takes_them(backend, run):
    sim = backends.load(backend)
    cell(sim)
    sim.run(2.0)
    seen = []

    def call(t):
        seen.append(t)
        return t + 2.5

    getattr(sim, run)(8.0 if run == "run_until" else 6.0, callbacks=[call])
    assert seen == [2.0, 4.5, 7.0] and sim.get_current_time() == 8.0


@every_backend
def test_the_same_one_twice_is_called_twice(backend):
    sim = backends.load(backend)
    cell(sim)
    seen = []

    class Call:
        __hash__ = None

        def __call__(self, t):
            seen.append(t)
            return t + 4.0

    one = Call()
    sim.run(5.0, callbacks=(one, one))
    assert seen == [0.0, 0.0, 4.0, 4.0]


@every_backend
def test_what_they_return(backend):
    sim = backends.load(backend)
    cell(sim)
    calls = {"never": 0, "past": 0}

    def never(t):
        calls["never"] += 1
        return float("inf")

    def past(t):
        calls["past"] += 1
        return np.float64(0.0)

    sim.run(1.0, callbacks=[never, past])
    assert calls == {"never": 1, "past": 11}
    for wrong in (None, "soon", float("nan")):
        with pytest.raises(InvalidValue, match="it returned"):
            sim.run(1.0, callbacks=[lambda t, wrong=wrong: wrong])


@every_backend
def test_they_read_and_change_what_the_network_does(backend):
    """A current that is set at 5 and 10 ms: C dv/dt = -(v - v_rest) / R + I, in closed form."""
    sim = backends.load(backend)
    made = cell(sim, cm=1.0, tau_m=20.0, v_thresh=0.0)
    seen = []

    def change(t):
        seen.append(float(made.get_data("v").segments[0].analogsignals[0][-1, 0]) if t else -65.0)
        made.set(i_offset=0.1 * t)
        return t + 5.0

    sim.run(15.0, callbacks=[change])
    fall = np.exp(-5.0 / 20.0)
    right = [0.0]
    for current in (0.0, 0.5, 1.0):
        right.append(20 * current + (right[-1] - 20 * current) * fall)
    assert np.allclose(np.add(seen, 65.0), right, atol=1e-9)


@every_backend
def test_a_run_with_them_is_the_run_without(backend):
    def spikes(callbacks):
        sim = backends.load(backend)
        made = cell(sim, i_offset=3.0)
        sim.run(20.0, callbacks=callbacks)
        return made.get_data("spikes").segments[0].spiketrains[0].magnitude.tolist()

    assert len(spikes(None)) > 1
    assert spikes([lambda t: t + 2.7]) == spikes(None)


@every_backend
def test_progress_is_shown_by_pynns_own(backend, capsys):
    from pyNN.utility.progress_bar import SimulationProgressBar

    sim = backends.load(backend)
    cell(sim)
    sim.run(10.0, callbacks=[SimulationProgressBar(2.0, 10.0)])
    assert "100%" in capsys.readouterr().out


@every_backend
def test_no_time_passes_in_a_run_of_no_length(backend):
    sim = backends.load(backend)
    cell(sim)
    assert sim.run(0.0) == 0.0
    sim.run(3.0)
    assert sim.run_until(3.0) == 3.0
    with pytest.raises(ValueError, match="in the past"):
        sim.run_until(2.0)
