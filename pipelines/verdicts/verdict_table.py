"""Verdicts on pairs of backends: comparison of spikes, weights and signals, point by point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from pipelines.backends import in_order, is_reference
from pipelines.diagnosis.causes import causes
from pipelines.diagnosis.known_differences import refusals
from pipelines.diagnosis.run_pair import Cause, Evidence, Pair
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.selection import ByRun, HasTables, population_sizes, timestep_ms
from pipelines.tables.schemas import DONE, SCHEMAS
from pipelines.verdicts.bounds import check_bound
from pipelines.verdicts.draws import SeedStatistics
from pipelines.verdicts.signal_comparison import add_signals, compare_bounded_signals, signals_of
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, IDENTICAL, UNDECIDED

WEIGHT_TOLERANCE = 1e-9
"""Weights are the same when they differ by at most this share of the largest weight."""

# In ms: far above the rounding of a time, far below a time step.
_SAME_TIME = 1e-6

# Number of causes that are explained in the evidence; further ones are only named.
_EXPLAINED = 3

__all__ = [
    "DIFFERENT", "EQUIVALENT", "IDENTICAL", "UNDECIDED", "WEIGHT_TOLERANCE", "Comparison",
    "add_causes", "compare", "compare_pair", "compare_runs",
]  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Verdict on two runs of one point, and the evidence for it.

    Counts are of spikes; a difference that does not exist, or was not determined, is None.
    `causes` holds the names of known causes that fit, the most specific first. `statistics` is what
    all seeds at the parameters of the two runs say, `n_seeds` their number.
    """

    verdict: str
    evidence: str
    n_spikes_a: int | None = None
    n_spikes_b: int | None = None
    n_common: int | None = None
    first_difference_ms: float | None = None
    first_difference_population: str | None = None
    first_difference_neuron: int | None = None
    max_abs_weight_difference: float | None = None
    causes: str = ""
    n_seeds: int | None = None
    statistics: str | None = None


