"""Verdict on all seeds of one set of parameters, from the statistics of its metrics, in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.metric import POPULATION, PROJECTION, SIGNAL, Margin, Metric, Scale
from pipelines.verdicts.decision import ALPHA
from pipelines.verdicts.metric_statistics import POWER
from pipelines.verdicts.metric_words import (
    different_in_words,
    most_in_words,
    undecided_in_words,
    within_in_words,
)
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, UNDECIDED

_RATE = "rate"
# No test is certain: the largest probability that is told.
_ALMOST_CERTAIN = 0.99
_KINDS = {POPULATION: "spikes", PROJECTION: "weights", SIGNAL: "signals"}


@dataclass(frozen=True)
class Observed:
    """What two sets of runs recorded, and how much of it there is.

    Attributes
    ----------
    backends
        Names of the two backends.
    populations
        Populations whose spikes were recorded.
    n_runs
        Number of finished runs of each backend.
    n_silent
        Number of them that have no spike at all.
    failures
        Failed and missing runs, in words; "" if there are none.
    """

    backends: tuple[str, str]
    populations: Collection[str]
    n_runs: tuple[int, int]
    n_silent: tuple[int, int] = (0, 0)
    failures: str = ""

    @property
    def silent(self) -> list[str]:
        """Backends without a spike in any run, though spikes were recorded."""
        return [
            name
            for name, n, of in zip(self.backends, self.n_silent, self.n_runs, strict=True)
            if self.populations and of and n == of
        ]


def group_verdict(
    rows: pd.DataFrame, observed: Observed, known: KnownMetrics = BUILT_IN
) -> tuple[str, str]:
    """Verdict on two sets of runs that differ in their seeds, and the evidence for it.

    Parameters
    ----------
    rows
        Rows of the table `comparisons` of one point and pair of backends; their column
        `statistics` is used.
    observed
        What the runs recorded.
    known
        Metrics of the experiment, which give the margins and what could have been measured.

    Returns
    -------
    verdict, evidence
        *different* if one metric is; *equivalent* if all primary metrics that were measured are,
        the rates of all recorded populations among them, no run failed and there are spikes
        wherever spikes were recorded; otherwise *undecided*.
    """
    measured = measured_in_words(rows, observed.populations, known)
    lost = [*_silence_in_words(observed), observed.failures]
    also = [*lost, measured]
    if rows.empty:
        return UNDECIDED, _joined("nothing that can be compared was measured", *also)
    apart = rows[rows["statistics"] == DIFFERENT].sort_values("p_value", kind="stable")
    if len(apart):
        return DIFFERENT, _joined(most_in_words(apart, different_in_words), *also)
    primary = rows[rows["primary"].astype(bool)]
    still_open = primary[primary["statistics"] != EQUIVALENT]
    without = _without_rate(rows, observed.populations)
    if len(observed.silent) == 2:
        return UNDECIDED, _joined(*also)
    if len(still_open):
        return UNDECIDED, _joined(
            most_in_words(still_open, undecided_in_words), plan_in_words(primary), *also
        )
    if without or primary.empty:
        what = f"of {' and '.join(without)} " if without else ""
        lacking = f"no rate {what}was measured, without which nothing is equivalent"
        return UNDECIDED, _joined(lacking, *also)
    if observed.silent or observed.failures:
        return UNDECIDED, _joined(*also)
    return EQUIVALENT, _joined(
        f"{_count(len(primary), 'primary metric')} equivalent with {_runs(observed.n_runs)} a"
        f" backend: {margins_in_words(primary, known)}; smallest adjusted p ="
        f" {rows['p_value'].min():.2g}",
        power_in_words(primary),
        certain_in_words(rows),
        secondary_in_words(rows),
        *also,
    )


def measured_in_words(
    rows: pd.DataFrame, populations: Collection[str], known: KnownMetrics = BUILT_IN
) -> str:
    """How many of the metrics were measured, and which were not."""
    metrics = known.compared
    found = {name: set(of["population"]) for name, of in rows.groupby("metric", sort=False)}
    missing, partly = [], []
    for kind, noun in _KINDS.items():
        of_kind = [name for name, metric in metrics.items() if metric.of == kind]
        if of_kind and not any(name in found for name in of_kind):
            missing.append(f"those of {noun}" if len(of_kind) > 1 else of_kind[0])
            continue
        missing += [name for name in of_kind if name not in found]
        if kind == POPULATION:
            for name in of_kind:
                lacking = sorted(set(populations) - found.get(name, set(populations)))
                partly += [f"{name} of {population}" for population in lacking]
    missing += [
        name for name, metric in metrics.items() if metric.of not in _KINDS and name not in found
    ]
    n = sum(name in found for name in metrics)
    words = f"{n} of {len(metrics)} metrics measured"
    left_out = [*missing, *partly]
    return f"{words}; not measured: {', '.join(left_out)}" if left_out else words


def margins_in_words(rows: pd.DataFrame, known: KnownMetrics = BUILT_IN) -> str:
    """The margins within which metrics were found equal."""
    compared = known.compared
    names = [name for name in compared if name in set(rows["metric"])]
    said = [f"{name} {_margin_in_words(compared[name])}" for name in names]
    # An experiment's own metrics may be unknown here.
    for name, of_metric in rows[~rows["metric"].isin(names)].groupby("metric", sort=False):
        said.append(f"{name} {of_metric['margin'].max():.3g}")
    limits = sorted(set(rows["excess_margin"].dropna()))
    words = f"means the same within {', '.join(said)}"
    if limits:
        words += f", distributions within a distance of {' or '.join(f'{x:g}' for x in limits)}"
    return words


def power_in_words(primary: pd.DataFrame) -> str:
    """Probability with which these runs find equal backends equivalent, and rates different."""
    if primary["power"].isna().any():
        return ""
    # One of several metrics fails at most as often as their failures add up to.
    joint = max(0.0, 1 - float((1 - primary["power"]).sum()))
    words = (
        "so many runs find two equal backends equivalent with a probability of at least"
        f" {_percent(min(joint, _ALMOST_CERTAIN))}"
    )
    rates = primary[(primary["metric"] == _RATE) & (primary["mean_a"] > 0)]
    if len(rates):
        share = float((rates["detectable"] / rates[["mean_a", "mean_b"]].min(axis=1)).max())
        words += (
            f", and a rate that is {share * 100:.3g} % off different with one of {_percent(POWER)}"
        )
    return words


def plan_in_words(primary: pd.DataFrame) -> str:
    """Number of seeds that would decide all primary metrics."""
    tested = primary[primary["p_value"].notna()]
    if tested.empty:
        return ""
    n_runs = int(tested[["n_a", "n_b"]].min(axis=None))
    if tested["runs_needed"].isna().any():
        # Where the means, as found, are further apart than the margin, no number makes them equal.
        return f"more than {n_runs} seeds a backend would decide"
    n = max(int(tested["runs_needed"].max()), n_runs + 1)
    which = f"all {len(tested)} primary metrics" if len(tested) > 1 else "the primary metric"
    return f"{n} seeds a backend would decide {which} with a probability of {_percent(POWER)}"


def certain_in_words(rows: pd.DataFrame) -> str:
    """Metrics whose difference is certain, and does not matter."""
    certain = rows[(rows["statistics"] == EQUIVALENT) & (rows["p_value"] < ALPHA)]
    if certain.empty:
        return ""
    return f"different, but within the margin: {most_in_words(certain, within_in_words)}"


def secondary_in_words(rows: pd.DataFrame) -> str:
    """Secondary metrics that are not decided."""
    unsure = rows[~rows["primary"].astype(bool) & (rows["statistics"] == UNDECIDED)]
    if unsure.empty:
        return ""
    said = [
        f"{metric} of {' and '.join(of['population'])}"
        for metric, of in unsure.groupby("metric", sort=False)
    ]
    return f"undecided secondary metrics: {', '.join(said)}"


def _without_rate(rows: pd.DataFrame, populations: Collection[str]) -> list[str]:
    rates = rows[(rows["metric"] == _RATE) & rows["p_value"].notna()]
    return sorted(set(populations) - set(rates["population"]))


def _silence_in_words(observed: Observed) -> list[str]:
    if not observed.populations:
        return []
    if len(observed.silent) == 2:
        return ["no run on either has a spike, although spikes were recorded: that is no evidence"]
    return [
        f"{n if n < of else 'all'} of {of} runs on {name} have no spike, although spikes were"
        " recorded"
        for name, n, of in zip(observed.backends, observed.n_silent, observed.n_runs, strict=True)
        if n
    ]


def _margin_in_words(metric: Metric) -> str:
    if metric.scale is Scale.LOG:
        return f"a factor of {1 + metric.margin:g}"
    if metric.margin_of is Margin.NOTHING:
        return f"{metric.margin:g}{'' if metric.unit in ('', '1') else ' ' + metric.unit}"
    of = {Margin.SPREAD: " of the spread", Margin.MAGNITUDE: " of the magnitude"}
    return f"{metric.margin * 100:g} %{of.get(metric.margin_of, '')}"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _runs(n_runs: tuple[int, int]) -> str:
    return f"{n_runs[0]} and {n_runs[1]} runs" if n_runs[0] != n_runs[1] else f"{n_runs[0]} runs"


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
