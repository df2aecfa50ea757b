"""The ablation names the constraint that was made extreme, for each constraint, on real runs."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml

from pipelines.hardware.profile_model import Constraints

EXPERIMENT = '''
"""Neurons that differ in their drive, with inputs and plastic connections."""

from dataclasses import dataclass

from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    """Length and step."""

    duration: float = parameter(300.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)


def build(sim, parameters, seed):
    """Forty neurons with forty inputs."""
    rng = sim.NumpyRNG(seed=seed)
    drive = [0.03 * k for k in range(40)]
    cells = sim.Population(40, sim.IF_curr_exp(i_offset=drive), label="cells")
    times = [sorted(rng.next(20, "uniform", {"low": 1.0, "high": 299.0})) for _ in range(40)]
    inputs = sim.Population(40, sim.SpikeSourceArray(spike_times=times), label="inputs")
    weight = sim.RandomDistribution("exponential", beta=0.04, rng=rng)
    feeds = sim.Projection(inputs, cells, sim.AllToAllConnector(),
                           sim.StaticSynapse(weight=weight, delay=1.0), label="feeds")
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.01, A_minus=0.012),
        weight_dependence=sim.AdditiveWeightDependence(w_max=0.1), weight=0.02, delay=1.0,
        dendritic_delay_fraction=1.0,
    )
    loops = sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.2, rng=rng), rule,
                           label="loops")
    return {"cells": cells, "feeds": feeds, "loops": loops}
'''
SWEEP = """
record:
  populations:
    cells: [spikes]
profiles:
  quick:
    backends: [nest]
    seeds: {first: 1, count: 6}
    hardware_ablation: true
    hardware: [%s]
"""
LITTLE = {"trial_to_trial": {"cells": {"tau_m": {"distribution": "normal", "cv": 0.001}}}}
EXTREME = {
    "capacity": {"neurons": 10},
    "time_step": {"step_ms": 10.0},
    "weight_levels": {"bits": 1, "plastic": "at_times", "interval_ms": 50.0},
    "shared_parameters": {"neurons": 40, "parameters": "all"},
    "fixed_pattern": {"cells": {"tau_m": {"distribution": "lognormal", "cv": 1.0}}},
    "trial_to_trial": {"cells": {"tau_m": {"distribution": "lognormal", "cv": 1.0}}},
    "delays": {"common_ms": 250.0},
    "synapse_loss": {"share": 0.9},
    "fan_in": {"inputs": 1},
    "spike_loss": {"share": 0.9},
    "plasticity": {"rules": []},
}


def sourced(part):
    """Numbers of a profile with their source."""
    if isinstance(part, dict):
        return {name: sourced(value) for name, value in part.items()}
    if isinstance(part, int | float):
        return {"value": part, "source": "me", "certainty": "verified"}
    return part


def profile(name):
    """A chip with one extreme constraint, and another one that hardly matters."""
    little = LITTLE if name != "trial_to_trial" else {"fixed_pattern": LITTLE["trial_to_trial"]}
    constraints = {name: EXTREME[name], **little}
    capacity = constraints.pop("capacity", {})
    source = {"title": "t", "authors": "A. Person", "year": 2020, "published": "here"}
    return {
        "title": name, "description": "A chip.", "sources": {"me": source},
        "capacity": sourced(capacity), "constraints": sourced(constraints),
    }  # fmt: skip


@pytest.mark.slow
def test_the_extreme_constraint_is_named(empty_project):
    assert set(EXTREME) == {"capacity", *Constraints.model_fields}
    folder = empty_project.path("experiments/e")
    (folder / "hardware").mkdir(parents=True)
    (folder / "experiment.py").write_text(EXPERIMENT)
    (folder / "sweep.yaml").write_text(SWEEP % ", ".join(f"extreme_{name}" for name in EXTREME))
    for name in EXTREME:
        text = yaml.safe_dump(profile(name))
        (folder / "hardware" / f"extreme_{name}.yaml").write_text(text)
    empty_project.snakemake()
    verdicts = pd.read_parquet(empty_project.path("results/e/hardware_verdicts.parquet"))
    whole = verdicts[verdicts["constraints"] == "all"].set_index("hardware")
    named = whole["broken_by"].to_dict()
    said = "\n".join(f"{name}: {text}" for name, text in whole["evidence"].items())
    assert named == {f"extreme_{name}": name for name in EXTREME}, said
    assert "alone it moves the rate of cells from" in whole.loc["extreme_synapse_loss", "evidence"]
    assert whole.loc["extreme_plasticity", "verdict"] == "unfit"
