"""Section of the report on hardware: does the network still work on each chip, and why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from pipelines.errors import CounterpointError
from pipelines.figures import style
from pipelines.figures.sweep_points import label_of
from pipelines.hardware.profile_files import load_profile
from pipelines.hardware.sourced_numbers import numbers
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
    n_seeds
        Number of seeds with which both networks are done.
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
    n_seeds: int
    backends: str
    verdict: str
    broken_by: str
    expectations: str
    energy: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class AblationRow:
    """What one constraint does alone, and what is found without it: verdict and evidence."""

    profile: str
    constraint: str
    alone: tuple[str, str] | None
    without: tuple[str, str] | None


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
    ablation: tuple[AblationRow, ...]
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
    verdicts = tables.hardware_verdicts
    whole = verdicts["constraints"] == ALL
    first = tables.runs.drop_duplicates("point_id").set_index("point_id")
    names = {name: unit for name, unit in swept.items() if name not in AXES}
    where = {point: label_of(run, names) for point, run in first.iterrows()}
    return HardwareSection(
        rows=tuple(_rows(verdicts[whole], where)),
        ablation=tuple(_ablation(verdicts[~whole], where)),
        chips=tuple(_chips(plan, tables)),
    )


def _rows(verdicts: pd.DataFrame, where: Mapping[Any, str]) -> list[VariantRow]:
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in verdicts.to_dict("records"):
        key = (where[row["point_id"]], VariantName.of(row).label, row["verdict"], row["evidence"])
        found.setdefault(key, []).append(row)
    return [
        VariantRow(
            label=label,
            where=place,
            n_seeds=alike[0]["n_seeds"],
            backends=_labels(alike),
            verdict=verdict,
            broken_by=alike[0]["broken_by"],
            expectations=_expectations(alike[0]),
            energy=in_joules(alike[0]["energy_j"]) if has_value(alike[0], "energy_j") else "",
            items=_items(alike[0], evidence),
        )
        for (place, label, verdict, evidence), alike in found.items()
    ]


def _ablation(verdicts: pd.DataFrame, where: Mapping[Any, str]) -> list[AblationRow]:
    """One row a constraint of each profile and setting; backends are named where they differ."""
    found: dict[tuple[str, str], dict[str, list[Mapping[str, Any]]]] = {}
    for row in verdicts.to_dict("records"):
        word, _, constraint = str(row["constraints"]).partition(" ")
        variant = replace(VariantName.of(row), constraints=ALL).label
        profile = ", ".join(text for text in (variant, where[row["point_id"]]) if text)
        found.setdefault((profile, constraint), {}).setdefault(word, []).append(row)
    return [
        AblationRow(profile, constraint, _cell(of.get(ONLY, [])), _cell(of.get(WITHOUT, [])))
        for (profile, constraint), of in found.items()
    ]


def _cell(rows: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """Verdict and evidence of all backends; those of the first, and of others that differ."""
    if not rows:
        return None
    said = dict.fromkeys(row["evidence"] for row in rows)
    if len(said) == 1:
        return rows[0]["verdict"], rows[0]["evidence"]
    texts = [f"{_labels([row])}: {row['verdict']}. {row['evidence']}" for row in rows]
    return rows[0]["verdict"], " ".join(texts)


def _labels(rows: Sequence[Mapping[str, Any]]) -> str:
    return " and ".join(style.style_of(row["backend"]).label for row in rows)


def _expectations(row: Mapping[str, Any]) -> str:
    if not has_value(row, "expectations_total") or not row["expectations_total"]:
        return ""
    return f"{row['expectations_met']} of {row['expectations_total']}"


def _items(row: Mapping[str, Any], evidence: str) -> tuple[Item, ...]:
    items = [Item("Evidence", (evidence,))]
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
            # Events are counted: their mean is told as a whole number.
            round(row["realised"]) if row["constraint"] == EVENTS else row["realised"],
        )
        for row in means.to_dict("records")
    )
