"""Which points of a sweep a figure shows, and what to call them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.metrics.selection import finished


@dataclass(frozen=True)
class Setting:
    """One assignment of values to the swept parameters: points that differ in the seed only."""

    label: str
    runs: pd.DataFrame  # finished runs, all backends and seeds

    def first_seed(self) -> pd.DataFrame:
        """Runs of the smallest seed."""
        return self.runs[self.runs["seed"] == self.runs["seed"].min()]


def settings(runs: pd.DataFrame, swept: Mapping[str, str] | Sequence[str]) -> list[Setting]:
    """All settings of a sweep, in the order of the runs.

    Parameters
    ----------
    runs
        The runs table.
    swept
        Names of the parameters that vary; as a mapping, with their units.
    """
    done = finished(runs)
    names = [name for name in swept if name in done]
    if done.empty:
        return []
    if not names:
        return [Setting("all runs", done)]
    by = names[0] if len(names) == 1 else names
    found = []
    for values, rows in done.groupby(by, sort=False):
        values = values if isinstance(values, tuple) else (values,)
        label = ", ".join(
            f"{name} = {shown(value)}{unit_suffix(swept, name)}"
            for name, value in zip(names, values, strict=True)
        )
        found.append(Setting(label, rows))
    return found


def evenly(items: Sequence, limit: int) -> list:
    """At most `limit` items, evenly spaced from the first to the last."""
    if len(items) <= limit:
        return list(items)
    chosen = np.unique(np.round(np.linspace(0, len(items) - 1, limit)).astype(int))
    return [items[i] for i in chosen]


def shown(value: object) -> str:
    """A value of a parameter as people write it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def unit_of(swept: Mapping[str, str] | Sequence[str], name: str) -> str:
    """Unit of a swept parameter; "" where it is not known."""
    return (swept.get(name) or "") if isinstance(swept, Mapping) else ""


def unit_suffix(swept: Mapping[str, str] | Sequence[str], name: str) -> str:
    """The unit as it follows a value: nothing for numbers and names."""
    unit = unit_of(swept, name)
    return f" {unit}" if unit and unit != "1" else ""
