"""Sweeps under hardware: identities, tables, runs that do not fit, bad input."""

import json
import shutil

import pandas as pd
import pytest
import yaml

from pipelines import sweep
from pipelines.cli import main
from pipelines.errors import BadInput
from pipelines.execution.worker import run_shard
from pipelines.sweep import identity
from pipelines.sweep import runs as runs_module
from pipelines.sweep.plan_file import plan_path, read_plan, write_plan
from pipelines.tables.gather import gather
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import RECORDED
from tests.hardware.test_profile_files import SOURCES, number

EXPERIMENT = '''
"""Poisson trains drive a few neurons through plastic synapses."""
from dataclasses import dataclass

from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    rate: float = parameter(80.0, "Hz", "rate of an input", above=0)
    duration: float = parameter(60.0, "ms", "simulated time", above=0)


def build(sim, parameters, seed):
    rng = sim.NumpyRNG(seed=seed)
    inputs = sim.Population(20, sim.SpikeSourcePoisson(rate=parameters.rate), label="inputs")
    cell = sim.IF_curr_exp(cm=0.25, tau_refrac=2.0)
    cells = sim.Population(6, cell, initial_values={"v": -65.0}, label="cells")
    stdp = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.02, A_minus=0.02),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0),
        weight=sim.RandomDistribution("uniform", low=0.2, high=0.8, rng=rng),
        delay=1.0,
        dendritic_delay_fraction=1.0,
    )
    plastic = sim.Projection(inputs, cells, sim.FixedProbabilityConnector(0.7, rng=rng), stdp)
    return {"inputs": inputs, "cells": cells, "plastic": plastic}
'''
SWEEP = {
    "record": {
        "populations": {
            "inputs": ["spikes"],
            "cells": {"spikes": True, "signals": ["v"], "sampling_interval": 1},
        },
        "weights": {"plastic": "20 ms"},
    }
}
PROFILES = {
    "blank": {"constraints": {"synapse_loss": {"share": number(0)}, "delays": {}}},
    "lossy": {"constraints": {"synapse_loss": {"share": number(0.3)}}},
    "varied": {"constraints": {"trial_to_trial": {"weights": {
        "distribution": "lognormal", "cv": number(0.3)}}}},
    "small": {"capacity": {"neurons": number(4), "receptors_per_neuron": number(1)}},
    "fixed": {"constraints": {"plasticity": {"rules": []}}},
}  # fmt: skip
# What two carryings out of a run differ in.
TIMES = ["build_s", "simulate_s", "collect_s", "compile_s", "wall_s", "peak_rss_mb", "started_utc",
         "log", "host"]  # fmt: skip


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project with one experiment `toy`, which has hardware profiles of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COUNTERPOINT_ROOT", str(tmp_path))
    folder = tmp_path / "experiments" / "toy"
    (folder / "hardware").mkdir(parents=True)
    (folder / "experiment.py").write_text(EXPERIMENT)
    for name, parts in PROFILES.items():
        content = {"title": "T", "description": "D", "sources": SOURCES} | parts
        (folder / "hardware" / f"{name}.yaml").write_text(yaml.safe_dump(content))
    return tmp_path


def planned(root, **profile):
    """Plan of a profile of `toy`."""
    quick = {"backends": ["reference"]} | profile
    text = yaml.safe_dump(SWEEP | {"profiles": {"quick": quick}})
    (root / "experiments" / "toy" / "sweep.yaml").write_text(text)
    return sweep.plan("toy", "quick", root)


def carried_out(root, plan, name):
    """Carry out a plan, and gather its tables in a folder."""
    store = RunStore(root / name / "runs")
    for shard in sweep.shards(plan):
        run_shard(plan, shard, store, root / f"{name}.log")
    gather(plan, store, root / name)
    return root / name


def table(folder, name):
    return pd.read_parquet(folder / f"{name}.parquet")


