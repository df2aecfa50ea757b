"""Section of the report on hardware: does the network still work on each chip, and why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.errors import CounterpointError
from pipelines.figures import style
from pipelines.figures.sweep_points import label_of
from pipelines.hardware.profile_files import load_profile
from pipelines.hardware.profile_model import numbers
from pipelines.hardware.variants import ALL, AXES, ONLY, WITHOUT
from pipelines.report.evidence_list import Item
from pipelines.report.formatting import format_count, has_value
from pipelines.sweep import Plan
from pipelines.verdicts.hardware_energy import EVENTS, in_joules
from pipelines.verdicts.hardware_variants import VariantName

MOST_LISTED = 40
"""Largest number of verdicts whose evidence is listed."""

_CERTAINTIES = {
    "verified": "read in the source",
    "secondary": "read in a source that cites it",
    "unverified": "from memory",
}


@dataclass(frozen=True)
class VariantRow:
    """Verdict on one variant and setting, on the backends that agree on it.

    Attributes
    ----------
    label, where
        The variant, and values of the swept parameters, in words; "" where none is swept.
    part
        ``only`` or ``without`` of an ablation; "" for a whole profile.
    backends
        Labels of the backends, joined.
    verdict, broken_by
        As in the table `hardware_verdicts`.
    expectations
        How many expectations are kept, of all; "" if there is none.
    energy
        Estimated energy of a run; "" without a source for it.
    items
        Evidence.
    """

    label: str
    where: str
    part: str
    backends: str
    verdict: str
    broken_by: str
    expectations: str
    energy: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Mapped:
    """What was asked of a chip and what it realised, mean over the runs."""

    constraint: str
    target: str
    quantity: str
    asked: float | None
    realised: float


@dataclass(frozen=True)
class Chip:
    """A hardware profile, and what it made of the network with all its constraints."""

    name: str
    items: tuple[Item, ...]
    mapped: tuple[Mapped, ...]


@dataclass(frozen=True)
class HardwareSection:
    """All that the report says of hardware on one experiment."""

    rows: tuple[VariantRow, ...]
    parts: tuple[VariantRow, ...]
    chips: tuple[Chip, ...]

    @property
    def has_settings(self) -> bool:
        """Whether there are verdicts on several settings of the parameters."""
        return any(row.where for row in self.rows)

    @property
    def counts(self) -> str:
        """Number of verdicts on whole profiles by word."""
        found = Counter(row.verdict for row in self.rows)
        return ", ".join(f"{n} {word}" for word, n in found.items())


def hardware_of(plan: Plan, tables: Any, swept: Mapping[str, str]) -> HardwareSection | None:
    """The section on hardware; None where no run is under constraints.

    Parameters
    ----------
    plan
        Plan of the runs.
    tables
        Its tables, of which runs, hardware_verdicts and mapping are read.
    swept
        Units of what is swept, by name.
    """
    if not plan.has_hardware:
        return None
    rows = _rows(tables, {name: unit for name, unit in swept.items() if name not in AXES})
    return HardwareSection(
        rows=tuple(row for row in rows if not row.part),
        parts=tuple(row for row in rows if row.part),
        chips=tuple(_chips(plan, tables)),
    )


def _rows(tables: Any, swept: Mapping[str, str]) -> list[VariantRow]:
    first = tables.runs.drop_duplicates("point_id").set_index("point_id")
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in tables.hardware_verdicts.to_dict("records"):
        where = label_of(first.loc[row["point_id"]], swept)
        key = (where, VariantName.of(row).label, row["verdict"], row["evidence"])
        found.setdefault(key, []).append(row)
    made = []
    for (where, label, verdict, evidence), alike in found.items():
        row = alike[0]
        part = row["constraints"].partition(" ")[0]
        made.append(
            VariantRow(
                label=label,
                where=where,
                part=part if part in (ONLY, WITHOUT) else "",
                backends=" and ".join(style.style_of(one["backend"]).label for one in alike),
                verdict=verdict,
                broken_by=row["broken_by"],
                expectations=_expectations(row),
                energy=in_joules(row["energy_j"]) if has_value(row, "energy_j") else "",
                items=_items(row, evidence),
            )
        )
    return made


def _expectations(row: Mapping[str, Any]) -> str:
    if not has_value(row, "expectations_total") or not row["expectations_total"]:
        return ""
    return f"{row['expectations_met']} of {row['expectations_total']}"


def _items(row: Mapping[str, Any], evidence: str) -> tuple[Item, ...]:
    items = [Item("Evidence", (evidence,)), Item("Seeds", (str(row["n_seeds"]),))]
    if has_value(row, "energy_j"):
        words = f"{in_joules(row['energy_j'])} a run, an estimate from {row['energy_source']}"
        items.append(Item("Energy", (words,)))
    return tuple(items)


def _chips(plan: Plan, tables: Any) -> list[Chip]:
    runs = tables.runs
    whole = runs[runs["constraints"] == ALL]
    names = dict.fromkeys(one.hardware for one in plan.sweep.hardware if not one.is_ideal)
    mapping = tables.mapping
    chips = []
    for name in names:
        of_chip = mapping["run_id"].isin(whole.loc[whole["hardware"] == name, "run_id"])
        chips.append(Chip(name, _profile_items(name, plan), _mapped(mapping[of_chip])))
    return chips


def _profile_items(name: str, plan: Plan) -> tuple[Item, ...]:
    """What a profile models, and what its numbers rest on."""
    try:
        profile = load_profile(name, plan.experiment.folder)
    except CounterpointError as error:
        # Of an earlier call, whose profile is no longer there.
        return (Item("Profile", (str(error),)),)
    certain = Counter(str(number.certainty) for _, number in numbers(profile))
    said = [f"{certain[word]} {text}" for word, text in _CERTAINTIES.items() if certain[word]]
    texts = [f"{profile.title}: {profile.description}"]
    if said:
        texts.append(f"{format_count(sum(certain.values()), 'number')}: {', '.join(said)}")
    sources = tuple(
        f"{source.authors} ({source.year}). {source.title}. {source.published}"
        for source in profile.sources.values()
    )
    items = [Item("Profile", tuple(texts)), Item("Sources", sources)]
    items.append(Item("Not modelled", tuple(profile.not_modelled)))
    return tuple(item for item in items if item.texts)


def _mapped(mapping: pd.DataFrame) -> tuple[Mapped, ...]:
    """Means over the runs, events last."""
    keys = ["constraint", "target", "quantity"]
    means = mapping.groupby(keys, sort=False)[["asked", "realised"]].mean().reset_index()
    means = pd.concat([means[means["constraint"] != EVENTS], means[means["constraint"] == EVENTS]])
    return tuple(
        Mapped(
            row["constraint"],
            row["target"],
            row["quantity"],
            row["asked"] if has_value(row, "asked") else None,
            row["realised"],
        )
        for row in means.to_dict("records")
    )
