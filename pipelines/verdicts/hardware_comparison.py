"""Comparison of constrained runs with ideal ones, metric by metric, over the seeds.

The runs of a seed have the same inputs and the same draws, so that they are a pair. Means are
compared pair by pair (Student's t on the differences), which leaves out what seeds do to both.
Whether they differ more than seeds do is tested as between backends: by permutation of all runs,
and not of the runs of each pair, since n pairs give only 2^(n-1) divisions against (2n over n) / 2.
Where pairs are alike this test is the more careful one: it takes what seeds do to both for a
reason that runs are apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipelines.hardware.variants import ALL
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.measured import Recordings, Samples, measure
from pipelines.metrics.metric import Metric
from pipelines.metrics.selection import HasTables, finished
from pipelines.tables.schemas import SCHEMAS
from pipelines.verdicts.decision import ALPHA, Key, Statistics, decide, over_groups
from pipelines.verdicts.equivalence import tost
from pipelines.verdicts.hardware_variants import ConstrainedRuns, constrained_runs
from pipelines.verdicts.metric_statistics import statistics
from pipelines.verdicts.seed_floor import MOST_DIVISIONS
from pipelines.verdicts.verdict_names import EQUIVALENT

NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Compared:
    """Metrics of one variant, setting and backend against the ideal network.

    Attributes
    ----------
    of
        The runs.
    found
        Statistics by population and metric: a is constrained, b is ideal.
    alike
        Metrics whose values are the same in every pair of runs.
    """

    of: ConstrainedRuns
    found: Mapping[Key, Statistics]
    alike: frozenset[Key]

    @property
    def n_seeds(self) -> int:
        """Number of seeds with which both networks are done."""
        return len(self.of.pairs)

    @property
    def tested(self) -> dict[Key, Statistics]:
        """Statistics of the metrics that need a test: what is the same in every pair needs none."""
        return {key: one for key, one in self.found.items() if key not in self.alike}

    def agreement(self, key: Key) -> str:
        """*equivalent*, *different*, *undecided*, or *not measured* where one has no value."""
        one = self.found[key]
        if not one.n_a or not one.n_b:
            return NOT_MEASURED
        return EQUIVALENT if key in self.alike else one.verdict

    def in_margins(self, key: Key) -> float:
        """How far a metric moved, of its mean or its distribution, in margins."""
        one = self.found[key]
        parts = [
            abs(value) / margin if margin > 0 else np.inf
            for value, margin in ((one.difference, one.margin), (one.excess, one.excess_margin))
            if not np.isnan(value) and not np.isnan(margin)
        ]
        return max(parts, default=0.0)


def compare_with_ideal(tables: HasTables, known: KnownMetrics = BUILT_IN) -> list[Compared]:
    """Compare the metrics of every hardware variant with those of the ideal network.

    Parameters
    ----------
    tables
        The experiment's tables, of which runs, spikes, weights and signals are read.
    known
        Its metrics, with the margins of the sweep.

    Returns
    -------
    list of Compared
        One for each setting of the parameters, variant and backend, in the order of the runs.
        p-values hold for a whole family of comparisons (Holm 1979), of one backend each, as runs
        that are the same on two backends are no second chance to find a difference: all variants
        with all their constraints are one family, and the ablation of each of them is another.
        Metrics that are the same in every pair of runs are not tested, and do not count.
    """
    recordings = Recordings(finished(tables.runs), tables)
    groups = list(constrained_runs(tables.runs))
    families: dict[object, list[int]] = {}
    for number, group in enumerate(groups):
        families.setdefault(_family(group), []).append(number)
    most = max(map(len, families.values()), default=1)
    divisions = max(MOST_DIVISIONS, int(np.ceil(2 * most / ALPHA)))
    ideal: dict[str, Samples] = {}
    compared = []
    for group in groups:
        wanted = [run_id for _, run_id in group.pairs]
        # Those of the setting that comes next are others: a sweep's together may be large.
        ideal = {one: ideal[one] for one in wanted if one in ideal} | {
            one: _samples(recordings, one, known) for one in wanted if one not in ideal
        }
        compared.append(_compare(group, ideal, recordings, known, divisions))
    for numbers in families.values():
        adjusted = over_groups([compared[k].tested for k in numbers], divisions)
        for k, found in zip(numbers, adjusted, strict=True):
            # In the order that they had.
            compared[k] = replace(compared[k], found={**compared[k].found, **found})
    return compared


def hardware_table(compared: Iterable[Compared]) -> pd.DataFrame:
    """The table `hardware`: a row a metric of each comparison with the ideal network."""
    rows = [row for one in compared for row in _rows(one)]
    return pd.DataFrame(rows, columns=SCHEMAS["hardware"].names).astype(
        {"n_seeds": "int64", "primary": bool}
    )


def _family(group: ConstrainedRuns) -> object:
    variant = group.variant
    if variant.constraints == ALL:
        return group.backend, ALL
    return group.backend, replace(variant, constraints=""), group.setting


def _samples(recordings: Recordings, run_id: str, known: KnownMetrics) -> Samples:
    return measure(recordings[run_id], known, compare=True)[1]


def _compare(
    group: ConstrainedRuns,
    ideal: Mapping[str, Samples],
    recordings: Recordings,
    known: KnownMetrics,
    divisions: int,
) -> Compared:
    metrics = known.compared
    pairs = [(_samples(recordings, a, known), ideal[b]) for a, b in group.pairs]
    if not pairs:
        return Compared(group, {}, frozenset())
    sides = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    digest = hashlib.sha256(group.point_id.encode()).digest()
    seed = int.from_bytes(digest[:8], "little")
    found = {}
    for key, one in statistics(*sides, metrics, seed, divisions).items():
        with_values = [(a[key], b[key]) for a, b in pairs if key in a and key in b]
        by_pairs = _by_pairs(one, with_values, metrics[key[1]])
        found[key] = decide(by_pairs, one.p_value, divisions=divisions)
    alike = {
        key
        for key in found
        if all((key in a) == (key in b) for a, b in pairs)
        and all(metrics[key[1]].are_identical(a[key], b[key]) for a, b in pairs if key in a)
    }
    return Compared(group, found, frozenset(alike))


def _by_pairs(
    one: Statistics, pairs: Sequence[tuple[np.ndarray, np.ndarray]], metric: Metric
) -> Statistics:
    """The same statistics with the interval of the mean difference over pairs of runs.

    A margin that is a share of the smaller mean is as uncertain as this mean: the interval has the
    width of that of ``larger - (1 + share) smaller``, whose sign says whether it is exceeded.
    """
    numbers = np.array([[metric.number(values) for values in pair] for pair in pairs])
    numbers = numbers[~np.isnan(numbers).any(axis=1)] if len(numbers) else np.empty((0, 2))
    if len(numbers) < 2 or np.isnan(one.margin):
        return one
    means = numbers.mean(axis=0)
    smaller = int(abs(means[1]) < abs(means[0]))
    weights = np.where(np.arange(2) == smaller, 1 + metric.share, -1.0)
    spread = numbers @ weights
    differences = means[0] - means[1] + spread - spread.mean()
    test = tost(differences, np.zeros_like(differences), one.margin, ALPHA)
    return replace(
        one, difference=test.difference, difference_low=test.low, difference_high=test.high
    )


def _rows(compared: Compared) -> Iterator[dict[str, object]]:
    for (population, metric), one in compared.found.items():
        yield {
            "point_id": compared.of.point_id,
            "ideal_point_id": compared.of.ideal_point_id,
            "backend": compared.of.backend,
            "n_seeds": compared.n_seeds,
            "population": population,
            "metric": metric,
            "ideal": one.mean_b,
            "constrained": one.mean_a,
            "difference": one.difference,
            "low": one.difference_low,
            "high": one.difference_high,
            "margin": one.margin,
            "scale": one.scale,
            "excess": one.excess,
            "excess_margin": one.excess_margin,
            "p_value": one.p_value,
            "primary": one.primary,
            "agreement": compared.agreement((population, metric)),
        }
