"""A long task: the first difference is found, and what was killed goes on."""

import json
import signal
import subprocess
import sys
import time
import weakref
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.bench import spike_identity
from pipelines.bench.network_in_pieces import PieceTask, RecordedPiece, simulate_pieces
from pipelines.bench.plastic_network import PLASTIC, PlasticNetwork
from pipelines.bench.spike_identity import (
    IdentityTask,
    compare_identity,
    first_spike_difference,
    weight_difference,
)
from pipelines.cli import main
from pipelines.errors import BadInput, CounterpointError

pytestmark = pytest.mark.slow

NONE = np.zeros(0, dtype=np.int32)

# NEST under another name, and the same with other Poisson trains.
TWIN = '''
"""NEST by another name."""

from pipelines.backends.nest import *  # noqa: F403
from pipelines.backends.nest import registry  # noqa: F401
'''
ALTERED = (
    TWIN
    + """
from pipelines.backends.nest import setup as _setup


def setup(*arguments, rng_seed, **options):
    return _setup(*arguments, rng_seed=rng_seed + 1, **options)
"""
)
FAILING = (
    TWIN
    + """

def run(*arguments):
    raise ValueError("no more")
"""
)
DESCRIPTION = '''
"""What the library has to know of it."""

from pipelines.backends.protocol import Backend, Style

BACKEND = Backend(
    name="{name}", style=Style("{name}", "#117733", "*", (1.0, 2.0), 1.0, 1.5), position=40,
    packages=("PyNN", "numpy"),
)
'''


@pytest.fixture
def others(tmp_path, monkeypatch):
    """Backends that are made of NEST: `twin`, `altered` and `failing`."""
    for name, code in (("twin", TWIN), ("altered", ALTERED), ("failing", FAILING)):
        folder = tmp_path / "backends" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(code)
        (folder / "description.py").write_text(DESCRIPTION.format(name=name))
    monkeypatch.setenv(backends.VARIABLE, str(tmp_path / "backends"))


def test_a_plastic_network_on_all_backends(tmp_path):
    names = tuple(backends.names())
    task = IdentityTask(names, n_spikes=10_000, run_spikes=7_000, piece_ms=50.0, codegen="numpy")
    lines = []
    found = compare_identity(task, tmp_path, lines.append)
    assert found.difference is None
    answer = found.as_json()
    assert answer["n_spikes"] >= 10_000 and answer["weight_difference"] < 1e-11
    assert [run.seed for run in found.runs] == [1, 2]
    assert [run.n_spikes >= 7_000 for run in found.runs] == [True, False]
    n_synapses = sum(number * PlasticNetwork().sizes[post] for _, post, number, *_ in PLASTIC)
    pieces = sum(run.pieces for run in found.runs)
    assert answer["n_weights"] == pieces * n_synapses
    assert len(lines) == pieces and all(f"{name} " in lines[-1] for name in names)


def test_the_network_learns_and_its_seed_counts():
    first, last = (list(_some_pieces("nest", seed, 4)) for seed in (1, 2))
    assert first_spike_difference(first[0], last[0]) is not None
    for name, before in first[0].weights.items():
        after = first[-1].weights[name]
        assert np.mean(before != after) > 0.5, name
        assert np.ptp(after) > 0.01 * np.abs(after).max(), name


def _some_pieces(backend, seed, number):
    pieces = simulate_pieces(PieceTask(backend, PlasticNetwork(seed=seed), 50.0))
    return [next(pieces) for _ in range(number)]


def test_pieces_are_those_of_the_whole():
    pieces = _some_pieces("nest", 1, 2)
    sim = backends.load("nest")
    cells, _ = PlasticNetwork(seed=1).build(sim)
    sim.run(100.0)
    trains = [collect.spikes(cells[name]) for name in ("exc", "inh")]
    spikes = sorted(
        (round(10 * at), int(neuron) + 800 * k)
        for k, (neurons, times) in enumerate(trains)
        for neuron, at in zip(neurons, times, strict=True)
    )
    in_pieces = [
        pair
        for piece in pieces
        for pair in zip(piece.step.tolist(), piece.neuron.tolist(), strict=True)
    ]
    assert in_pieces == spikes and len(spikes) > 3000
    assert (
        PlasticNetwork().neuron_label(799) == "exc 799"
        and PlasticNetwork().neuron_label(800) == "inh 0"
    )


