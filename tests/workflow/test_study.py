"""The sensitivity study with frozen inputs, on both backends: every fault is found and named."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def test_every_fault_in_either_backend_is_found_and_named(empty_project):
    command = [sys.executable, "-m", "pipelines", "validate-validator", "--frozen-only", "--json"]
    environment = os.environ | {"COUNTERPOINT_ROOT": str(empty_project.folder)}
    done = subprocess.run(
        command, cwd=empty_project.folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    found = json.loads(done.stdout)["frozen"]
    injected = [row for row in found if row["fault"] != "(none)"]
    assert len(injected) >= 2 * 15
    assert [row for row in injected if not (row["found"] and row["is_named"])] == []
    healthy = [row for row in found if row["fault"] == "(none)"]
    assert {row["verdict"] for row in healthy} == {"identical"} and len(healthy) == 2
