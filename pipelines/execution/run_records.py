"""Records of runs: what is known before the simulation, and of runs that were not simulated."""

from __future__ import annotations

import resource
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.sweep.runs import Run


def initial_record(run: Run) -> dict[str, Any]:
    """The part of a run's record that is known before the simulation."""
    return {
        "run_id": run.run_id,
        "point_id": run.point_id,
        "experiment": run.experiment,
        "backend": run.backend,
        "seed": run.seed,
        **run.variant.columns,
        "parameters": dict(run.parameters),
        "independent_draws": run.independent_draws,
    }


def unfinished_record(
    run: Run, status: str, error: str, usage: resource.struct_rusage | None = None
) -> dict[str, Any]:
    """Record of a run that was not simulated to its end, of a process that used `usage`."""
    from pipelines import versions

    return initial_record(run) | {
        "status": status,
        "error": error,
        "simulated_ms": None,
        "compile_s": None,
        "build_s": None,
        "simulate_s": None,
        "collect_s": None,
        "peak_rss_mb": peak_rss_mb(usage),
        "versions": versions.of_backend(run.backend),
        "population_sizes": {},
        "cell_types": {},
        "cell_parameters": {},
        "projections": {},
        "connectivity_sha256": "",
        "input_sha256": "",
    }


def peak_rss_mb(usage: resource.struct_rusage | None = None) -> float:
    """Largest resident memory of this process (or of `usage`) so far, in MB."""
    usage = usage or resource.getrusage(resource.RUSAGE_SELF)
    # Linux counts in kB, macOS in bytes.
    return round(usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3), 1)
