"""Section of the report with the support matrix: PyNN constructs supported by each backend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.figures import style
from pipelines.tables.files import read_table


@dataclass(frozen=True)
class SupportMatrix:
    """Support of PyNN constructs by the backends that were used.

    Attributes
    ----------
    backends
        Names of the backends, in the order of the page.
    kinds
        Rows by kind of construct: a name and its cells in the order of `backends`, each a row
        of the table `support` or None.
    reasons
        Names of the refused constructs, by backend and reason of the refusal.
    unexpected
        Rows of the table with a wrong result or a crash.
    """

    backends: tuple[str, ...]
    kinds: dict[str, list[dict[str, Any]]]
    reasons: dict[tuple[str, str], list[str]]
    unexpected: list[dict[str, Any]]

    @property
    def n_rows(self) -> int:
        """Number of constructs of all kinds."""
        return sum(len(rows) for rows in self.kinds.values())

    @property
    def summary(self) -> str:
        """Number of constructs with each outcome, for each backend."""
        cells = [cell for rows in self.kinds.values() for row in rows for cell in row["cells"]]
        summaries = []
        for backend in self.backends:
            outcomes = pd.Series(
                [cell["outcome"] for cell in cells if cell and cell["backend"] == backend]
            )
            counts = outcomes.value_counts()
            listed = ", ".join(f"{n:,} {outcome}" for outcome, n in sorted(counts.items()))
            summaries.append(f"{style.style_of(backend).label}: {listed}")
        return "; ".join(summaries)


def support_of(results: Path, backends: Iterable[str]) -> SupportMatrix | None:
    """Read the support matrix.

    Parameters
    ----------
    results
        Folder with ``support.parquet``.
    backends
        Names of the backends.

    Returns
    -------
    SupportMatrix or None
        Support by those of `backends` that the table has; None if there is no table.
    """
    file = results / "support.parquet"
    if not file.is_file():
        return None
    table = read_table(file, "support")
    known = set(table["backend"])
    columns = tuple(name for name in style.in_order(backends) if name in known)
    records = table[table["backend"].isin(columns)].to_dict("records")
    kinds: dict[str, dict[str, dict[str, Any]]] = {}
    reasons: dict[tuple[str, str], list[str]] = {}
    for record in records:
        kinds.setdefault(record["kind"], {}).setdefault(record["name"], {})[record["backend"]] = (
            record
        )
        if record["outcome"] == "refused":
            reasons.setdefault((record["backend"], record["detail"]), []).append(record["name"])
    return SupportMatrix(
        backends=columns,
        kinds={
            kind: [
                {"name": name, "cells": [cells.get(backend) for backend in columns]}
                for name, cells in rows.items()
            ]
            for kind, rows in kinds.items()
        },
        reasons=reasons,
        unexpected=[record for record in records if not record["conforms"]],
    )
