"""What the report says about the support matrix: what of PyNN each backend gives or refuses."""

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
    """The table `support` of the backends that were used.

    Attributes
    ----------
    backends
        In the order of the page.
    kinds
        For each kind of construct its rows: a name, and its cells by backend, each a row of the
        table or None.
    reasons
        For each reason of a refusal the backend, and the names of what is refused for it.
    unexpected
        Rows of the table that are wrong or crashed.
    """

    backends: tuple[str, ...]
    kinds: dict[str, list[dict[str, Any]]]
    reasons: dict[tuple[str, str], list[str]]
    unexpected: list[dict[str, Any]]

    @property
    def n_rows(self) -> int:
        """Number of constructs."""
        return sum(len(rows) for rows in self.kinds.values())

    @property
    def summary(self) -> str:
        """How many constructs each backend gives, and how many it refuses."""
        cells = [cell for rows in self.kinds.values() for row in rows for cell in row["cells"]]
        said = []
        for backend in self.backends:
            outcomes = pd.Series(
                [cell["outcome"] for cell in cells if cell and cell["backend"] == backend]
            )
            counts = outcomes.value_counts()
            listed = ", ".join(f"{n:,} {outcome}" for outcome, n in sorted(counts.items()))
            said.append(f"{style.style_of(backend).label}: {listed}")
        return "; ".join(said)


def support_of(results: Path, backends: Iterable[str]) -> SupportMatrix | None:
    """Read what is known of `backends` from ``support.parquet``; None if it is not there."""
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
