"""Commands that are interrupted while they work: one line, no traceback, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from pipelines.sweep import plan
from pipelines.workflow.interruption import RESUMED
from tests.workflow.conftest import EXPERIMENT, SWEEP
from tests.workflow.test_interruption import at_work, wait_for

AGAIN = "interrupted; the same command starts from the beginning"

# Waits once the runs of the fixture are stored.
WAITING = """    if "MARK" in os.environ:
        open(os.environ["MARK"], "w").close()
        time.sleep(60)
"""
SCRIPT = """
import os
import time

import pyNN.nest as sim

sim.setup()
sim.Population(1, sim.IF_curr_exp()).record("spikes")
sim.run(1.0)
open(os.environ["MARK"], "w").close()
time.sleep(60)
sim.end()
"""


@dataclass(frozen=True)
class Case:
    """A command, and when it is interrupted: once a file is there, or with so many processes."""

    command: str
    file: str = ""
    processes: int = 0
    says: str = AGAIN

    def is_at_work(self, folder: Path) -> bool:
        """Whether the command works on what it is interrupted in."""
        if self.file:
            return any(folder.rglob(self.file))
        return at_work(folder) >= self.processes


BENCH = "bench run --static --skip-stock --backend nest --neurons 20000 --synapses 20000000"
SWEEP_BENCH = "bench sweep --backend nest --skip-stock --runs 400 --sample 1 --points 0"
CASES = {
    "compare": Case("compare {runs}", file="mark"),
    "script": Case("script script.py --backends nest", file="mark"),
    "verify": Case("verify one", file="mark"),
    "export": Case("export many --to nix --output exported", file=".*.part.nix"),
    "validate-validator": Case("validate-validator cells --causes-only", processes=3),
    "bench": Case(BENCH, processes=2),
    "bench exact": Case("bench exact --folder exact", processes=4, says=RESUMED),
    "bench sweep": Case(SWEEP_BENCH, file="shards/*.claim"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project with two runs that differ, a script, and tables of many neurons."""
    root = tmp_path_factory.mktemp("project")
    experiment = root / "experiments" / "one"
    experiment.mkdir(parents=True)
    code = EXPERIMENT.replace("import time\n", "import os\nimport time\n")
    waiting = code.replace("    time.sleep(parameters.pause)\n", WAITING)
    assert "MARK" in waiting
    (experiment / "experiment.py").write_text(waiting)
    (experiment / "sweep.yaml").write_text(SWEEP)
    (root / "script.py").write_text(SCRIPT)
    (root / "many").mkdir()
    pd.DataFrame({"run_id": ["first"]}).to_parquet(root / "many" / "runs.parquet")
    spikes = {"run_id": "first", "population": "all", "neuron": range(5000), "time_ms": 1.0}
    pd.DataFrame(spikes).to_parquet(root / "many" / "spikes.parquet")
    (root / "temporary").mkdir()
    for current in ("0.5", "1.0"):
        command = ["run", "one", "--backend", "nest", "--set", f"i_offset={current}"]
        subprocess.run([sys.executable, "-m", "pipelines", *command], cwd=root, check=True)
    return root


@pytest.mark.parametrize(
    ("name", "number", "whole_group"),
    [
        ("compare", signal.SIGINT, True),
        ("script", signal.SIGTERM, False),
        ("verify", signal.SIGTERM, False),
        ("validate-validator", signal.SIGINT, True),
        ("bench exact", signal.SIGINT, True),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in (
                ("compare", signal.SIGTERM, False),
                ("script", signal.SIGINT, True),
                ("export", signal.SIGINT, False),
                ("validate-validator", signal.SIGTERM, False),
                ("bench", signal.SIGINT, True),
                ("bench sweep", signal.SIGINT, True),
                ("bench sweep", signal.SIGTERM, False),
            )
        ),
    ],
)
def test_an_interruption_is_one_line_and_leaves_nothing(
    folder, monkeypatch, name, number, whole_group
):
    monkeypatch.setenv("COUNTERPOINT_ROOT", str(folder))
    case = CASES[name]
    (folder / "mark").unlink(missing_ok=True)
    runs = " ".join(run.run_id for run in plan("one", "quick").runs)
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines", *case.command.format(runs=runs).split()],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | {"MARK": str(folder / "mark"), "TMPDIR": str(folder / "temporary")},
        start_new_session=True,
    )  # fmt: skip
    try:
        wait_for(lambda: case.is_at_work(folder), process, within_s=60)
        # As the terminal does, or as `kill` does.
        (os.killpg if whole_group else os.kill)(process.pid, number)
        said, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 128 + number, said
    assert said.count("interrupted") == 1 and said.strip().endswith(case.says)
    for noise in ("Traceback", "Error", "Exception"):
        assert noise not in said
    wait_for(lambda: at_work(folder) == 0)
    written = [path for name in ("exported", "exact", "temporary") for path in folder.glob(name)]
    assert not [file for path in written for file in path.rglob("*") if file.is_file()]
    assert not any(folder.glob("results/validator/*"))
    assert not any(folder.glob("results/scripts/*/*.parquet"))