def spikes_of(folder, run):
    spikes = table(folder, "spikes")
    return spikes[spikes["run_id"] == run.run_id].drop(columns="run_id").reset_index(drop=True)


# Identities.


def test_a_plan_without_constraints_is_that_without_the_key_to_the_last_byte(root):
    texts = []
    for profile in ({}, {"hardware": ["none"]}, {"hardware": ["none", "blank", "generic"]},
                    {"hardware": ["blank"], "hardware_ablation": True}):  # fmt: skip
        plan = planned(root, seeds=[1, 2], **profile)
        write_plan(plan, plan_path(root / "results", "toy"), {})
        texts.append(plan_path(root / "results", "toy").read_bytes())
        assert not plan.has_hardware and plan.swept == ()
    assert texts == texts[:1] * 4


def test_tables_without_constraints_are_those_without_the_key_to_the_last_byte(root):
    without = carried_out(root, planned(root), "without")
    for name, profile in (("none", ["none"]), ("blank", ["blank"])):
        folder = carried_out(root, planned(root, hardware=profile), name)
        assert {path.name for path in folder.glob("*.parquet")} == {
            path.name for path in without.glob("*.parquet")
        }
        for one in RECORDED:
            file = f"{one}.parquet"
            assert (folder / file).read_bytes() == (without / file).read_bytes()
        rows = [table(where, "runs").drop(columns=TIMES) for where in (folder, without)]
        pd.testing.assert_frame_equal(*rows)


def test_ideal_runs_beside_constrained_ones_are_the_same_runs(root):
    alone = planned(root, seeds=[1, 2])
    beside = planned(root, seeds=[1, 2], hardware=["lossy"], mismatch=[0.1, 0.3])
    ideal = [run for run in beside.runs if run.variant.is_ideal]
    assert [run.run_id for run in ideal] == [run.run_id for run in alone.runs]
    assert [run.point_id for run in ideal] == [run.point_id for run in alone.runs]
    every = [run.run_id for run in beside.runs]
    assert len(set(every)) == len(every) == 6
    # The point is the same on every backend.
    more = planned(root, seeds=[1], backends=["reference", "nest"], hardware=["lossy"])
    assert len({run.point_id for run in more.runs}) == 2 == len(more.runs) / 2


def identities(plan):
    ideal = {run.run_id for run in plan.runs if run.variant.is_ideal}
    return ideal, {run.run_id for run in plan.runs} - ideal


def test_only_constrained_runs_depend_on_the_code_of_chips_and_on_their_profile(root, monkeypatch):
    profile = {"hardware": ["lossy", "varied"]}
    before = identities(planned(root, **profile))
    path = root / "experiments" / "toy" / "hardware" / "lossy.yaml"
    # Words of a profile change nothing.
    path.write_text(path.read_text().replace("title: T", "title: Another title"))
    assert identities(planned(root, **profile)) == before
    path.write_text(path.read_text().replace("0.3", "0.4"))
    ideal, constrained = identities(planned(root, **profile))
    assert ideal == before[0] and len(constrained & before[1]) == 1
    path.write_text(path.read_text().replace("0.4", "0.3"))
    monkeypatch.setattr(runs_module, "hardware_code", lambda: "another one")
    ideal, constrained = identities(planned(root, **profile))
    assert ideal == before[0] and not constrained & before[1]


def test_profiles_of_the_library_are_no_code(root, tmp_path, monkeypatch):
    copy = tmp_path / "library" / "pipelines"
    shutil.copytree(identity.PACKAGE / "hardware", copy / "hardware")
    before = identity.hardware_code()
    monkeypatch.setattr(identity, "PACKAGE", copy)
    monkeypatch.setattr(identity, "LIBRARY", copy.parent)
    assert identity.hardware_code() == before
    (copy / "hardware" / "loihi1.yaml").unlink()
    assert identity.hardware_code() == before
    path = copy / "hardware" / "synapse_values.py"
    path.write_text(path.read_text().replace("floor(exact + 0.5)", "floor(exact + 0.4)"))
    assert identity.hardware_code() != before


