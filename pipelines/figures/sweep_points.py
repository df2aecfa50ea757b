"""Points of a sweep that a figure shows, and their labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipelines.experiment.parameters import Parameter
from pipelines.figures import style
from pipelines.hardware.variants import ALL
from pipelines.metrics.selection import finished
from pipelines.verdicts.hardware_variants import VARIANT_COLUMNS, hardware_in_words

# Numbers of characters that fit above a panel beside a value, and along an axis.
_LONGEST_IN_TITLE = 26
_LONGEST_ON_AXIS = 45


class Swept(dict[str, str]):
    """Units of the swept parameters by name, and what every parameter is in words.

    Parameters
    ----------
    names
        Names of the swept parameters.
    fields
        Parameters of the experiment by name.
    """

    def __init__(self, names: Iterable[str], fields: Mapping[str, Parameter]) -> None:
        super().__init__(
            {name: (fields[name].unit or "") if name in fields else "" for name in names}
        )
        self.units = {name: field.unit or "" for name, field in fields.items()}
        self.words = {name: _first_phrase(field.doc) or name for name, field in fields.items()}


def _first_phrase(text: str) -> str:
    """What a description says before its first comma, colon, semicolon or bracket."""
    return re.split(r"[,:;(]", text, maxsplit=1)[0].strip()


def words_of(
    swept: Mapping[str, str] | Sequence[str], name: str, longest: int = _LONGEST_IN_TITLE
) -> str:
    """A parameter in words, from its description: "synaptic delay" for `delay`.

    It is the name where there is no description, where its first phrase has more than `longest`
    characters, and where that of another swept parameter is the same.
    """
    words = getattr(swept, "words", {})
    found = str(words.get(name, name))
    alike = [other for other in swept if other != name and words.get(other) == found]
    return name if alike or len(found) > longest else found


def axis_label(swept: Mapping[str, str] | Sequence[str], name: str) -> str:
    """Label of an axis that shows a parameter: in words, with its unit."""
    unit = unit_of(swept, name) or getattr(swept, "units", {}).get(name, "")
    found = words_of(swept, name, _LONGEST_ON_AXIS)
    return style.with_unit(found, unit)


@dataclass(frozen=True)
class Setting:
    """Finished runs of sweep points that differ in the seed only, with their label."""

    label: str
    runs: pd.DataFrame  # finished runs, all backends and seeds

    def first_seed(self) -> pd.DataFrame:
        """Runs of the smallest seed; of each backend, where no two backends have one in common."""
        seeds = self.runs["seed"]
        if self.runs.groupby("seed")["backend"].nunique().max() == 1:
            return self.runs[seeds == seeds.groupby(self.runs["backend"]).transform("min")]
        return self.runs[seeds == seeds.min()]


def settings(
    runs: pd.DataFrame, swept: Mapping[str, str] | Sequence[str], *, parts: bool = False
) -> list[Setting]:
    """Group the finished runs of a sweep by the values of the swept parameters, and by hardware.

    Parameters
    ----------
    runs
        Table `runs`.
    swept
        Names of the swept parameters; as a mapping, with their units.
    parts
        Whether to include the parts of an ablation of hardware, which have a figure of their own.

    Returns
    -------
    list of Setting
        One group for each combination of values, in the order of the runs.
    """
    done = finished(runs)
    if not parts and "constraints" in done:
        done = done[done["constraints"].isin(("", ALL))]
    names = [name for name in swept if name in done]
    if done.empty:
        return []
    if not names:
        return [Setting("", done)]
    by = names[0] if len(names) == 1 else names
    found = []
    for _, rows in done.groupby(by, sort=False, dropna=False):
        found.append(Setting(label_of(rows.iloc[0], swept), rows))
    return found


def label_of(run: pd.Series | Mapping[str, Any], swept: Mapping[str, str] | Sequence[str]) -> str:
    """Values of the swept parameters of a run, and its hardware if this is swept, in words."""
    names = [name for name in swept if name in run]
    said = [
        f"{words_of(swept, name)} = {format_value(run[name])}{unit_suffix(swept, name)}"
        for name in names
        if name not in VARIANT_COLUMNS
    ]
    if any(name in VARIANT_COLUMNS for name in names):
        said.append(hardware_in_words(run))
    return ", ".join(said)


def evenly_spaced(items: Sequence, limit: int) -> list:
    """At most `limit` items, evenly spaced from the first to the last."""
    if len(items) <= limit:
        return list(items)
    chosen = np.unique(np.round(np.linspace(0, len(items) - 1, limit)).astype(int))
    return [items[i] for i in chosen]


def format_value(value: object) -> str:
    """Format a parameter value: floats in their shortest form, none as a dash, else as text."""
    if value is None or value is pd.NA or value != value:
        return "\N{EN DASH}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def unit_of(swept: Mapping[str, str] | Sequence[str], name: str) -> str:
    """Unit of a swept parameter; "" if unknown."""
    return (swept.get(name) or "") if isinstance(swept, Mapping) else ""


def unit_suffix(swept: Mapping[str, str] | Sequence[str], name: str) -> str:
    """Space and unit to append to a value; "" for parameters without a unit."""
    unit = unit_of(swept, name)
    return f" {unit}" if unit and unit != "1" else ""
