"""Times to the first step: what is compared is one network, from an empty cache on."""

import os
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from pipelines import backends
from pipelines.bench import first_step
from pipelines.bench.compared_codes import NATIVE, OURS, available_codes
from pipelines.bench.first_step import (
    FirstStepMeasurement,
    FirstStepTask,
    compare_first_steps,
    measure_first_step,
    measure_in_processes,
)
from pipelines.bench.measurement import run_in_own_process
from pipelines.bench.projection_grid import ProjectionGrid
from pipelines.bench.result_table import first_step_rows
from pipelines.errors import BadInput

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("number", [1, 10])
@pytest.mark.parametrize("backend", backends.default_names())
def test_all_codes_simulate_the_same_network(backend, number):
    found = [
        measure_first_step(FirstStepTask(backend, code, ProjectionGrid(number)))
        for code in (OURS, *available_codes(backend))
    ]
    assert found[0].n_spikes > 50
    assert len({one.spikes_sha256 for one in found}) == 1
    assert all(one.seconds > 0 for one in found)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("backend", backends.default_names())
def test_projections_do_something(backend):
    few, many = (
        measure_first_step(FirstStepTask(backend, OURS, ProjectionGrid(number))).spikes_sha256
        for number in (1, 64)
    )
    assert few != many


def test_the_edges_of_the_grid():
    pairs = [(pre, post) for pre, post, _, _ in ProjectionGrid(64).edges()]
    assert len(set(pairs)) == 64
    assert pairs * 2 == [(pre, post) for pre, post, _, _ in ProjectionGrid(128).edges()]
    for number in range(1, 70):
        used = {k for pre, post, _, _ in ProjectionGrid(number).edges() for k in (pre, post)}
        assert used == set(range(ProjectionGrid(number).populations))
    assert (ProjectionGrid(1).populations, ProjectionGrid(64).populations) == (2, 8)
    with pytest.raises(BadInput, match="1 and more"):
        ProjectionGrid(0)


def test_processes_share_a_cache_that_is_empty_at_first(monkeypatch):
    seeds, before = [], []

    def process(work, task, environment):
        folder = Path(environment["CYTHON_CACHE_DIR"])
        seeds.append(environment["PYTHONHASHSEED"])
        before.append(len(list(folder.iterdir())))
        for k in range(2):
            (folder / f"module_{len(seeds)}_{k}{EXTENSION_SUFFIXES[0]}").touch()
        (folder / f"module_{len(seeds)}.c").touch()
        return FirstStepMeasurement(1.0 / len(seeds), 0, "")

    monkeypatch.setattr(first_step, "run_in_own_process", process)
    found, modules = measure_in_processes(FirstStepTask("nest", OURS, ProjectionGrid(1)), 3)
    assert [one.seconds for one in found] == [1.0, 1 / 2, 1 / 3]
    assert (before, modules) == ([0, 3, 6], [2, 4, 6])
    assert len(set(seeds)) == 3


def test_brian2_compiles_into_the_folder_that_a_process_is_given(tmp_path):
    pytest.importorskip("brian2")
    task = FirstStepTask("brian2", OURS, ProjectionGrid(1))
    found = run_in_own_process(_cache, task, {"CYTHON_CACHE_DIR": str(tmp_path)})
    assert tmp_path in Path(found).parents
    assert os.environ.get("CYTHON_CACHE_DIR") != str(tmp_path)


def _cache(task):
    from brian2.codegen.runtime.cython_rt.extension_manager import get_cython_cache_dir

    return get_cython_cache_dir()


def test_ratios(monkeypatch):
    seconds = {(1, NATIVE): [4.0, 1.0], (1, OURS): [2.0, 2.0],
               (64, NATIVE): [8.0, 1.0], (64, OURS): [20.0, 4.0],
               (400, NATIVE): [8.0, 2.0], (400, OURS): [30.0, 6.0]}  # fmt: skip

    def measured(task, processes):
        digest = "other" if task == FirstStepTask("nest", NATIVE, ProjectionGrid(400)) else "same"
        of_task = seconds[task.network.projections, task.code]
        return [FirstStepMeasurement(one, 7, digest) for one in of_task], [3, 3]

    monkeypatch.setattr(first_step, "measure_in_processes", measured)
    found = compare_first_steps("nest", projections=[64, 400], processes=2)
    assert [(one.projections, one.code) for one in found] == list(seconds)
    assert found[-1].ratios == {
        "first_to_one": 15.0,
        "first_to_basis": 1.5,
        "last_to_basis": 1.5,
        "first_to_hand_written": 3.75,
        "last_to_hand_written": 3.0,
    }
    assert [one.same_spikes for one in found] == [True] * 4 + [False, True]
    headings, *rows = first_step_rows(found)
    assert dict(zip(headings, rows[3], strict=True)) == {
        "backend": "nest",
        "projections": "64",
        "code": "ours",
        "process 1": "20 s",
        "process 2": "4 s",
        "modules": "3, 3",
        "first / 1 projection": "10.00",
        "first / 64": "1.00",
        "last / 64": "1.00",
        "first / hand-written": "2.50",
        "last / hand-written": "4.00",
        "spikes": "7, the same",
    }
    assert rows[0][headings.index("first / hand-written")] == "-"
    assert rows[4][-1] == "7, others than ours"
