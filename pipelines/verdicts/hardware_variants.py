"""Hardware variants of the runs of a sweep, and the ideal runs that each is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.backends import in_order
from pipelines.experiment.run_columns import parameter_columns
from pipelines.hardware.variants import ALL, AXES, IDEAL
from pipelines.tables.schemas import DONE
from pipelines.tables.some_runs import is_constrained

VARIANT_COLUMNS = tuple(AXES)
"""Columns of `runs` that tell hardware variants apart."""


@dataclass(frozen=True)
class VariantName:
    """What tells a hardware variant from others: its profile, constraints and strengths.

    Attributes
    ----------
    hardware
        Name of the profile.
    constraints
        ``all``; of an ablation also ``only X`` and ``without X``.
    weight_bits, mismatch
        Strengths that a sweep sets: bits of a weight, relative spread; None where it sets none.
    """

    hardware: str
    constraints: str = ALL
    weight_bits: int | None = None
    mismatch: float | None = None

    @classmethod
    def of(cls, run: pd.Series | Mapping[str, Any]) -> VariantName:
        """VariantName of a run, from its row of `runs`."""
        bits, mismatch = run.get("weight_bits"), run.get("mismatch")
        return cls(
            str(run["hardware"]),
            str(run["constraints"]),
            None if bits is None or pd.isna(bits) else int(bits),
            None if mismatch is None or pd.isna(mismatch) else float(mismatch),
        )

    @property
    def strengths(self) -> str:
        """The strengths in words; "" where the sweep sets none."""
        plural = "" if self.weight_bits == 1 else "s"
        bits = "" if self.weight_bits is None else f"{self.weight_bits} bit{plural} a weight"
        spread = "" if self.mismatch is None else f"mismatch {self.mismatch * 100:g} %"
        return ", ".join(part for part in (bits, spread) if part)

    @property
    def label(self) -> str:
        """The variant in words: ``brainscales1, only weight_levels, 4 bits a weight``."""
        part = "" if self.constraints == ALL else self.constraints
        return ", ".join(one for one in (self.hardware, part, self.strengths) if one)


def hardware_in_words(run: pd.Series | Mapping[str, Any]) -> str:
    """Hardware of a run, from its row of `runs`: ``ideal network``, ``brainscales1``."""
    if run.get("hardware", IDEAL) == IDEAL:
        return "ideal network"
    return VariantName.of(run).label


@dataclass(frozen=True)
class ConstrainedRuns:
    """Runs of one hardware variant, setting of the parameters and backend, with the ideal ones.

    Attributes
    ----------
    variant, backend
        Whose they are.
    setting
        Number of the setting of the parameters in the order of the runs, from 0.
    runs, ideal
        Rows of `runs`, all seeds and statuses; `ideal` is empty if there is none.
    """

    variant: VariantName
    backend: str
    setting: int
    runs: pd.DataFrame
    ideal: pd.DataFrame

    @property
    def point_id(self) -> str:
        """First point of the constrained runs."""
        return str(self.runs["point_id"].iloc[0])

    @property
    def ideal_point_id(self) -> str:
        """First point of the ideal runs; empty if there is none."""
        return str(self.ideal["point_id"].iloc[0]) if len(self.ideal) else ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Run_ids of a constrained and the ideal run of each seed with which both are done."""
        done = [rows[rows["status"] == DONE] for rows in (self.runs, self.ideal)]
        of_ideal = dict(zip(done[1]["seed"], done[1]["run_id"], strict=True))
        return [
            (str(run_id), str(of_ideal[seed]))
            for seed, run_id in zip(done[0]["seed"], done[0]["run_id"], strict=True)
            if seed in of_ideal
        ]


def constrained_runs(runs: pd.DataFrame) -> Iterator[ConstrainedRuns]:
    """Runs of each setting of the parameters, variant and backend, beside the ideal ones.

    Settings are in the order of the runs, and so are the variants of each; backends in theirs.
    """
    parameters = parameter_columns(runs)
    settings = runs.groupby(parameters, sort=False, dropna=False) if parameters else [((), runs)]
    for number, (_, of_setting) in enumerate(settings):
        constrained = is_constrained(of_setting)
        ideal = of_setting[~constrained]
        by_variant = of_setting[constrained].groupby(
            list(VARIANT_COLUMNS), sort=False, dropna=False
        )
        for _, of_variant in by_variant:
            variant = VariantName.of(of_variant.iloc[0])
            for backend in in_order(of_variant["backend"]):
                yield ConstrainedRuns(
                    variant,
                    backend,
                    number,
                    of_variant[of_variant["backend"] == backend],
                    ideal[ideal["backend"] == backend],
                )
