"""The tables `hardware` and `hardware_verdicts`: does a network work on a chip, and why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from pipelines.experiment import Experiment
from pipelines.hardware.variants import ALL
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.tables.schemas import DONE, FAILED, SCHEMAS, UNFIT
from pipelines.verdicts.ablation import Blame, blame
from pipelines.verdicts.hardware_comparison import compare_with_ideal, hardware_table
from pipelines.verdicts.hardware_energy import Energy, energy_of, events_by_run
from pipelines.verdicts.hardware_expectations import Kept, expectations_kept
from pipelines.verdicts.hardware_verdict import Judged, judge


def hardware_tables(
    experiment: Experiment,
    tables: Any,
    profile_of: Callable[[str], Any],
    known: KnownMetrics = BUILT_IN,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge every hardware variant against the ideal network.

    Parameters
    ----------
    experiment
        The experiment.
    tables
        Its tables (`pipelines.tables.reader.Tables`).
    profile_of
        Function from the name of a hardware profile to the profile.
    known
        The experiment's metrics, with the margins of the sweep.

    Returns
    -------
    hardware, hardware_verdicts : pandas.DataFrame
        The tables of these names: a row a metric, and a row a variant, setting and backend, in the
        order of the runs.
    """
    compared = compare_with_ideal(tables, known)
    kept = expectations_kept(experiment, tables)
    n_spikes = tables.spikes["run_id"].value_counts().to_dict()
    judged = [
        judge(one, kept.get((one.of.variant, one.of.backend), Kept()), n_spikes, known)
        for one in compared
    ]
    events = events_by_run(tables.mapping)
    profiles = {name: profile_of(name) for name in dict.fromkeys(one.hardware for one in judged)}
    blames = _blames(judged, known)
    rows = [
        _row(one, found, _energy(one, events, profiles[one.hardware]))
        for one, found in zip(judged, blames, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=SCHEMAS["hardware_verdicts"].names)
    kinds = {
        "n_seeds": "int64", "expectations_met": "Int64", "expectations_total": "Int64",
        "weight_bits": "Int64", "mismatch": float, "energy_j": float,
    }  # fmt: skip
    return hardware_table(compared), frame.astype(kinds)


def _blames(judged: Sequence[Judged], known: KnownMetrics) -> list[Blame | None]:
    """What the ablation of each profile found, beside the verdict on all its constraints."""
    ablations: dict[object, dict[str, Judged]] = {}
    for one in judged:
        ablations.setdefault(_ablation(one), {})[one.compared.of.variant.constraints] = one
    return [
        blame(ablations[_ablation(one)], known)
        if one.compared.of.variant.constraints == ALL
        else None
        for one in judged
    ]


def _ablation(one: Judged) -> object:
    """What the parts of an ablation have in common."""
    of = one.compared.of
    return replace(of.variant, constraints=""), of.setting, of.backend


def _energy(one: Judged, events: pd.DataFrame, profile: Any) -> Energy:
    """Mean energy of the finished runs."""
    runs = one.compared.of.runs
    done = runs.loc[runs["status"] == DONE, "run_id"]
    counted = events[events.index.isin(done)]
    return energy_of(counted.mean().to_dict(), profile) if len(counted) else Energy()


def _row(one: Judged, found: Blame | None, energy: Energy) -> Mapping[str, object]:
    of = one.compared.of
    has_runs = one.verdict not in (UNFIT, FAILED)
    return {
        "point_id": of.point_id,
        "ideal_point_id": of.ideal_point_id,
        "backend": of.backend,
        "hardware": of.variant.hardware,
        "constraints": of.variant.constraints,
        "weight_bits": of.variant.weight_bits,
        "mismatch": of.variant.mismatch,
        "n_seeds": one.compared.n_seeds,
        "verdict": one.verdict,
        "expectations_met": one.kept.met if has_runs else None,
        "expectations_total": one.kept.total if has_runs else None,
        "lost_expectations": "; ".join(str(lost) for lost in one.kept.lost),
        "broken_by": found.broken_by if found else "",
        "evidence": _sentences(one.evidence, found.sentence if found else ""),
        "energy_j": energy.joules,
        "energy_source": energy.source,
    }


def _sentences(*texts: str) -> str:
    return " ".join(f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in texts if text)