def test_a_plan_is_read_as_it_was_written(root):
    plan = planned(root, hardware=["lossy", "small"], hardware_ablation=True, weight_bits=[2, 4])
    path = plan_path(root / "results", "toy")
    write_plan(plan, path, {})
    read = read_plan(path, root)
    assert [run.variant for run in read.runs] == [run.variant for run in plan.runs]
    assert [run.variant.active for run in read.runs] == [run.variant.active for run in plan.runs]
    assert read.swept == plan.swept == ("hardware", "constraints", "weight_bits")


# Results.


def test_the_same_seed_is_the_same_input_and_another_trial(root):
    plan = planned(root, seeds=[1, 2], hardware=["lossy", "varied"])
    folder = carried_out(root, plan, "results")
    by = {(run.variant.hardware, run.seed): run for run in plan.runs}
    for name in ("lossy", "varied"):
        for seed in (1, 2):
            ideal, chip = (spikes_of(folder, by[which, seed]) for which in ("none", name))
            inputs = [one[one["population"] == "inputs"] for one in (ideal, chip)]
            pd.testing.assert_frame_equal(*(one.reset_index(drop=True) for one in inputs))
            cells = [one[one["population"] == "cells"] for one in (ideal, chip)]
            assert not cells[0].reset_index(drop=True).equals(cells[1].reset_index(drop=True))
    runs = table(folder, "runs").set_index("run_id")
    assert runs["status"].eq("done").all()
    assert runs.loc[by["lossy", 1].run_id, ["hardware", "constraints"]].tolist() == ["lossy", "all"]
    mapping = table(folder, "mapping")
    assert set(mapping["run_id"]) == {run.run_id for run in plan.runs if not run.variant.is_ideal}
    # In order of runs, then constraint, target, quantity.
    order = {run.run_id: k for k, run in enumerate(plan.runs)}
    keys = [(order[r], c, t, q) for r, c, t, q in
            mapping[["run_id", "constraint", "target", "quantity"]].to_numpy()]  # fmt: skip
    assert keys == sorted(keys)
    lost = mapping[mapping["constraint"] == "synapse_loss"].set_index("run_id")
    assert lost["target"].eq("plastic").all() and len(lost) == 2
    weights = table(folder, "weights")
    for run_id, row in lost.iterrows():
        last = weights[(weights["run_id"] == run_id) & (weights["time_ms"] == 60.0)]
        assert row["realised"] == len(last) < row["asked"]


def test_a_network_that_does_not_fit_is_a_result_and_the_sweep_goes_on(root):
    plan = planned(root, hardware=["small", "fixed", "lossy"])
    folder = carried_out(root, plan, "results")
    runs = table(folder, "runs").set_index("hardware")
    assert runs["status"].to_dict() == {
        "none": "done", "small": "unfit", "fixed": "unfit", "lossy": "done",
    }  # fmt: skip
    assert runs.loc["small", "error"] == "6 neurons where the chip has 4 (1.5 times)"
    plastic = "projection 'inputs→cells' has SpikePairRule, where the chip has no plasticity"
    assert runs.loc["fixed", "error"] == plastic
    mapping = table(folder, "mapping")
    rows = mapping[mapping["run_id"] == runs.loc["small", "run_id"]]
    assert rows.set_index("quantity")[["asked", "realised"]].to_dict("index") == {
        "neurons": {"asked": 6.0, "realised": 4.0},
        "receptors_per_neuron": {"asked": 1.0, "realised": 1.0},
    }
    for name in RECORDED:
        assert not set(table(folder, name)["run_id"]) & set(runs.loc[["small", "fixed"], "run_id"])
    # The second time nothing is carried out again.
    store = RunStore(folder / "runs")
    (shard,) = sweep.shards(plan)
    summary = run_shard(plan, shard, store, root / "again.log")
    assert summary.failed == ()


