"""Section of the report with the outcomes of the conformance suite on each backend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.figures import style
from pipelines.tables.files import read_table


@dataclass(frozen=True)
class Conformance:
    """Outcomes of the conformance suite.

    Attributes
    ----------
    backends
        Names of the backends that were checked, in the order of the page.
    rows
        One dict per check: its name, the known difference it covers, and `cells`, a row of the
        table by backend (None if the check was not run on it).
    unexpected
        Rows of the table that are neither passed nor a refusal listed in the register.
    unchecked
        Names of the backends that were used but not checked.
    """

    backends: tuple[str, ...]
    rows: list[dict[str, Any]]
    unexpected: list[dict[str, Any]]
    unchecked: tuple[str, ...]

    @property
    def summary(self) -> str:
        """Number of checks of each outcome, for each backend."""
        summaries = []
        for backend in self.backends:
            cells = [row["cells"][backend] for row in self.rows if row["cells"][backend]]
            counts = pd.Series([cell["outcome"] for cell in cells]).value_counts()
            listed = ", ".join(f"{n:,} {outcome}" for outcome, n in sorted(counts.items()))
            summaries.append(f"{style.style_of(backend).label}: {listed}")
        summaries += [f"{style.style_of(backend).label}: not checked" for backend in self.unchecked]
        return "; ".join(summaries)


def conformance_of(results: Path, backends: Iterable[str]) -> Conformance | None:
    """Read the outcomes of the conformance suite.

    Parameters
    ----------
    results
        Folder with ``conformance.parquet``.
    backends
        Names of the backends.

    Returns
    -------
    Conformance or None
        Outcomes on `backends`; None if the suite was not run on any of them.
    """
    files = {b: results / "conformance.parquet" / f"{b}.parquet" for b in style.in_order(backends)}
    frames = {b: read_table(file, "conformance") for b, file in files.items() if file.is_file()}
    if not frames:
        return None
    table = pd.concat(frames.values(), ignore_index=True)
    records = table.to_dict("records")
    found = {(record["check_name"], record["backend"]): record for record in records}
    checks = table.drop_duplicates("check_name")[["check_name", "known_difference"]]
    return Conformance(
        backends=tuple(frames),
        rows=[
            {
                "check_name": check,
                "known_difference": row,
                "cells": {backend: found.get((check, backend)) for backend in frames},
            }
            for check, row in checks.itertuples(index=False)
        ],
        unexpected=[record for record in records if not record["expected"]],
        unchecked=tuple(backend for backend in files if backend not in frames),
    )
