"""The sweeps of the sensitivity study, as the experiment `plastic_network` carries them out."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from pipelines.backends import default_names
from pipelines.sensitivity.faults import FAULTS

NAME = "plastic_network"
FROZEN, INDEPENDENT, BASE = "frozen", "independent", "base"
_SOURCE = Path(__file__).resolve().parent / "experiments" / NAME
# Seeds of the network without a fault: those of a comparison, and others to compare it with.
_BASE_SEEDS = 60
# Longer runs have more to tell: rates of a few hertz, and correlations.
_LONG_MS = 2000.0


def make_project(root: Path, seeds: int, backends: tuple[str, ...] = ()) -> None:
    """Make a project that holds the study's experiment and its sweeps.

    Parameters
    ----------
    root
        Its folder.
    seeds
        Of each fault and strength in the sweep with independent inputs.
    backends
        Of the sweep with frozen inputs, by default those of any sweep; the other one is on the
        first of them.
    """
    backends = backends or default_names()
    folder = root / "experiments" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(_SOURCE / "experiment.py", folder)
    populations = {name: ["spikes"] for name in ("exc", "inh", "input_exc", "input_inh")}
    projections = ["plastic", "exc_inh", "inh_exc", "inh_inh"]
    content = {
        "description": "A plastic network with and without faults",
        "record": {"populations": populations, "projections": projections},
        "profiles": {
            FROZEN: {"backends": list(backends), "seeds": [1], "points": _frozen_points()},
            INDEPENDENT: {
                "backends": [backends[0]],
                "seeds": {"first": 1, "count": seeds},
                "parameters": {"duration": _LONG_MS},
                "points": _independent_points(),
            },
            BASE: {
                "backends": [backends[0]],
                "seeds": {"first": 1001, "count": _BASE_SEEDS},
                "parameters": {"duration": _LONG_MS},
            },
        },
    }
    text = yaml.safe_dump(content, sort_keys=False)
    path = folder / "sweep.yaml"
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def _frozen_points() -> list[dict[str, Any]]:
    """The network without a fault, and with each fault at each of its usual strengths."""
    faults = [
        {"fault": name, "strength": float(strength)}
        for name, fault in FAULTS.items()
        if fault.inject is not None
        for strength in fault.strengths
    ]
    return [{"fault": ""}, *faults]


def _independent_points() -> list[dict[str, Any]]:
    return [
        {"fault": name, "strength": float(strength)}
        for name, fault in FAULTS.items()
        for strength in fault.independent_strengths
    ]
