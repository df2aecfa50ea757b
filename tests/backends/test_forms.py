"""Numbers in whichever form a script has them: alike on every backend, and in PyNN's units."""

import neo
import numpy as np
import pandas as pd
import pytest
import quantities as pq
from pyNN.parameters import Sequence

from pipelines import backends
from pipelines.backends.shared.invalid_value import InvalidValue

pytestmark = pytest.mark.usefixtures("interpreted")
every_backend = pytest.mark.parametrize("backend", backends.names())
VALUES = [10.1, 11.2, 12.3]
FORMS = {
    "list": lambda: list(VALUES), "tuple": lambda: tuple(VALUES), "array": lambda: np.array(VALUES),
    "generator": lambda: (v for v in VALUES), "Sequence": lambda: Sequence(VALUES),
    "Series": lambda: pd.Series(VALUES, index=[7, 5, 6]), "ms": lambda: np.array(VALUES) * pq.ms,
    "s": lambda: np.array(VALUES) * pq.s / 1000, "quantities": lambda: [v * pq.ms for v in VALUES],
}  # fmt: skip
SINGLE = np.float32(10.1)


@every_backend
@pytest.mark.parametrize("form", FORMS)
def test_parameters(backend, form):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(3, sim.IF_curr_exp(tau_m=FORMS[form]()))
    others = sim.Population(4, sim.IF_curr_exp())
    others[1:].set(tau_m=FORMS[form]())
    set_later = sim.Population(3, sim.IF_curr_exp())
    set_later.set(tau_m=FORMS[form]())
    for read in (cells.get("tau_m"), others.get("tau_m")[1:], set_later.get("tau_m")):
        assert np.allclose(read, VALUES, rtol=1e-14)
    if "s" not in form.split():
        value = FORMS[form]()
        if form in ("ms", "quantities"):
            value = np.array(VALUES) * pq.mV
        cells.initialize(v=value)
        cells.record("v")
        sim.run(0.1)
        first = cells.get_data().segments[0].analogsignals[0].magnitude[0]
        assert np.allclose(first, VALUES, rtol=1e-14)


@every_backend
def test_one_number_for_all(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    for value in (10.0, 10, np.float32(10), np.array(10.0), 10 * pq.ms, 0.01 * pq.s):
        cells = sim.Population(3, sim.IF_curr_exp(tau_m=value))
        assert cells.get("tau_m") == 10.0 and isinstance(cells.get("tau_m"), float)
        cells.set(tau_m=20.0)
        cells[1:].set(tau_m=value)
        assert np.array_equal(cells.get("tau_m"), [20.0, 10.0, 10.0])


@every_backend
def test_numbers_of_32_bits_are_computed_with_in_64(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    for value in (np.full(2, SINGLE), [SINGLE, SINGLE], SINGLE):
        cells = sim.Population(2, sim.IF_curr_exp(tau_m=value), initial_values={"v": value})
        cells.record("v")
        made = sim.Projection(
            cells, cells, sim.AllToAllConnector(),
            sim.StaticSynapse(weight=np.full((2, 2), SINGLE), delay=1.0),
        )  # fmt: skip
        assert np.allclose(cells.get("tau_m"), float(SINGLE), rtol=1e-14)
        assert np.allclose(made.get("weight", "array"), float(SINGLE), rtol=1e-14)
    sim.run(0.1)
    first = cells.get_data().segments[0].analogsignals[0].magnitude[0]
    assert np.allclose(first, float(SINGLE), rtol=1e-14)


@every_backend
def test_weights_and_delays_are_quantities(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_curr_exp())
    synapse = sim.StaticSynapse(weight=500 * pq.pA, delay=0.002 * pq.s)
    made = sim.Projection(cells, cells, sim.AllToAllConnector(), synapse)
    assert made.get(["weight", "delay"], "list")[0] == pytest.approx((0, 0, 0.5, 2.0))
    with pytest.raises(InvalidValue, match="nA or uS or mV"):
        sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1 * pq.ms))


