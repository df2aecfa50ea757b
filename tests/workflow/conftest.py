"""A small project in a temporary folder, and a way to run the workflow on it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]

EXPERIMENT = '''
"""A neuron that is driven."""

import time
from dataclasses import dataclass

from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    """Drive and length."""

    i_offset: float = parameter(0.5, "nA", "injected current")
    pause: float = parameter(0.0, "1", "seconds that building takes")
    duration: float = parameter(50.0, "ms", "simulated time", above=0)


def build(sim, parameters, seed):
    """Two cells."""
    time.sleep(parameters.pause)
    cell = sim.IF_curr_exp(i_offset=parameters.i_offset)
    return {"neurons": sim.Population(2, cell, initial_values={"v": -65.0}, label="neurons")}
'''

SWEEP = """
record:
  populations:
    neurons: [spikes]
profiles:
  quick:
    backends: [nest]
    grid:
      i_offset: [0.5, 1.0]
  both:
    backends: [nest, brian2]
    grid:
      i_offset: [0.5, 1.0]
  slow:
    backends: [nest]
    parameters: {pause: 0.4}
    grid:
      i_offset: {linspace: [0.5, 1.0, 8]}
"""

# In the place of the two cells: something for every table.
WIRED = """
    neurons = sim.Population(2, cell, initial_values={"v": -65.0}, label="neurons")
    rng = sim.NumpyRNG(seed=seed)
    weight = sim.RandomDistribution("uniform", low=0.1, high=0.5, rng=rng)
    synapse = sim.StaticSynapse(weight=weight, delay=1.0)
    wires = sim.Projection(neurons, neurons, sim.AllToAllConnector(), synapse)
    return {"neurons": neurons, "wires": wires}
"""

# What may differ between two executions of one sweep; a log is that of a shard.
OF_THE_EXECUTION = [
    *("compile_s", "build_s", "simulate_s", "collect_s", "wall_s", "peak_rss_mb"),
    *("host", "log", "mpi_processes", "started_utc"),
]

FIGURE = '''
"""Number of spikes."""

from matplotlib.figure import Figure

CAPTION = "Number of spikes of each run."


def draw(tables, swept):
    """One bar a run."""
    figure = Figure()
    axes = figure.add_subplot()
    axes.bar(range(len(tables.runs)), tables.metrics.query("metric == 'n_spikes'")["value"])
    return figure
'''


@dataclass(frozen=True)
class Project:
    """A folder with experiments, and the workflow of this project for it."""

    folder: Path

    def add(self, name: str) -> Path:
        """Make an experiment, with one figure of its own."""
        folder = self.folder / "experiments" / name
        (folder / "figures").mkdir(parents=True)
        (folder / "experiment.py").write_text(EXPERIMENT)
        (folder / "sweep.yaml").write_text(SWEEP)
        (folder / "figures" / "bars.py").write_text(FIGURE)
        return folder

    def add_wired(self, profile: str = "") -> None:
        """Make the experiment `tiny`, which has something in every table.

        Its profile `both` gets `profile`, lines of the sweep's file.
        """
        folder = self.add("tiny")
        code, _, _ = EXPERIMENT.rpartition("\n    return ")
        (folder / "experiment.py").write_text(code + WIRED)
        sweep = "experiments/tiny/sweep.yaml"
        self.edit(sweep, "neurons: [spikes]", "neurons: [spikes, v]\n  projections: [wires]")
        self.edit(sweep, "  both:\n", f"  both:\n{profile}")

    def same_tables(self, other: Project) -> None:
        """Assert that `tiny` has the same tables in this project as in another, and no failure."""
        ours, theirs = (where.path("results/tiny") for where in (self, other))
        for table in ("spikes", "weights", "signals", "metrics", "comparisons", "verdicts"):
            file = f"{table}.parquet"
            assert len(pd.read_parquet(ours / file)) > 0, table
            assert (ours / file).read_bytes() == (theirs / file).read_bytes(), table
        runs, others = (
            pd.read_parquet(folder / "runs.parquet").drop(columns=OF_THE_EXECUTION)
            for folder in (ours, theirs)
        )
        assert set(runs["status"]) == {"done"}
        pd.testing.assert_frame_equal(runs, others)

    def path(self, name: str) -> Path:
        """A file of the project."""
        return self.folder / name

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text in a file."""
        path = self.path(name)
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start snakemake here, as in `snakemake --cores 2 ARGUMENTS`; another number may follow.

        The conformance suite, which takes a minute, is left out unless a setting asks for it.
        """
        if not any(argument.startswith("conformance=") for argument in arguments):
            at = arguments.index("--config") + 1 if "--config" in arguments else len(arguments)
            option = [] if "--config" in arguments else ["--config"]
            arguments = (*arguments[:at], *option, "conformance=false", *arguments[at:])
        command = [sys.executable, "-m", "snakemake", "--cores", "2"]
        snakefile = ["--snakefile", str(ROOT / "workflow" / "Snakefile")]
        environment = {k: v for k, v in os.environ.items() if k != "COUNTERPOINT_ROOT"}
        return subprocess.Popen(
            [*command, *snakefile, *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def snakemake(self, *arguments: str, fails: bool = False) -> str:
        """Run snakemake here to its end; return what it said."""
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=1500)
        assert (process.returncode != 0) == fails, said
        return said

    def wait_for_runs(
        self, process: subprocess.Popen[str], name: str, n: int, within_s: int = 30
    ) -> None:
        """Wait until a snakemake that was started has stored `n` runs of an experiment."""
        for _ in range(20 * within_s):
            if len(self.stamps(f"{name}/runs/*.zip")) >= n:
                return
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.05)
        raise AssertionError(f"{n} runs were not done within {within_s} s")

    def stamps(self, *patterns: str) -> dict[str, tuple[int, int]]:
        """Inode and time of files below results/, all by default."""
        results = self.folder / "results"
        found = [path for pattern in patterns or ("**/*",) for path in results.glob(pattern)]
        return {
            path.relative_to(results).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
            for path in found
            if path.is_file()
        }


@pytest.fixture(scope="session")
def new_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Project]:
    """A function that gives one more project without experiments."""

    def new() -> Project:
        folder = tmp_path_factory.mktemp("project")
        (folder / "experiments").mkdir()
        return Project(folder)

    return new


@pytest.fixture
def empty_project(new_project: Callable[[], Project]) -> Project:
    """A project without experiments."""
    return new_project()


@pytest.fixture(scope="session")
def project(new_project: Callable[[], Project]) -> Project:
    """A project of two experiments, `one` and `two`, carried out once on NEST."""
    made = new_project()
    made.add("one")
    made.add("two")
    made.snakemake()
    return made
