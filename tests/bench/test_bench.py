"""Benchmarks at tiny sizes: the codes measure the same thing, and the table says so."""

import json

import numpy as np
import pytest

from pipelines import backends
from pipelines.bench.compared_codes import NATIVE, OURS, STOCK
from pipelines.bench.comparison import Comparison, compare_networks
from pipelines.bench.measured_network import Network
from pipelines.bench.measurement import Task, measure_network, run_in_own_process
from pipelines.bench.peak_memory import PeakMemory
from pipelines.bench.result_table import comparison_notes, comparison_rows
from pipelines.bench.spike_collection import CollectTask
from pipelines.bench.spike_collection import measure_collection as collect
from pipelines.errors import BadInput, CounterpointError

pytestmark = pytest.mark.usefixtures("interpreted")

TINY = Network(neurons=60, synapses=700)
TINY_PLASTIC = Network(neurons=60, synapses=700, plastic=True)


@pytest.mark.parametrize("network", [TINY, TINY_PLASTIC], ids=["static", "plastic"])
@pytest.mark.parametrize("backend", backends.default_names())
def test_hand_written_code_and_ours_give_the_same_spikes(backend, network):
    found = [
        measure_network(Task("run", backend, code, network, duration=90.0))
        for code in (OURS, NATIVE)
    ]
    assert found[0].n_spikes > 100
    assert found[0].spikes_sha256 == found[1].spikes_sha256
    assert all(one.build_s > 0 and one.run_s > 0 and one.peak_mb >= 0 for one in found)


def test_the_pairs_are_those_of_pynns_connector():
    sim = backends.load("nest")
    TINY.build(sim)
    drawn = [(source, target) for _, _, _, source, target in TINY.edges()]
    for projection, (source, target) in zip(sim.registry.projections, drawn, strict=True):
        made = projection.read(["presynaptic_index", "postsynaptic_index"])
        assert sorted(zip(*made.values(), strict=True)) == sorted(zip(source, target, strict=True))
    sim.end()


def test_the_network_has_the_size_that_was_asked_for():
    network = Network(neurons=500, synapses=25_000)
    n_synapses = sum(len(source) for *_, source, _ in network.edges())
    # Five standard deviations of a binomial distribution.
    assert abs(n_synapses - 25_000) < 5 * np.sqrt(25_000 * 0.9)
    assert network.sizes == {"exc": 400, "inh": 100}


@pytest.mark.parametrize(("neurons", "synapses"), [(5, 10), (100, 10_001), (100, 0)])
def test_a_network_that_cannot_be(neurons, synapses):
    with pytest.raises(BadInput, match="allowed: "):
        Network(neurons, synapses)


@pytest.mark.parametrize("backend", backends.default_names())
def test_all_codes_collect_the_same_recording(backend):
    ours, native = (
        collect(CollectTask(backend, code, neurons=20, n_spikes=2000)) for code in (OURS, NATIVE)
    )
    assert ours.n_spikes >= 2000
    assert ours.n_spikes == native.n_spikes
    assert ours.arrays_mb == pytest.approx(16e-6 * ours.n_spikes, abs=0.1)
    assert collect(CollectTask(backend, STOCK, neurons=20, n_spikes=2000)).n_spikes >= 2000


def test_stock_is_measured_on_a_smaller_network():
    lines: list[str] = []
    large, small = compare_networks("build", "nest", TINY, stock_synapses=175, report=lines.append)
    assert set(large.seconds) == {OURS, NATIVE}
    assert set(small.seconds) == {OURS, NATIVE, STOCK}
    assert (small.size["neurons"], small.size["synapses"]) == (30, 175)
    assert small.same_spikes == {NATIVE: True, STOCK: True}
    assert len(lines) == 5
    assert any("smaller network" in line for line in comparison_notes([large, small]))


def _comparison(**changes):
    return Comparison(
        **{
            "question": "run",
            "backend": "nest",
            "size": {"neurons": 5000, "synapses": 2_500_000, "plastic": True, "duration_ms": 500.0},
            "seconds": {NATIVE: 2.0, OURS: 3.0, STOCK: 30.0},
            "memory_mb": {NATIVE: 300.0, OURS: 400.0, STOCK: 500.0},
            "n_spikes": {NATIVE: 1234, OURS: 1234, STOCK: 1300},
            "same_spikes": {NATIVE: True, STOCK: False},
        }
        | changes
    )  # fmt: skip


def test_the_columns_of_the_table():
    headings, with_stock, without = comparison_rows(
        [_comparison(), _comparison(seconds={NATIVE: 2, OURS: 3})]
    )
    assert dict(zip(headings, with_stock, strict=True)) == {
        "backend": "nest",
        "neurons": "5,000",
        "synapses": "2,500,000",
        "kind": "plastic",
        "simulated": "500 ms",
        "hand-written": "2 s",
        "ours": "3 s",
        "stock": "30 s",
        "ours / hand-written": "1.50",
        "stock / ours": "10.0",
        "memory of ours": "400 MB",
        "spikes": "1,234, the same in hand-written; others in stock 1,300",
    }
    assert without[headings.index("stock")] == without[headings.index("stock / ours")] == "-"


def test_ratios_in_json():
    found = json.loads(json.dumps(_comparison().as_json()))
    assert found["ours_to_hand_written"] == 1.5
    assert found["stock_to_ours"] == 10.0
    assert found["seconds"] == {NATIVE: 2.0, OURS: 3.0, STOCK: 30.0}


def test_a_measurement_that_fails_names_the_code_and_why():
    task = Task("build", "nest", OURS, TINY)
    with pytest.raises(CounterpointError, match="ours on nest: ZeroDivisionError: division"):
        run_in_own_process(_fail, task)


def _fail(task):
    return 1 / 0


def test_peak_memory_is_what_was_taken_and_released():
    peak = PeakMemory()
    taken = np.ones(20_000_000)
    del taken
    assert 150 < peak.mb() < 250
