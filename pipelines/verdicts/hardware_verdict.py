"""Verdict on a network under a hardware profile: does it still work, and what changed.

*works*: every primary metric that was measured is equivalent, the rates of all populations among
them, there are spikes, no run failed, and no expectation that the ideal network meets is lost.
*changed*: a metric is different, or an expectation is lost. A network whose metrics moved while it
keeps all expectations has changed, and the evidence says that it still does what it must.
Where neither network has a spike, it works only if there are expectations, which say that silence
is right. *unfit*: it does not fit the hardware, with one seed at least.
*failed*: there is no pair of finished runs. All else is *undecided*: too few seeds, no spike on
either, some runs failed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.labels import metric_label
from pipelines.metrics.metric import Scale
from pipelines.tables.schemas import DONE, FAILED, UNFIT
from pipelines.verdicts.decision import Key
from pipelines.verdicts.group_verdict import Observed, group_verdict
from pipelines.verdicts.hardware_comparison import NOT_MEASURED, Compared
from pipelines.verdicts.hardware_expectations import Kept
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, UNDECIDED

WORKS, CHANGED = "works", "changed"
HARDWARE_VERDICTS = (WORKS, CHANGED, UNDECIDED, UNFIT, FAILED)

MOST_NAMED = 3
"""Largest number of metrics, and of expectations, that a sentence names."""


@dataclass(frozen=True)
class Judged:
    """Verdict on one variant, setting and backend.

    Attributes
    ----------
    compared
        Its metrics against those of the ideal network.
    kept
        Expectations that it keeps.
    verdict, evidence
        One of `HARDWARE_VERDICTS`, and what it rests on, in words.
    moved
        Metrics that are different, the one that moved most in its margins first.
    """

    compared: Compared
    kept: Kept
    verdict: str
    evidence: str
    moved: tuple[Key, ...] = field(default=())

    @property
    def hardware(self) -> str:
        """Name of the hardware profile."""
        return self.compared.of.variant.hardware


def judge(
    compared: Compared,
    kept: Kept,
    n_spikes: Mapping[str, int],
    known: KnownMetrics = BUILT_IN,
) -> Judged:
    """Verdict on a hardware variant.

    Parameters
    ----------
    compared
        Its metrics against those of the ideal network.
    kept
        Expectations that it keeps.
    n_spikes
        Number of spikes of each run that has any, by run_id.
    known
        Metrics of the experiment.
    """
    runs, ideal = compared.of.runs, compared.of.ideal
    moved = tuple(
        sorted(
            (key for key in compared.found if compared.agreement(key) == DIFFERENT),
            key=lambda key: (not compared.found[key].primary, -compared.in_margins(key)),
        )
    )
    unfit = runs[runs["status"] == UNFIT]
    if len(unfit):
        seeds = "" if len(unfit) == len(runs) else f"with {len(unfit)} of {len(runs)} seeds "
        return Judged(compared, kept, UNFIT, f"{seeds}it does not fit: {unfit['error'].iloc[0]}")
    failures = [
        text for text in (_failures(runs, "constrained"), _failures(ideal, "ideal")) if text
    ]
    if not compared.of.pairs:
        why = "; ".join(failures) or "there is no ideal run with the same seed"
        return Judged(compared, kept, FAILED, why)
    verdict = _of_metrics(compared, n_spikes, known)
    expectations = kept_in_words(kept)
    if kept.lost or moved:
        parts = [expectations] if kept.lost else []
        parts += [f"different: {moved_in_words(compared, moved, known)}"] if moved else []
        parts += [] if kept.lost or not expectations else [f"yet {expectations}"]
        return Judged(compared, kept, CHANGED, "; ".join([*parts, *failures]), moved)
    as_silent = _is_silent(compared, n_spikes) and kept.total and not _still_open(compared)
    if (verdict == EQUIVALENT or as_silent) and not failures:
        silence = "neither network has a spike" if as_silent else ""
        parts = [silence, _same_in_words(compared), expectations]
        return Judged(compared, kept, WORKS, "; ".join(part for part in parts if part))
    why = _why_undecided(compared, n_spikes, known)
    evidence = "; ".join(part for part in (why, expectations, *failures) if part)
    return Judged(compared, kept, UNDECIDED, evidence)


def kept_in_words(kept: Kept) -> str:
    """Which expectations are lost, or that all hold; "" if the ideal network meets none."""
    if not kept.total:
        return ""
    if not kept.lost:
        if kept.total == 1:
            return "the one expectation that the ideal network meets still holds"
        return f"all {kept.total} expectations that the ideal network meets still hold"
    named = ", ".join(str(one) for one in kept.lost[:MOST_NAMED])
    more = len(kept.lost) - MOST_NAMED
    which = (
        f"{len(kept.lost)} of {kept.total} expectations" if kept.total > 1 else "the expectation"
    )
    return f"{which} lost: {named}{f' and {more} more' if more > 0 else ''}"


def moved_in_words(
    compared: Compared, keys: tuple[Key, ...], known: KnownMetrics = BUILT_IN
) -> str:
    """How metrics moved: ``rate of exc from 8.1 to 2.3 Hz``."""
    said = [f"{metric_of(key)} {from_to(compared, key, known)}" for key in keys[:MOST_NAMED]]
    more = len(keys) - len(said)
    others = f" and {more} more metric{'' if more == 1 else 's'}" if more else ""
    return f"{', '.join(said)}{others}"


def from_to(compared: Compared, key: Key, known: KnownMetrics = BUILT_IN) -> str:
    """A metric of the ideal and the constrained network: ``from 8.1 to 2.3 Hz``."""
    one = compared.found[key]
    before, after = (f"{value:.3g}" for value in (one.mean_b, one.mean_a))
    unit = unit_of(key[1], known)
    if before == after:
        return f"spread differently around {after}{unit}"
    return f"from {before} to {after}{unit}"


def metric_of(key: Key) -> str:
    """A metric and its population in words: ``ISI CV of exc``."""
    return f"{metric_label(key[1])} of {key[0]}"


def unit_of(metric: str, known: KnownMetrics = BUILT_IN) -> str:
    """Unit of a metric with a space before it; "" for pure numbers."""
    unit = known[metric].unit
    return "" if unit in ("", "1") else f" {unit}"


def _of_metrics(compared: Compared, n_spikes: Mapping[str, int], known: KnownMetrics) -> str:
    """Verdict on the metrics by the rule for backends: equivalent, different or undecided."""
    if not compared.found:
        return UNDECIDED
    rows = pd.DataFrame(
        [
            {
                "population": key[0],
                "metric": key[1],
                "backend_a": "constrained",
                "backend_b": "ideal",
                "distance_name": known.compared[key[1]].distance_name,
                **vars(one),
                # What is the same in all pairs of runs needs no test.
                "p_value": 1.0 if key in compared.alike else one.p_value,
                "statistics": compared.agreement(key).replace(NOT_MEASURED, UNDECIDED),
            }
            for key, one in compared.found.items()
        ]
    )
    n = compared.n_seeds
    silent = _silent(compared, n_spikes)
    observed = Observed(("constrained", "ideal"), _populations(compared), (n, n), silent)
    return group_verdict(rows, observed, known)[0]


def _silent(compared: Compared, n_spikes: Mapping[str, int]) -> tuple[int, int]:
    """Number of constrained and of ideal runs without a spike, though spikes were recorded."""
    if not _populations(compared):
        return 0, 0
    constrained, ideal = zip(*compared.of.pairs, strict=True)
    return (
        sum(not n_spikes.get(one) for one in constrained),
        sum(not n_spikes.get(one) for one in ideal),
    )


def _is_silent(compared: Compared, n_spikes: Mapping[str, int]) -> bool:
    """Whether spikes were recorded, and no run of either network has any."""
    return _silent(compared, n_spikes) == (compared.n_seeds, compared.n_seeds)


def _still_open(compared: Compared) -> list[Key]:
    """Primary metrics that are not equivalent, those that moved most first."""
    found = [
        key
        for key, one in compared.found.items()
        if one.primary and compared.agreement(key) != EQUIVALENT
    ]
    return sorted(found, key=lambda key: -compared.in_margins(key))


def _populations(compared: Compared) -> list[str]:
    texts = compared.of.ideal["population_sizes"].unique()
    return sorted({name for text in texts for name in json.loads(text or "{}")})


def _same_in_words(compared: Compared) -> str:
    seeds = _seeds(compared.n_seeds)
    if compared.alike >= set(compared.found):
        return f"all {len(compared.found)} metrics are the same with {seeds}"
    primary = [key for key, one in compared.found.items() if one.primary]
    names = list(dict.fromkeys(metric_label(key[1]) for key in primary))
    return f"{_listed(names)} {'are' if len(names) > 1 else 'is'} the same within margins ({seeds})"


def _why_undecided(compared: Compared, n_spikes: Mapping[str, int], known: KnownMetrics) -> str:
    still_open = _still_open(compared)
    if _is_silent(compared, n_spikes) and not still_open:
        return "neither network has a spike, which is no evidence"
    n = compared.n_seeds
    parts = ["no constrained run has a spike"] if _silent(compared, n_spikes)[0] == n else []
    if still_open:
        said = [_open_in_words(compared, key, known) for key in still_open[:MOST_NAMED]]
        more = len(still_open) - len(said)
        parts.append(", ".join(said) + (f" and {more} more" if more else ""))
        parts.append(_seeds_needed(compared, still_open))
    if not parts and any(one.primary for one in compared.found.values()):
        return _same_in_words(compared)
    return "; ".join(parts) or "no rate was measured, without which nothing is the same"


def _open_in_words(compared: Compared, key: Key, known: KnownMetrics) -> str:
    """A metric that is not decided: ``rate of exc from 8.1 to 7.5 Hz (margin 0.8)``."""
    one = compared.found[key]
    what = metric_of(key)
    if compared.agreement(key) == NOT_MEASURED:
        return f"{what} has values in the {'ideal' if one.n_b else 'constrained'} network alone"
    if np.isnan(one.margin):
        return f"{what} {from_to(compared, key, known)}"
    margin = f"a factor of {np.exp(one.margin):.3g}"
    if one.scale != Scale.LOG.value:
        margin = f"{one.margin:.2g}"
    return f"{what} {from_to(compared, key, known)} (margin {margin})"


def _seeds_needed(compared: Compared, keys: Sequence[Key]) -> str:
    """How many seeds would decide metrics."""
    n = compared.n_seeds
    found = [one for key in keys if (one := compared.found[key]).n_a and one.n_b]
    # Whether these differ, the fewest seeds that can show a difference may tell.
    apart = [one.runs_needed or 0 for one in found if one.is_beyond_margins]
    if apart and max(apart) > n:
        return f"{_seeds(n)} cannot tell, {max(apart)} may"
    needed = [one.runs_needed for one in found]
    if apart or not needed or None in needed:
        return f"{_seeds(n)} do not tell"
    return f"{_seeds(n)} do not tell, {max(n + 1, *(one or 0 for one in needed))} would"


def _failures(runs: pd.DataFrame, which: str) -> str:
    failed = runs[runs["status"] != DONE]
    if failed.empty:
        return ""
    return f"{len(failed)} of {len(runs)} {which} runs failed ({failed['error'].iloc[0]})"


def _seeds(n: int) -> str:
    return f"{n} seed{'' if n == 1 else 's'}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
