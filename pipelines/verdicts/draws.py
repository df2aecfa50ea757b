"""Verdict on all runs that have their parameters in common: independent draws, second opinions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.selection import population_sizes
from pipelines.tables.schemas import DONE
from pipelines.verdicts.group_verdict import Observed, group_verdict
from pipelines.verdicts.run_comparison import Comparison
from pipelines.verdicts.seed_groups import independent_draws, seed_groups
from pipelines.verdicts.verdict_names import IDENTICAL, UNDECIDED

_FEWEST_SEEDS = 2


class SeedStatistics:
    """Verdicts on the groups of seeds of an experiment.

    Parameters
    ----------
    runs, spikes, comparisons
        The tables of these names; no comparisons (None) if statistics were not computed.
    pairs
        Pairs of backends.
    known
        Metrics of the experiment.
    """

    def __init__(
        self,
        runs: pd.DataFrame,
        spikes: pd.DataFrame,
        comparisons: pd.DataFrame | None,
        pairs: list[tuple[str, str]],
        known: KnownMetrics = BUILT_IN,
    ) -> None:
        self._known = known
        self._rows = {}
        if comparisons is not None:
            keys = ["point_id", "backend_a", "backend_b"]
            self._rows = dict(list(comparisons.groupby(keys, sort=False)))
        self._groups = {}
        for group in seed_groups(runs):
            self._groups.update(dict.fromkeys(group["point_id"], group))
        self._n_spikes = spikes["run_id"].value_counts()
        self._draws = {pair: independent_draws(runs, *pair) for pair in pairs}

    def first_of_draws(self, point_id: str, pair: tuple[str, str]) -> str | None:
        """First point of the independent draws that a point is of; None if it is of none."""
        return self._draws[pair].get(point_id)

    def of_draws(
        self,
        point_id: str,
        pair: tuple[str, str],
        same: Callable[[pd.Series, pd.Series], bool],
    ) -> Comparison | None:
        """Verdict on independent draws; None if all runs of a backend failed.

        Parameters
        ----------
        point_id
            Their first point.
        pair
            The two backends.
        same
            Whether two finished runs, given by their rows of `runs`, are identical: those of a
            network without randomness are, whatever the seeds.
        """
        group = self._of_pair(point_id, pair)
        done = group[group["status"] == DONE]
        sides = [done[done["backend"] == name] for name in pair]
        if not all(map(len, sides)):
            return None
        result = self._verdict(point_id, pair, group)
        a, b = ([run for _, run in side.iterrows()] for side in sides)
        others = [*zip(a, b, strict=False), *((a[0], other) for other in b[1:])]
        if len(done) == len(group) and all(same(one, other) for one, other in others):
            words = f"the runs of all {result.n_seeds} seeds are identical"
            return replace(result, verdict=IDENTICAL, evidence=words)
        return result

    def second_opinion(
        self, result: Comparison, point_id: str, pair: tuple[str, str]
    ) -> Comparison:
        """A comparison of two runs with what all seeds at their parameters say beside it."""
        group = self._of_pair(point_id, pair)
        done = group[group["status"] == DONE]
        n_seeds = int(done.groupby("backend")["seed"].nunique().reindex(pair).fillna(0).min())
        if n_seeds < _FEWEST_SEEDS or (point_id, *pair) not in self._rows:
            return result
        found = self._verdict(point_id, pair, group)
        words = f"as statistics of {n_seeds} seeds: {found.verdict} ({found.evidence})"
        return replace(
            result, evidence=f"{result.evidence}; {words}", n_seeds=n_seeds,
            statistics=f"{found.verdict}: {found.evidence}",
        )  # fmt: skip

    def _of_pair(self, point_id: str, pair: tuple[str, str]) -> pd.DataFrame:
        group = self._groups[point_id]
        return group[group["backend"].isin(pair)]

    def _verdict(self, point_id: str, pair: tuple[str, str], group: pd.DataFrame) -> Comparison:
        done = group[group["status"] == DONE]
        sides = [done[done["backend"] == name] for name in pair]
        n_runs = len(sides[0]), len(sides[1])
        counts = [self._n_spikes.reindex(side["run_id"]).fillna(0).astype(int) for side in sides]
        populations = {name for sizes in population_sizes(done) for name in sizes}
        silent = [int((count == 0).sum()) if populations else 0 for count in counts]
        observed = Observed(
            pair, populations, n_runs, (silent[0], silent[1]), _failures(group, pair)
        )
        rows = self._rows.get((point_id, *pair))
        if rows is None:
            verdict, evidence = UNDECIDED, "no statistics were computed"
        else:
            verdict, evidence = group_verdict(rows, observed, self._known)
        total = int(counts[0].sum()), int(counts[1].sum())
        return Comparison(verdict, evidence, *total, n_seeds=min(n_runs))


def _failures(group: pd.DataFrame, pair: tuple[str, str]) -> str:
    """Failed runs, and points without a run on one of the backends, in words."""
    said = []
    n_points = group["point_id"].nunique()
    for name in pair:
        of_backend = group[group["backend"] == name]
        failed = of_backend[of_backend["status"] != DONE]
        if len(failed):
            error = failed["error"].iloc[0]
            said.append(f"{len(failed)} of {len(of_backend)} runs on {name} failed ({error})")
        if len(of_backend) < n_points:
            said.append(f"{n_points - len(of_backend)} runs on {name} are missing")
    return "; ".join(said)
