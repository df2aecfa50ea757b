"""A known difference is added with one entry and one check: no other file is touched."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import pipelines

ENTRY = """
  - name: number of receptors
    script: asking a cell type for its receptors
    behaviour:
      nest: ok
      brian2: ok, but late
    right: NEST
    evidence: 2 / 3
    severity: [C]
    state: reconciled
    correction: the number is right
    modules: [brian2/cell_types.py]
    stock_failures:
      brian2:
        late_first_spike: 9.4, expected 9.5
    symptoms:
      brian2:
        explanation: the third receptor is missing
        errors: [no third receptor]
        causes: [silent population]
        uses: [IF_curr_exp]
"""

CHECK = '''

@check("number of receptors")
def late_first_spike(sim: Any) -> tuple[Any, Any]:
    """A spike in the step in which the membrane reaches its threshold."""
    begin(sim)
    cell = sim.Population(1, sim.IF_curr_exp(i_offset=2.0, tau_m=20.0, cm=1.0))
    cell.record("spikes")
    sim.run(10.0)
    return spike_times(cell)[:1], [9.5]
'''

DIAGNOSED = """
import pandas as pd
from pipelines.diagnosis.causes import Cause
from pipelines.diagnosis.known_differences import name_causes, refusals
from pipelines.diagnosis.run_pair import Evidence, Pair

print(*(one.name for one in refusals("stock_brian2", "ValueError: no third receptor")))
nothing = pd.DataFrame()
runs = [Evidence({"backend": name}, nothing, nothing) for name in ("nest", "stock_brian2")]
pair = Pair(*runs, 0.1, uses=frozenset({"IF_curr_exp"}))
print(*(one.name for one in name_causes(pair, [Cause("silent population", "", 1.0)])), sep="; ")
"""


@pytest.fixture
def clone(tmp_path):
    """A copy of the library to which the entry and the check were added."""
    package = Path(pipelines.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package, tmp_path / "pipelines", ignore=ignored)
    for file, text in (
        ("differences/entries/cells.yaml", ENTRY),
        ("conformance/cell_types.py", CHECK),
    ):
        with (tmp_path / "pipelines" / file).open("a") as added:
            added.write(text)
    return tmp_path


def python(folder, *arguments):
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_entry_and_a_check_are_all_it_takes(clone):
    python(clone, "-m", "pipelines", "conformance", "--register", "page.md")
    page = (clone / "page.md").read_text()
    assert "| [number of receptors](#number-of-receptors) | C | reconciled | 1 |" in page
    assert "| `late_first_spike` | passes | fails: 9.4, expected 9.5 | passes | passes |" in page

    command = ["-m", "pipelines", "conformance", "late_first_spike", "--stock", "--json"]
    said = json.loads(python(clone, *command))
    assert said["conforms"]
    found = {(one["backend"], one["stock"]): one for one in said["outcomes"]}
    assert found["brian2", False]["outcome"] == "passed"
    assert found["brian2", True]["outcome"] == "failed"
    assert found["brian2", True]["detail"] == "9.4, expected 9.5"

    refused, explained = python(clone, "-c", DIAGNOSED).splitlines()
    assert refused == "number of receptors"
    assert "number of receptors" in explained.split("; ")
