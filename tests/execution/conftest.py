"""A tiny experiment in a folder of its own, with points that go wrong in each possible way."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import sweep
from pipelines.tables.run_store import RunStore

EXPERIMENT = '''
"""Two neurons driven by spikes through a plastic synapse; `fault` says what goes wrong."""
import os, signal, sys, time
from dataclasses import dataclass
from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    i_offset: float = parameter(0.5, "nA", "constant current")
    fault: str = parameter("none", "", "what goes wrong")
    duration: float = parameter(40.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)
    min_delay: float = parameter(0.1, "ms", "shortest delay", above=0)


def build(sim, parameters, seed):
    if parameters.fault == "raise":
        raise ValueError("no such\\nnetwork")
    if parameters.fault == "exit":
        os._exit(3)
    if parameters.fault == "sys.exit":
        sys.exit("enough")
    if parameters.fault in ("SIGKILL", "SIGSEGV"):
        os.kill(os.getpid(), getattr(signal, parameters.fault))
    if parameters.fault == "sleep":
        print("sleeping", flush=True)
        time.sleep(60)
    # Chatter on every channel there is.
    print("words of the experiment")
    os.system("echo words of another process >&2")
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 15.0 + seed]), label="s")
    cells = sim.IF_curr_exp(i_offset=parameters.i_offset, cm=0.25, tau_refrac=2.0)
    neurons = sim.Population(2, cells, initial_values={"v": -65.0})
    stdp = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.01, A_minus=0.01),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0),
        weight=0.5,
        delay=1.0,
        dendritic_delay_fraction=1.0,
    )
    plastic = sim.Projection(source, neurons, sim.AllToAllConnector(), stdp)
    return {"neurons": neurons, "plastic": plastic}
'''

SWEEP = """
description: A test
record:
  populations:
    neurons: {spikes: true, signals: [v], sampling_interval: 0.1}
  projections: [plastic]
profiles:
"""


class Project:
    """A folder with one experiment named ``tiny``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "experiments" / "tiny"
        self.folder.mkdir(parents=True)
        self.write(EXPERIMENT)

    def write(self, experiment: str) -> None:
        (self.folder / "experiment.py").write_text(experiment)

    def plan(self, backend: str, profile: str, sweep_file: str = SWEEP) -> sweep.Plan:
        """Plan of a profile given as YAML in braces."""
        text = f"{sweep_file}  quick: {{backends: [{backend}], {profile}}}\n"
        (self.folder / "sweep.yaml").write_text(text)
        return sweep.plan("tiny", "quick", self.root)

    def store(self, name: str = "runs") -> RunStore:
        return RunStore(self.root / name)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
