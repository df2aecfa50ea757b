"""What the report says about the backends themselves: check by check, on each of them."""

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
        Those that were checked, in the order of the page.
    rows
        For each check its name, the known difference that it watches, and its cells: a row of
        the table for each backend, None where it was not run.
    unexpected
        Rows of the table that are neither passed nor a refusal that the register lists.
    unchecked
        Backends that were used and not checked.
    """

    backends: tuple[str, ...]
    rows: list[dict[str, Any]]
    unexpected: list[dict[str, Any]]
    unchecked: tuple[str, ...]

    @property
    def summary(self) -> str:
        """How many checks of each backend had which outcome."""
        said = []
        for backend in self.backends:
            cells = [row["cells"][backend] for row in self.rows if row["cells"][backend]]
            counts = pd.Series([cell["outcome"] for cell in cells]).value_counts()
            listed = ", ".join(f"{n:,} {outcome}" for outcome, n in sorted(counts.items()))
            said.append(f"{style.style_of(backend).label}: {listed}")
        said += [f"{style.style_of(backend).label}: not checked" for backend in self.unchecked]
        return "; ".join(said)


def conformance_of(results: Path, backends: Iterable[str]) -> Conformance | None:
    """Gather the outcomes of `backends` from ``conformance.parquet``; None if there are none."""
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