@every_backend
def test_a_quantity_in_a_wrong_unit_is_refused(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_curr_exp())
    for wrong in (lambda: cells.set(tau_m=5 * pq.mV), lambda: cells.initialize(v=5 * pq.ms),
                  lambda: cells[:1].set(cm=5 * pq.ms),
                  lambda: sim.Population(1, sim.SpikeSourcePoisson(rate=5 * pq.ms)),
                  lambda: sim.SpikeSourceArray(spike_times=[1.0, 2.0] * pq.mV),
                  lambda: sim.DCSource(amplitude=5 * pq.mV)):  # fmt: skip
        with pytest.raises(InvalidValue, match=r"a quantity in .*; allowed:"):
            wrong()
    assert sim.Population(1, sim.SpikeSourcePoisson(rate=0.01 * pq.kHz)).get("rate") == 10.0


TRAINS = [[5.0, 6.0], [7.0, 8.0]]
TRAIN_FORMS = {
    "2-D array": np.array(TRAINS), "whole numbers": np.array(TRAINS, dtype=int), "lists": TRAINS,
    "tuples": tuple(map(tuple, TRAINS)), "table": pd.DataFrame(TRAINS),
    "column": pd.Series(TRAINS), "Sequences": [Sequence(train) for train in TRAINS],
    "array of Sequences": np.array([Sequence(train) for train in TRAINS]),
    "quantities": [np.array(train) * pq.ms for train in TRAINS],
    "2-D quantity": np.array(TRAINS) * pq.s / 1000, "ranges": [range(5, 7), range(7, 9)],
    "Neo": [neo.SpikeTrain(np.array(t) / 1000, units="s", t_stop=1.0) for t in TRAINS],
}  # fmt: skip


@every_backend
@pytest.mark.parametrize("form", [*TRAIN_FORMS, "generator"])
def test_spike_times_of_each_source(backend, form):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)

    def given():
        return (list(t) for t in TRAINS) if form == "generator" else TRAIN_FORMS[form]

    made = sim.Population(2, sim.SpikeSourceArray(spike_times=given()))
    later, part = (
        sim.Population(2, sim.SpikeSourceArray()),
        sim.Population(3, sim.SpikeSourceArray()),
    )
    later.set(spike_times=given())
    part[[0, 2]].set(spike_times=given())
    for sources in (made, later, part):
        sources.record("spikes")
    sim.run(20.0)
    for sources, wanted in ((made, TRAINS), (later, TRAINS), (part, [TRAINS[0], [], TRAINS[1]])):
        trains = sources.get_data().segments[0].spiketrains
        assert [train.magnitude.tolist() for train in trains] == wanted


@every_backend
def test_spike_times_of_all_sources(backend):
    sim = backends.load(backend)
    train = neo.SpikeTrain([5.0, 6.0], units="ms", t_stop=9.0)
    forms = (np.array([5.0, 6.0]) * pq.ms, (t for t in (5.0, 6.0)), range(5, 7), pd.Series([5, 6]),
             [5 * pq.ms, 6 * pq.ms], train)  # fmt: skip
    for form in forms:
        sim.setup(timestep=0.1)
        sources = sim.Population(2, sim.SpikeSourceArray(spike_times=form))
        sources.record("spikes")
        sim.run(20.0)
        trains = sources.get_data().segments[0].spiketrains
        assert [train.magnitude.tolist() for train in trains] == [[5.0, 6.0], [5.0, 6.0]]


@every_backend
def test_recorded_spikes_are_played_again(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    sources = sim.Population(3, sim.SpikeSourcePoisson(rate=200.0))
    sources.record("spikes")
    sim.run(50.0)
    heard = sources.get_data().segments[0].spiketrains
    sim.setup(timestep=0.1)
    again = sim.Population(3, sim.SpikeSourceArray(spike_times=heard))
    again.record("spikes")
    sim.run(50.0)
    for one, two in zip(heard, again.get_data().segments[0].spiketrains, strict=True):
        assert len(one) > 0 and one.magnitude.tolist() == two.magnitude.tolist()
