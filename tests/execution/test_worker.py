"""A shard on real backends: results do not depend on priming or order, failures cost one run."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from pipelines import sweep
from pipelines.backends import names, threads_of
from pipelines.errors import CounterpointError
from pipelines.execution.progress import Progress
from pipelines.execution.worker import run_shard
from pipelines.tables.gather import gather
from pipelines.tables.reader import Tables
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import RECORDED
from pipelines.tables.shard_manifests import manifest_path
from tests.execution.conftest import SWEEP

GRID = "grid: {i_offset: [0.5, 0.0, 0.7]}"


def whole(plan: sweep.Plan, runs=None) -> sweep.Shard:
    """All runs of a plan, or those given, as one shard."""
    return sweep.Shard("shard", plan.runs[0].backend, tuple(runs or plan.runs))


def recorded(store: RunStore, run: sweep.Run) -> dict[str, bytes | None]:
    return {name: store.read_table_bytes(run.run_id, name) for name in RECORDED}


@pytest.mark.parametrize("backend", names())
def test_results_depend_on_neither_priming_nor_order(project, backend, capfd):
    plan = project.plan(backend, GRID)
    log = project.root / "logs" / "shard.log"
    # Primed by the first point, primed by the last, and a process that did nothing before.
    first = project.store("first")
    summary = run_shard(plan, whole(plan), first, log)
    assert summary.done == tuple(run.run_id for run in plan.runs) and summary.failed == ()
    last = project.store("last")
    run_shard(plan, whole(plan, plan.runs[::-1]), last, log)
    cold = project.store("cold")
    run_shard(plan, whole(plan, plan.runs[2:]), cold, log, warm=False)
    for run in plan.runs:
        assert recorded(first, run) == recorded(last, run)
    assert recorded(first, plan.runs[2]) == recorded(cold, plan.runs[2])
    for name in ("first", "last"):
        gather(plan, project.store(name), project.root / name)
    for name in RECORDED:
        file = f"{name}.parquet"
        one, two = (project.root / folder / file for folder in ("first", "last"))
        assert one.read_bytes() == two.read_bytes()
    check_content(plan, Tables(project.root / "first"), backend)
    # All that libraries and experiments print is in the log, and nowhere else.
    assert capfd.readouterr() == ("", "")
    assert "words of the experiment" in log.read_text()
    assert "words of another process" in log.read_text()
    assert f"== run {plan.runs[0].run_id} on {backend}, seed 1" in log.read_text()


def check_content(plan: sweep.Plan, tables: Tables, backend: str) -> None:
    runs = tables.runs
    assert runs["status"].tolist() == ["done"] * 3
    assert runs["i_offset"].tolist() == [0.5, 0.0, 0.7]
    assert (runs[["build_s", "simulate_s", "peak_rss_mb"]] > 0).all().all()
    assert json.loads(runs["population_sizes"][0]) == {"neurons": 2}
    assert json.loads(runs["cell_types"][0])["neurons"] == ["IF_curr_exp"]
    # The source is not among what the experiment returns.
    assert json.loads(runs["projections"][0]) == {
        "plastic": {
            "pre": "", "post": "neurons", "receptor": "excitatory", "synapse": "STDPMechanism",
            "plastic": True,
        }
    }  # fmt: skip
    assert "PyNN" in json.loads(runs["versions"][0])
    assert re.fullmatch("[0-9a-f]{64}", runs["connectivity_sha256"][0])
    driven = tables.spikes[tables.spikes["run_id"] == plan.runs[0].run_id]
    assert driven["population"].unique().tolist() == ["neurons"]
    assert driven["neuron"].value_counts().to_dict() == {0: len(driven) / 2, 1: len(driven) / 2}
    assert driven["time_ms"].is_monotonic_increasing and len(driven) > 0
    silent = tables.signals[tables.signals["run_id"] == plan.runs[1].run_id]
    assert silent.groupby("neuron").size().tolist() == [401, 401]
    assert silent["time_ms"].iloc[[0, 400]].tolist() == pytest.approx([0.0, 40.0])
    assert silent["value"].iloc[0] == -65.0
    weights = tables.weights[tables.weights["run_id"] == plan.runs[0].run_id]
    assert weights[["pre", "post"]].to_numpy().tolist() == [[0, 0], [0, 1]]
    assert weights["delay_ms"].tolist() == pytest.approx([1.0, 1.0])
    assert weights["time_ms"].tolist() == pytest.approx([40.0, 40.0])


@pytest.mark.parametrize("backend", names())
def test_priming_leaves_no_names_behind(project, backend):
    """Names are part of generated code and of the order of updates; see `priming`."""
    spy = textwrap.dedent(
        """
        def run(sim, network, parameters):
            import sys
            print("labels", network["neurons"].label)
            if "brian2" in sim.__name__:
                simulator = sys.modules["pyNN.brian2.simulator"]
                print("names", sorted(o.name for o in simulator.state.network.objects))
            sim.run(parameters.duration)
        """
    )
    project.write((project.folder / "experiment.py").read_text() + spy)
    plan = project.plan(backend, GRID)
    # Names of what earlier tests left to be collected; priming would free them.
    gc.collect()
    said = {}
    for warm in (True, False):
        log = project.root / f"{warm}.log"
        run_shard(plan, whole(plan, plan.runs[:2]), project.store(str(warm)), log, warm=warm)
        lines = log.read_text().splitlines()
        said[warm] = [line for line in lines if line.startswith(("labels", "names"))]
    assert said[True] == said[False]
    # One run like the other.
    half = len(said[True]) // 2
    assert said[True][:half] == said[True][half:] and half == (2 if backend == "brian2" else 1)


FAULTS = {
    "raise": "ValueError: no such network",
    "exit": "exited with code 3 before it gave a result",
    "sys.exit": "SystemExit: enough",
    "SIGKILL": "killed by signal 9 (SIGKILL), perhaps out of memory",
    "SIGSEGV": "killed by signal 11 (SIGSEGV)",
}


@pytest.mark.parametrize("backend", ["nest"])
def test_a_failure_costs_its_own_run(project, backend):
    # The first point, which is the one to prime with, takes the process down.
    faults = ["SIGSEGV", "none", "raise", "exit", "sys.exit", "SIGKILL"]
    plan = project.plan(backend, f"grid: {{fault: [{', '.join(faults)}]}}")
    store, stream, log = project.store(), io.StringIO(), project.root / "log"
    summary = run_shard(plan, whole(plan), store, log, Progress(plan, store, stream))
    assert len(summary.failed) == 5 and len(summary.done) == 1
    gather(plan, store, project.root)
    runs = Tables(project.root).runs
    for fault, status, error in zip(runs["fault"], runs["status"], runs["error"], strict=True):
        place = "experiments/tiny/experiment.py:" if "Error:" in error or "Exit:" in error else ""
        assert (status, error.startswith(place)) == ("failed" if error else "done", True)
        assert re.sub(r"^\S+\.py:\d+: ", "", error) == FAULTS.get(fault, "")
    assert 'raise ValueError("no such\\nnetwork")' in log.read_text()
    said = stream.getvalue().splitlines()
    assert sum("failed: nest, fault=" in line for line in said) == 5
    assert said[-1].startswith("tiny  1 of 6 runs done (nest 1/6), 5 failed")
    # Failed runs are results: they are not repeated unless that is asked for.
    again = run_shard(plan, whole(plan), store, log)
    assert len(again.reused) == 6
    retried = run_shard(plan, whole(plan), store, log, retry_failed=True)
    assert len(retried.reused) == 1 and len(retried.failed) == 5


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ("populations: {neuron: [spikes]}", "no population 'neuron'.*did you mean 'neurons'"),
        (
            "populations: {neurons: [vv]}",
            r"neurons: record: there is no variable 'vv'; allowed:.* v",
        ),
        ("projections: [plastik]", "no projection 'plastik'.*did you mean 'plastic'"),
        ("populations: {plastic: [spikes]}", "there is no population 'plastic'"),
    ],
)
def test_what_cannot_be_recorded_is_named(project, record, problem):
    # Where the code does not tell what `build` returns, only the run can.
    code = (project.folder / "experiment.py").read_text()
    project.write(code.replace("    return {", "    return dict() | {"))
    text = f"description: A test\nrecord:\n  {record}\nprofiles:\n"
    plan = project.plan("nest", "seeds: [1]", text)
    store = project.store()
    run_shard(plan, whole(plan), store)
    result = store.read_record(plan.runs[0].run_id)
    assert result["status"] == "failed" and re.search(problem, result["error"])


@pytest.mark.parametrize("backend", names())
def test_initial_weights_are_read_before_the_run_and_change_nothing_in_it(project, backend):
    without = project.plan(backend, "seeds: [1]")
    asked = SWEEP.replace("profiles:", "  initial_weights: [plastic]\nprofiles:")
    plan = project.plan(backend, "seeds: [1]", asked)
    assert plan.runs[0].run_id != without.runs[0].run_id
    store = project.store()
    for one in (without, plan):
        run_shard(one, whole(one), store)
    before, after = (
        {name: store.read_table(one.runs[0].run_id, name) for name in ("weights", "spikes")}
        for one in (without, plan)
    )
    weights = after["weights"].to_pandas()
    assert weights["time_ms"].tolist() == [0.0, 0.0, 40.0, 40.0]
    assert weights["weight"].tolist()[:2] == [0.5, 0.5]
    assert weights["weight"].tolist()[2:] == before["weights"]["weight"].to_pylist()
    assert after["spikes"]["time_ms"].equals(before["spikes"]["time_ms"])


def test_damaged_and_missing_runs_alone_are_repeated(project):
    plan = project.plan("nest", GRID)
    store = project.store()
    run_shard(plan, whole(plan), store)
    before = [recorded(store, run) for run in plan.runs]
    kept, damaged, missing = (store.path(run.run_id) for run in plan.runs)
    stamp = kept.stat().st_mtime_ns
    damaged.write_bytes(damaged.read_bytes()[:-7])
    missing.unlink()
    summary = run_shard(plan, whole(plan), store)
    assert summary.reused == (plan.runs[0].run_id,)
    assert kept.stat().st_mtime_ns == stamp
    assert [recorded(store, run) for run in plan.runs] == before


def test_nothing_to_do_starts_no_process(project, monkeypatch):
    plan = project.plan("nest", GRID)
    store = project.store()
    run_shard(plan, whole(plan), store)
    manifest = manifest_path(store, whole(plan))
    manifest.unlink()
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("forked"))
    run_shard(plan, whole(plan), store)
    assert set(json.loads(manifest.read_text())["runs"]) == {run.run_id for run in plan.runs}


def test_a_disk_that_takes_nothing_is_no_failed_run(project, monkeypatch):
    plan = project.plan("nest", "seeds: [1, 2]")
    store = project.store()

    def full(path, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(CounterpointError, match="cannot be written: No space left on device"):
        run_shard(plan, whole(plan), store)
    assert store.ids() == {} and not store.shards.exists()


def test_a_backend_that_cannot_be_imported(project, monkeypatch):
    def load(name):
        raise ImportError("libgsl is not there")

    monkeypatch.setattr("pipelines.backends.load", load)
    plan = project.plan("nest", "seeds: [1]")
    with pytest.raises(CounterpointError, match="nest cannot be imported: ImportError: libgsl"):
        run_shard(plan, whole(plan), project.store())


SCRIPT = """
import sys
from pathlib import Path
from pipelines import sweep
from pipelines.tables.run_store import RunStore
from pipelines.execution.worker import run_shard
root = Path(sys.argv[1])
plan = sweep.plan("tiny", "quick", root)
shard = sweep.Shard("shard", "nest", plan.runs)
run_shard(plan, shard, RunStore(root / "runs"), root / "log")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_interruption_ends_children_and_keeps_results(project, number):
    plan = project.plan("nest", "grid: {fault: [none, sleep]}")
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(project.root)], stderr=subprocess.PIPE
    )
    log = project.root / "log"
    wait_for(lambda: log.exists() and log.read_text().count("sleeping") == 1)
    processes = descendants(process.pid)
    assert len(processes) == 2
    process.send_signal(number)
    process.communicate(timeout=20)
    assert process.returncode not in (0, None)
    wait_for(lambda: not any(alive(each) for each in processes))
    store = project.store()
    assert store.ids() == {plan.runs[0].run_id: "done"}
    assert not manifest_path(store, whole(plan)).exists()
    # The same again repeats nothing that was done.
    project.write((project.folder / "experiment.py").read_text())
    summary = run_shard(plan, whole(plan, plan.runs[:1]), store)
    assert summary.reused == (plan.runs[0].run_id,)


def wait_for(condition, seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def alive(process: int) -> bool:
    with contextlib.suppress(OSError), open(f"/proc/{process}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def descendants(process: int) -> list[int]:
    with contextlib.suppress(OSError), open(f"/proc/{process}/task/{process}/children") as file:
        children = [int(text) for text in file.read().split()]
        return [*children, *(each for child in children for each in descendants(child))]
    return []


@pytest.mark.slow
@pytest.mark.parametrize("backend", names())
def test_threads_change_no_result(project, backend):
    one, two = (project.plan(backend, f"threads: {n}, {GRID}") for n in (1, 2))
    assert [run.run_id for run in one.runs] == [run.run_id for run in two.runs]
    stores = []
    for plan, name in ((one, "one"), (two, "two")):
        stores.append(project.store(name))
        assert run_shard(plan, whole(plan), stores[-1], None).failed == ()
    for run in one.runs:
        assert recorded(stores[0], run) == recorded(stores[1], run)
        used = [store.read_record(run.run_id)["threads"] for store in stores]
        assert used == [1, threads_of(backend, 2)]
