"""How long the runs took on each backend, and with which versions they were made."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from pipelines.figures import style


def timings_of(done: pd.DataFrame) -> list[dict[str, Any]]:
    """Median times (s) and peak memory (MB) over the finished runs of each backend."""
    rows = []
    for backend in style.in_order(done["backend"]):
        of_backend = done[done["backend"] == backend]
        columns = ("build_s", "simulate_s", "collect_s", "peak_rss_mb")
        medians = {column: float(of_backend[column].median()) for column in columns}
        # Compiled once, for all runs that come after: only the sum says something.
        compiling = float(of_backend["compile_s"].sum()) if "compile_s" in done else None
        total = float(of_backend[list(columns[:3])].sum().sum()) + (compiling or 0.0)
        row = {"backend": backend, "n": len(of_backend), "total_s": total, **medians}
        rows.append(row | {"compile_s": compiling})
    return rows


def versions_of(runs: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Package versions by backend; several versions of a package are joined by commas."""
    found: dict[str, dict[str, str]] = {}
    for backend in style.in_order(runs["backend"]):
        merged: dict[str, list[str]] = {}
        for text in runs.loc[runs["backend"] == backend, "versions"].unique():
            for name, version in json.loads(text or "{}").items():
                merged.setdefault(name, [])
                if version not in merged[name]:
                    merged[name].append(version)
        found[backend] = {name: ", ".join(versions) for name, versions in merged.items()}
    return found