@pytest.mark.usefixtures("others")
def test_an_altered_backend_is_found_out_with_the_first_spike_that_differs(tmp_path, capfd):
    options = ("--backends", "nest", "altered", "--seed", "3", "--spikes", "1e4")
    where = ("--piece", "40", "--folder", str(tmp_path / "ledger"))
    assert main(["bench", "exact", *options, *where, "--json"]) == 1
    answer = json.loads(capfd.readouterr().out)
    spikes = {}
    for name in ("nest", "altered"):
        sim = backends.load(name)
        network = PlasticNetwork(seed=3)
        cells, _ = network.build(sim)
        sim.run(200.0)
        spikes[name] = {
            (round(10 * at), k, int(neuron))
            for k, cell in enumerate(("exc", "inh"))
            for neuron, at in zip(*collect.spikes(cells[cell]), strict=True)
        }
    step, k, neuron = min(spikes["nest"] ^ spikes["altered"])
    has, lacks = sorted(spikes, key=lambda name: (step, k, neuron) not in spikes[name])
    where_and_when = f"{('exc', 'inh')[k]} {neuron} spikes at {step / 10:.1f} ms"
    assert answer["difference"] == f"seed 3: {where_and_when} on {has}, not on {lacks}"
    before = [one for one in spikes["nest"] if one < (step, k, neuron)]
    assert answer["n_spikes"] == len(before) > 30
    # It is found again, not believed from the ledger; and told to people, too.
    assert main(["bench", "exact", *options, *where]) == 1
    assert f"first difference               {answer['difference']}" in capfd.readouterr().out