def compare(
    tables: HasTables,
    comparisons: pd.DataFrame | None = None,
    uses: frozenset[str] = frozenset(),
    known: KnownMetrics = BUILT_IN,
) -> pd.DataFrame:
    """Give a verdict on every point and pair of backends.

    Parameters
    ----------
    tables
        The experiment's tables.
    comparisons
        The table of that name, for the statistics of all seeds.
    uses
        Names that the experiment's code uses from PyNN (`known_differences.names_used`), which
        select the known differences of stock modules that concern it.
    known
        Metrics of the experiment.

    Returns
    -------
    pandas.DataFrame
        Columns of the table `verdicts`; points in the order of the runs, pairs in the order of
        `pipelines.backends.all_names`; one row for all seeds of independent draws.
        *identical*: the same spikes on the grid of time steps, weights within `WEIGHT_TOLERANCE`
        at each reading, signals within `signal_metrics.TOLERANCE`. *equivalent*: runs of one seed
        that differ within the bound of their cell types (`bounds`), or runs of different seeds
        with equivalent statistics. *different*: runs of one seed that differ otherwise, runs of
        different seeds with different statistics, or a point that one stock module runs and the
        other is known to refuse. *undecided*: a run failed otherwise or is missing, nothing was
        recorded, or there are too few seeds to decide.

        For runs of one seed that differ, `causes` names the known causes that fit, and `evidence`
        explains the first of them. If the reference ran the point, `evidence` also says which of
        the two runs it agrees with.
    """
    runs = tables.runs
    backends = in_order(runs["backend"])
    if len(backends) < 2:
        return _frame([])
    spikes, weights = ByRun(runs, tables.spikes), ByRun(runs, tables.weights)
    signals = ByRun(runs, tables.signals)
    observed = dict(zip(runs["run_id"], population_sizes(runs), strict=True))
    pairs = list(combinations(backends, 2))
    seeds = SeedStatistics(runs, tables.spikes, comparisons, pairs, known)

    def are_identical(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        sides = [Evidence(dict(r), spikes[r["run_id"]], weights[r["run_id"]]) for r in (one, other)]
        both = Pair(sides[0], sides[1], timestep_ms(one))
        same = compare_pair(both, ("a", "b"), bool(observed[one["run_id"]])).verdict == IDENTICAL
        return same and not len(signals[one["run_id"]])

    rows = []
    for point_id, of_point in runs.groupby("point_id", sort=False):
        by_backend = {run["backend"]: run for _, run in of_point.iterrows()}
        for a, b in pairs:
            if a not in by_backend and b not in by_backend:
                continue
            first = seeds.first_of_draws(str(point_id), (a, b))
            if first not in (None, point_id):
                continue  # one row for all seeds of independent draws
            of_draws = seeds.of_draws(first, (a, b), are_identical) if first is not None else None
            missing = [n for n in (a, b) if n not in by_backend]
            failed = [n for n in (a, b) if n not in missing and by_backend[n]["status"] != DONE]
            if of_draws is not None:
                result = Comparison(
                    of_draws.verdict,
                    of_draws.evidence,
                    *of_draws.n_spikes,
                    n_seeds=of_draws.n_seeds,
                )
            elif missing or failed:
                reasons = [f"no run on {n}" for n in missing] + [
                    f"the run on {n} failed ({by_backend[n]['error']})" for n in failed
                ]
                refused = [why for n in failed for why in refusals(n, by_backend[n]["error"])]
                # A point that one runs and the other is known to refuse is a difference.
                is_known = bool(refused) and len(failed) == 1 and not missing
                verdict = DIFFERENT if is_known else UNDECIDED
                result = add_causes(Comparison(verdict, " and ".join(reasons)), refused)
            else:
                id_a, id_b = by_backend[a]["run_id"], by_backend[b]["run_id"]
                pair = Pair(
                    Evidence(by_backend[a].to_dict(), spikes[id_a], weights[id_a]),
                    Evidence(by_backend[b].to_dict(), spikes[id_b], weights[id_b]),
                    timestep_ms(by_backend[a]),
                    (f"on {a}", f"on {b}"),
                    uses,
                )
                recorded = bool(observed[id_a]) and bool(observed[id_b])
                result = compare_pair(pair, (a, b), recorded)
                of_runs = signals_of(signals[id_a]), signals_of(signals[id_b])
                found = compare_bounded_signals(pair, result, of_runs, (a, b))
                result = add_signals(result, found)
                if result.verdict == DIFFERENT:
                    for name in filter(is_reference, by_backend.keys() - {a, b}):
                        run = by_backend[name]
                        if run["status"] == DONE and run["seed"] == by_backend[a]["seed"]:
                            key = run["run_id"]
                            third = Evidence(run.to_dict(), spikes[key], weights[key])
                            told = f"{result.evidence}; {reference_agreement(third, pair)}"
                            result = replace(result, evidence=told)
                    result = add_causes(result, causes(pair))
                    result = seeds.second_opinion(result, str(point_id), (a, b))
            key = {
                "experiment": of_point["experiment"].iloc[0],
                "point_id": point_id,
                "backend_a": a,
                "backend_b": b,
            }
            rows.append(key | vars(result))
    return _frame(rows)


def compare_runs(
    spikes_a: pd.DataFrame,
    spikes_b: pd.DataFrame,
    weights_a: pd.DataFrame,
    weights_b: pd.DataFrame,
    timestep: float,
    names: tuple[str, str] = ("a", "b"),
    recorded_spikes: bool = True,
) -> Comparison:
    """Compare the spikes and weights of two runs.

    Parameters
    ----------
    spikes_a, spikes_b
        Columns population, neuron, time_ms.
    weights_a, weights_b
        Columns projection, pre, post, weight, delay_ms, time_ms.
    timestep
        Width (ms) of the grid on which spike times are compared.
    names
        Names of the two runs in the evidence.
    recorded_spikes
        Whether spikes were recorded, so that silence is a result.
    """
    pair = Pair(Evidence({}, spikes_a, weights_a), Evidence({}, spikes_b, weights_b), timestep)
    return compare_pair(pair, names, recorded_spikes)


def compare_pair(pair: Pair, names: tuple[str, str], recorded_spikes: bool = True) -> Comparison:
    """Compare two runs, like `compare_runs`; the pair caches its divergence for an explanation."""
    if not recorded_spikes and not len(pair.a.weights) and not len(pair.b.weights):
        return Comparison(UNDECIDED, "neither spikes nor weights were recorded")
    result = _compare_spikes(pair, names)
    share, weight_evidence, gap = _compare_weights(pair.a.weights, pair.b.weights)
    # Written so that NaN is a difference.
    verdict = result.verdict if share <= WEIGHT_TOLERANCE else DIFFERENT
    said = [result.evidence, weight_evidence]
    if verdict == DIFFERENT and (held := check_bound(pair, share)):
        within, words = held
        verdict = EQUIVALENT if within else DIFFERENT
        said = [words, *said] if within else [*said, words]
    evidence = "; ".join(part for part in said if part)
    return replace(result, verdict=verdict, evidence=evidence, max_abs_weight_difference=gap)


def _compare_spikes(pair: Pair, names: tuple[str, str]) -> Comparison:
    a, b, found = pair.a.spikes, pair.b.spikes, pair.divergence
    if found is None:
        same = f"all {len(a):,} spikes on the same steps" if len(a) else "no spike on either"
        return Comparison(IDENTICAL, same, len(a), len(b), len(a))
    evidence = (
        f"spikes in common: {found.n_common:,} of {len(a):,} on {names[0]} and {len(b):,} on"
        f" {names[1]}; the first difference is at {found.time_ms:g} ms, neuron {found.neuron} of"
        f" {found.population}, on {names[found.on]} alone"
    )
    return Comparison(
        DIFFERENT,
        evidence,
        len(a),
        len(b),
        found.n_common,
        first_difference_ms=found.time_ms,
        first_difference_population=found.population,
        first_difference_neuron=found.neuron,
    )


def _compare_weights(a: pd.DataFrame, b: pd.DataFrame) -> tuple[float, str, float | None]:
    """Largest difference of weights as a share of the largest weight, evidence, and in their unit.

    The share is infinite if the connections differ.
    """
    if not len(a) and not len(b):
        return 0.0, "", None
    order = ["projection", "time_ms", "pre", "post", "delay_ms", "weight"]
    a, b = (table.sort_values(order, kind="stable") for table in (a, b))
    if len(a) != len(b):
        return np.inf, f"{len(a):,} weights against {len(b):,}", None
    for column in ("projection", "pre", "post"):
        if not np.array_equal(a[column].to_numpy(), b[column].to_numpy()):
            return np.inf, f"connections differ in {column}", None
    time_ms = a["time_ms"].to_numpy(float)
    # The time of a single reading at the end of a run is ignored: other programs may not write it.
    course = any(table["time_ms"].nunique() > 1 for table in (a, b))
    if course and not np.allclose(time_ms, b["time_ms"].to_numpy(float), rtol=0, atol=_SAME_TIME):
        return np.inf, "weights were read at other times", None
    delay_a, delay_b = a["delay_ms"].to_numpy(float), b["delay_ms"].to_numpy(float)
    # Tables from elsewhere may have no delays.
    known = ~np.isnan(delay_a) & ~np.isnan(delay_b)
    if not np.allclose(delay_a[known], delay_b[known], rtol=0, atol=1e-9):
        return np.inf, "delays differ", None
    weight_a, weight_b = a["weight"].to_numpy(float), b["weight"].to_numpy(float)
    gap = float(np.abs(weight_a - weight_b).max())
    largest = float(max(np.abs(weight_a).max(), np.abs(weight_b).max()))
    share = gap / largest if largest else gap
    if gap == 0:
        return share, f"all {len(a):,} weights equal", gap
    evidence = f"{len(a):,} weights, apart by up to {share:.1e} of the largest"
    if course:
        # Written so that NaN is a difference.
        differs = ~(np.abs(weight_a - weight_b) <= WEIGHT_TOLERANCE * largest)
        evidence += f", first at {time_ms[differs].min():g} ms" if differs.any() else ""
    return share, evidence, gap


def reference_agreement(reference: Evidence, pair: Pair) -> str:
    """Statement which of two runs that differ the reference agrees with.

    Parameters
    ----------
    reference
        The run of the same point on the reference. It agrees with a run if spikes and weights
        are the same, or within the bound of its cells.
    pair
        The two runs.
    """
    agrees, common = [], []
    for one, name in zip((pair.a, pair.b), pair.backends, strict=True):
        both = Pair(reference, one, pair.timestep)
        result = compare_pair(both, ("the reference", name))
        if result.verdict in (IDENTICAL, EQUIVALENT):
            agrees.append(name)
        common.append(f"{result.n_common:,} with {name}")
    if agrees:
        return f"the reference agrees with {' and '.join(agrees)}"
    number = len(reference.spikes)
    return f"the reference agrees with neither: of its {number:,} spikes {' and '.join(common)}"


def add_causes(result: Comparison, found: list[Cause]) -> Comparison:
    """Add the names of known causes to a comparison, and explain the first in its evidence."""
    words = [f"{cause.name}: {cause.explanation}" for cause in found[:_EXPLAINED]]
    names = "; ".join(dict.fromkeys(cause.name for cause in found))
    return replace(result, evidence="; ".join([result.evidence, *words]), causes=names)


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=SCHEMAS["verdicts"].names)
    kinds = {"int64": "Int64", "double": "float64"}
    numeric = {f.name: kinds[str(f.type)] for f in SCHEMAS["verdicts"] if str(f.type) in kinds}
    return frame.astype(numeric)
