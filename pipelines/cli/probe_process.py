"""Asking `pipelines.cli.probe` in a process of its own, and telling what backends refuse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.cli.probe import COMPILE
from pipelines.installation import python_path

# A simulator may have to compile everything for the first time.
_TIME_LIMIT_S = 600


def ask(backend: str, *experiment_and_profile: str) -> dict[str, Any]:
    """Ask `pipelines.cli.probe` in a process of its own: `ok`, `detail`, `seconds`.

    Whoever asks it to compile sees how far it is, and it may take as long as it needs.
    """
    compiling = experiment_and_profile == (COMPILE,)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "answer.json")
        command = [sys.executable, "-m", "pipelines.cli.probe", str(file), backend]
        try:
            done = subprocess.run(
                [*command, *experiment_and_profile],
                # The same library, from wherever this was started.
                env=os.environ | {"PYTHONPATH": python_path()},
                stdout=subprocess.PIPE,
                stderr=None if compiling else subprocess.PIPE,
                text=True,
                timeout=None if compiling else _TIME_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"ok": False, "detail": f"no answer in {_TIME_LIMIT_S} s", "seconds": None}
        if file.exists():
            answer: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return answer
    lines = (done.stderr or "").strip().splitlines() or [""]
    how = f"by signal {-done.returncode}" if done.returncode < 0 else f"with {done.returncode}"
    return {"ok": False, "detail": f"the process ended {how}: {lines[-1]}", "seconds": None}


def refusals_of(profiles: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """What backends refuse of the profiles of a sweep, a line a backend and reason.

    Parameters
    ----------
    profiles
        By profile the refusals that `ask` gave.
    """
    by_reason: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for profile, refusals in profiles.items():
        for refusal in refusals:
            key = refusal["backend"], refusal["reason"]
            by_reason.setdefault(key, {})[profile] = refusal
    return [
        f"{backend} refuses "
        + "; ".join(f"of {profile} {refusal['extent']}" for profile, refusal in found.items())
        + f": {reason}"
        for (backend, reason), found in by_reason.items()
    ]