@pytest.mark.usefixtures("others")
def test_what_is_killed_goes_on(tmp_path):
    command = [
        sys.executable, "-m", "pipelines", "bench", "exact", "--backends", "nest", "twin",
        "--spikes", "8000", "--piece", "10", "--json", "--folder", str(tmp_path / "killed"),
    ]  # fmt: skip
    ledger, root = tmp_path / "killed" / "ledger.json", Path(__file__).parents[2]
    killed = subprocess.Popen(command, cwd=root, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while not ledger.exists():
        assert time.monotonic() < until and killed.poll() is None
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    (stopped,) = json.loads(ledger.read_text())["runs"]
    assert 0 < stopped["n_spikes"] < 8000 and not stopped["is_finished"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0
    said = f"seed 1: stopped after {stopped['n_spikes']:,} spikes, and begun again"
    first, *lines = done.stderr.splitlines()
    assert first == said
    answer = json.loads(done.stdout)
    assert answer["n_spikes"] >= 8000 and answer["difference"] is None
    assert answer["runs"][0]["pieces"] == len(lines) == answer["model_s"] * 100
    assert json.loads(ledger.read_text())["runs"] == answer["runs"]


@pytest.mark.usefixtures("others")
def test_a_backend_that_fails_is_named(tmp_path):
    with pytest.raises(CounterpointError, match="on failing: ValueError: no more"):
        compare_identity(IdentityTask(("nest", "failing"), n_spikes=10), tmp_path)


class Given:
    """Pieces that are made up: five spikes each, from a random network that all backends share."""

    alive: ClassVar[weakref.WeakSet] = weakref.WeakSet()
    most = 0
    started: ClassVar[Counter] = Counter()

    def __init__(self, task):
        self._task, self._number = task, 0
        self.started[task.backend, task.network.seed] += 1

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def next_piece(self):
        self._number += 1
        rng = np.random.default_rng([self._task.network.seed, self._number])
        step = np.sort(rng.integers(1, 100, 5)).astype(np.int32)
        piece = self.changed(
            RecordedPiece(step, np.arange(5, dtype=np.int32), {"p": rng.random(3)}, 7.0)
        )
        self.alive.add(piece)
        Given.most = max(self.most, len(self.alive))
        return piece

    def changed(self, piece):
        return piece


@pytest.fixture
def given(monkeypatch):
    monkeypatch.setattr(spike_identity, "PieceProcess", Given)
    monkeypatch.setattr(Given, "started", Counter())
    return IdentityTask(("nest", "brian2"), n_spikes=1000, run_spikes=300)


def test_pieces_are_let_go_of(given, tmp_path, monkeypatch):
    monkeypatch.setattr(Given, "most", 0)
    found = compare_identity(given, tmp_path)
    assert sum(run.pieces for run in found.runs) == 200
    assert [run.n_spikes for run in found.runs] == [300, 300, 300, 100]
    # Of both backends, the piece that is compared and the one before.
    assert Given.most <= 4


def test_finished_runs_are_not_repeated_and_more_spikes_follow(given, tmp_path):
    few = compare_identity(replace(given, n_spikes=600), tmp_path)
    more = compare_identity(given, tmp_path)
    assert more.runs[:2] == few.runs and len(more.runs) == 4
    assert set(Given.started.values()) == {1}
    with pytest.raises(BadInput, match="run_spikes was 300, and is 200"):
        compare_identity(replace(given, run_spikes=200), tmp_path)
    (tmp_path / "ledger.json").write_text("[]")
    with pytest.raises(BadInput, match="it is not a ledger"):
        compare_identity(given, tmp_path)


@pytest.mark.parametrize(
    ("size", "says"),
    [
        (1e-10, None),
        (1e-8, "weight 1 of p at 20000 ms"),
        (np.nan, "weight 1 of p at 20000 ms"),
    ],
)
def test_weights_are_compared_after_the_same_spikes(given, tmp_path, monkeypatch, size, says):
    def changed(self, piece):
        if self._task.backend == "brian2" and (self._task.network.seed, self._number) == (2, 2):
            piece.weights["p"][1] += size * piece.weights["p"].max()
        return piece

    monkeypatch.setattr(Given, "changed", changed)
    found = compare_identity(given, tmp_path)
    if says is None:
        assert found.difference is None and len(found.runs) == 4
        assert found.as_json()["weight_difference"] == pytest.approx(size, rel=1e-5)
    else:
        assert found.difference.startswith(f"seed 2: {says}")
        assert len(found.runs) == 2 and not found.runs[-1].is_finished
        assert found.as_json()["weight_difference"] > 1e-9


def _piece(*spikes):
    columns = np.array(spikes, dtype=np.int32).reshape(-1, 2).T
    return RecordedPiece(columns[0], columns[1], {}, 0.0)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([], [], None),
        ([(3, 1), (3, 2)], [(3, 1), (3, 2)], None),
        ([(3, 1), (4, 2)], [(3, 1)], (1, 4, 2, True)),
        ([(3, 1)], [(3, 1), (4, 2)], (1, 4, 2, False)),
        ([], [(4, 2)], (0, 4, 2, False)),
        # A step later, another cell of the same step, one spike too many in the middle.
        ([(3, 1), (4, 2)], [(3, 1), (5, 2)], (1, 4, 2, True)),
        ([(3, 1), (4, 3)], [(3, 1), (4, 2)], (1, 4, 2, False)),
        ([(3, 1), (3, 2), (9, 1)], [(3, 1), (9, 1)], (1, 3, 2, True)),
    ],
)
def test_the_first_spike_that_one_alone_has(one, other, expected):
    assert first_spike_difference(_piece(*one), _piece(*other)) == expected


def test_differences_of_weights():
    assert weight_difference(np.array([1.0, -4.0]), np.array([1.0, -5.0])) == (0.2, 1)
    assert weight_difference(np.zeros(2), np.zeros(2)) == (0.0, 0)
    assert weight_difference(np.array([1.0, np.nan]), np.ones(2)) == (np.inf, 1)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"backends": ("nest",)}, "--backends"),
        ({"backends": ("nest", "nest")}, "two different ones"),
        ({"n_spikes": 0}, "--spikes"),
        ({"run_spikes": 0}, "--run-spikes"),
        ({"piece_ms": 0.25}, "--piece"),
        ({"piece_ms": float("nan")}, "--piece"),
    ],
)
def test_bad_input(changes, part):
    with pytest.raises(BadInput, match=part):
        replace(IdentityTask(("nest", "brian2")), **changes)