# The command.


def counterpoint(capfd, *words):
    try:
        code = main(words)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, *capfd.readouterr()


def test_a_run_that_does_not_fit_is_one_line_and_no_error(root, capfd):
    planned(root)
    words = ("run", "toy", "--hardware", "small")
    code, out, err = counterpoint(capfd, *words)
    assert code == 0 and err == ""
    line = "reference: does not fit small: 6 neurons where the chip has 4 (1.5 times)"
    assert line in out.splitlines() and "hardware small" in out.splitlines()[0]
    code, out, _ = counterpoint(capfd, *words, "--json")
    (run,) = json.loads(out)["runs"]
    assert code == 0 and run["status"] == "unfit"


def test_a_run_on_a_chip(root, capfd):
    planned(root)
    code, out, _ = counterpoint(capfd, "run", "toy", "--hardware", "lossy")
    assert code == 0 and "hardware lossy" in out and "reference: done in" in out
    of_sweep = planned(root, hardware=["lossy"]).runs[1].run_id
    assert of_sweep in RunStore(root / "results" / "toy" / "runs").ids()


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ({"hardware": ["lossey"]}, "no hardware profile 'lossey'; allowed: none, "),
        ({"hardware": []}, "profiles.quick.hardware is empty; allowed: at least one entry"),
        ({"hardware": ["lossy", "lossy"]}, "profiles.quick.hardware: a hardware profile is there"),
        ({"weight_bits": [0]}, "weight_bits[0]: 0 is not accepted; allowed: at least 1"),
        ({"weight_bits": [2.5]}, "weight_bits[0]: 2.5 is not accepted; allowed: a whole number"),
        ({"weight_bits": [4, 4]}, "a value of weight_bits is there twice"),
        ({"mismatch": [-1]}, "mismatch[0]: -1 is not accepted; allowed: at least 0"),
        ({"mismatch": [float("nan")]}, "mismatch[0]: nan is not accepted"),
        ({"hardware": ["lossy"], "backends": ["stock_nest"]},
         "hardware: the backend 'stock_nest' is PyNN's unmodified module, which cannot be put on a"
         " chip; allowed: nest"),
        ({"hardware": ["lossy"], "backends": ["nest"], "mpi": 2},
         "hardware: together with mpi: 2; allowed: mpi: 1"),
        ({"mismatch": [0.1], "backends": ["nest"], "mpi": 2}, "together with mpi: 2"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(root, profile, said):
    with pytest.raises(BadInput) as caught:
        planned(root, **profile)
    message = str(caught.value).replace(": is empty", " is empty")
    assert said in message and "\n" not in message


def test_the_ideal_network_may_run_on_stock_backends_and_in_processes(root):
    for profile in ({"backends": ["stock_nest"]}, {"backends": ["nest"], "mpi": 2}):
        assert planned(root, hardware=["none", "blank"], **profile).runs


def test_bad_hardware_of_the_command(root, capfd):
    planned(root)
    for words, said in (
        (("--hardware", "lossey"), "did you mean 'lossy'?"),
        (("--hardware", "lossy", "--backend", "stock_nest"), "cannot be put on a chip"),
    ):
        code, out, err = counterpoint(capfd, "run", "toy", *words)
        assert code == 2 and out == "" and said in err and err.count("\n") == 1
    assert not (root / "results").exists()


def test_a_damaged_profile_that_no_sweep_uses_is_no_matter(root):
    path = root / "experiments" / "toy" / "hardware" / "damaged.yaml"
    path.write_text("constraints: [")
    assert planned(root, hardware=["lossy"]).has_hardware
    with pytest.raises(BadInput, match=r"toy/hardware/damaged\.yaml"):
        planned(root, hardware=["damaged"])
    path.rename(path.with_name("none.yaml"))
    with pytest.raises(BadInput, match="'none' is the ideal network"):
        planned(root, hardware=["lossy"])
