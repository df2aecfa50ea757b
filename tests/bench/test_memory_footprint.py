"""Memory of the microcircuit: its numbers, and that all codes build the same network."""

import math
from dataclasses import replace

import numpy as np
import pytest

from pipelines import backends
from pipelines.bench import memory_footprint, microcircuit
from pipelines.bench.compared_codes import NATIVE, OURS
from pipelines.bench.memory_footprint import (
    Footprint,
    FootprintTask,
    compare_footprints,
    discarding_class,
    measure_drawing,
    measure_footprint,
)
from pipelines.bench.microcircuit import Microcircuit
from pipelines.bench.result_table import footprint_rows
from pipelines.errors import BadInput

pytestmark = pytest.mark.slow

TINY = Microcircuit(scale=0.004)


def test_it_is_the_network_of_the_experiment():
    network = Microcircuit(scale=0.2)
    assert sum(network.sizes.values()) == pytest.approx(77_169 / 5, abs=4)
    assert network.synapses == pytest.approx(298.88e6 / 25, rel=1e-4)
    assert len(network.pathways()) == 55
    assert network.drive["L6E"] > network.drive["L23E"] > 0
    assert network.cell["tau_syn_E"] == network.cell["tau_syn_I"] == 0.5


def test_pairs_of_each_pathway_are_drawn_anew():
    first, second = ((one.pre, next(TINY.pairs(one))[0][:20]) for one in TINY.pathways()[:7:6])
    assert first[0] == second[0] and not np.array_equal(first[1], second[1])


def test_what_code_written_by_hand_draws():
    pathway = replace(Microcircuit(scale=0.1).pathways()[0], synapses=200_000)
    ((source, target),) = Microcircuit(scale=0.1).pairs(pathway)
    ((weight, delay),) = Microcircuit(scale=0.1).weights_and_delays(pathway)
    assert source.dtype == target.dtype == np.int32
    assert (source.min(), source.max()) == (target.min(), target.max()) == (0, 2067)
    # 87.8 pA to four digits; five standard errors.
    assert weight.mean() == pytest.approx(0.0878, abs=1e-5 + 5 * 0.00878 / math.sqrt(2e5))
    assert weight.std() == pytest.approx(0.00878, rel=5 / math.sqrt(4e5))
    steps = delay / 0.1
    assert np.allclose(steps, np.rint(steps)) and steps.min() == 1
    # A normal distribution with mean 1.5 and standard deviation 0.75, above 0.1.
    a = (0.1 - 1.5) / 0.75
    hazard = math.exp(-a * a / 2) / math.sqrt(2 * math.pi) / (0.5 * math.erfc(a / math.sqrt(2)))
    assert delay.mean() == pytest.approx(1.5 + 0.75 * hazard, abs=0.01)


def test_blocks_hold_all_synapses(monkeypatch):
    monkeypatch.setattr(microcircuit, "BLOCK", 100)
    pathway = replace(TINY.pathways()[0], synapses=250)
    assert [len(source) for source, _ in TINY.pairs(pathway)] == [100, 100, 50]
    assert [len(delay) for _, delay in TINY.weights_and_delays(pathway)] == [100, 100, 50]


@pytest.mark.parametrize("scale", [0.0, -1.0, 1.5, float("nan")])
def test_a_scale_that_cannot_be(scale):
    with pytest.raises(BadInput, match=r"0\.001 to 1"):
        Microcircuit(scale)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("code", [OURS, NATIVE])
def test_backends_give_the_same_spikes(code):
    nest, brian2 = (
        measure_footprint(FootprintTask(backend, code, TINY, duration=30.0))
        for backend in ("nest", "brian2")
    )
    assert nest.n_spikes > 100
    assert nest.spikes_sha256 == brian2.spikes_sha256
    assert min(nest.build_s, nest.first_step_s, nest.run_s) > 0


@pytest.mark.parametrize("code", [OURS, NATIVE])
def test_synapses_change_the_spikes(code):
    with_synapses, without = (
        measure_footprint(FootprintTask("nest", code, network, duration=30.0))
        for network in (TINY, replace(TINY, connected=False))
    )
    assert with_synapses.spikes_sha256 != without.spikes_sha256


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("backend", backends.default_names())
def test_drawing_makes_no_synapse(backend):
    sim = backends.load(backend)
    TINY.build(sim, discarding_class(sim.Projection))
    assert len(sim.registry.projections) == 55
    assert sum(len(projection) for projection in sim.registry.projections) == 0
    assert measure_drawing(FootprintTask(backend, OURS, TINY)) > 0


def test_drawing_takes_the_same_numbers():
    sim = backends.load("nest")
    states = []
    for projection in (sim.Projection, discarding_class(sim.Projection)):
        sim.setup()
        rng = sim.NumpyRNG(seed=4)
        weight = sim.RandomDistribution("normal", mu=1.0, sigma=0.1, rng=rng)
        cells = sim.Population(5, sim.IF_curr_exp())
        connector = sim.FixedTotalNumberConnector(40, rng=rng)
        projection(cells, cells, connector, sim.StaticSynapse(weight=weight))
        states.append(rng.rng.uniform())
    assert states[0] == states[1]


def _measured(seconds, peak_mb, digest="same"):
    return Footprint(seconds, 1.0, 2.0, peak_mb, 1234, digest)


def test_ratios_and_columns(monkeypatch):
    measured = {
        ("nest", NATIVE): _measured(1.0, 10.0),
        ("nest", OURS): _measured(3.0, 12.0),
        ("brian2", NATIVE): _measured(2.0, 11.0),
        ("brian2", OURS): _measured(4.0, 14.0, "others"),
    }

    def process(work, task):
        if work is measure_drawing:
            return 2.0
        found = measured[task.backend, task.code]
        return found if task.network.connected else replace(found, peak_mb=3.0)

    monkeypatch.setattr(memory_footprint, "run_in_own_process", process)
    found = compare_footprints(["nest", "brian2"], Microcircuit(0.01))
    assert [one.same_spikes for one in found] == [None, None, True, False]
    headings, *rows = footprint_rows(found)
    assert dict(zip(headings, rows[1], strict=True)) == {
        "backend": "nest",
        "code": "ours",
        "neurons": "771",
        "synapses": "29,885",
        "memory": "12 MB",
        "bytes a synapse": f"{12e6 / 29885:.1f}",
        "beyond cells": f"{9e6 / 29885:.1f}",
        "build": "3 s",
        "first step": "1 s",
        "draw": "2 s",
        "build / draw": "1.50",
        "ready / draw": "2.00",
        "run": "2 s for 100 ms",
        "spikes": "1,234",
    }
    assert rows[0][headings.index("build / draw")] == "-"
    assert [row[-1] for row in rows[2:]] == ["1,234, the same", "1,234, others"]
