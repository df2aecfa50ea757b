"""Comparison of the weights of two runs, projection by projection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.verdicts.coverage import few

WEIGHT_TOLERANCE = 1e-9
"""Weights are the same when they differ by at most this share of the largest of their projection,
in either run."""

# In ms: far above the rounding of a time, far below a time step.
_SAME_TIME = 1e-6
# Number of projections whose difference is described; further ones are only counted.
_DESCRIBED = 3
_ORDER = ["time_ms", "pre", "post", "delay_ms", "weight"]


@dataclass(frozen=True)
class WeightComparison:
    """Result of the comparison of the weights of two runs.

    Attributes
    ----------
    share
        Largest difference as a share of the largest weight of the same projection; infinite if
        connections or times of reading differ.
    gap
        Largest difference in the unit of the weights; None if none was compared.
    number
        Number of weights that have a value in both runs.
    projections
        Names of the projections that have weights in a run.
    evidence
        The result in words; empty without weights.
    without_delays
        Projections whose delays one run does not have.
    """

    share: float = 0.0
    gap: float | None = None
    number: int = 0
    projections: tuple[str, ...] = ()
    evidence: str = ""
    without_delays: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether all weights are the same, within `WEIGHT_TOLERANCE`."""
        # NaN is a difference.
        return self.share <= WEIGHT_TOLERANCE


@dataclass(frozen=True)
class _OfProjection:
    """`WeightComparison` of one projection, with the phrase that describes a difference."""

    share: float
    gap: float | None = None
    number: int = 0
    difference: str = ""
    without_delays: bool = False


def compare_weights(a: pd.DataFrame, b: pd.DataFrame) -> WeightComparison:
    """Compare the weights of two runs.

    Parameters
    ----------
    a, b
        Columns projection, pre, post, weight, delay_ms, time_ms; delays may be NaN. Weights that
        are NaN in both runs are the same.
    """
    of_a, of_b = _by_projection(a), _by_projection(b)
    names = sorted({*a["projection"].unique(), *b["projection"].unique()})
    found = {str(name): _compare(of_a(name), of_b(name)) for name in names}
    if not found:
        return WeightComparison()
    gaps = [one.gap for one in found.values() if one.gap is not None]
    # `max` would pass over NaN.
    return WeightComparison(
        float(np.max([one.share for one in found.values()])),
        float(np.max(gaps)) if gaps else None,
        sum(one.number for one in found.values()),
        tuple(found),
        _evidence(found),
        tuple(name for name, one in found.items() if one.without_delays),
    )


def _evidence(found: Mapping[str, _OfProjection]) -> str:
    apart = {name: one.difference for name, one in found.items() if one.difference}
    if apart:
        said = [f"{name}: {what}" for name, what in [*apart.items()][:_DESCRIBED]]
        more = len(apart) - len(said)
        said += [f"and {more} more"] if more else []
        return "; ".join(said)
    number, worst = (
        sum(one.number for one in found.values()),
        max(one.share for one in found.values()),
    )
    how = "equal" if worst == 0 else f"within {worst:.1e} of the largest of their projection"
    return f"all {number:,} weights of {few(found)} {how}"


def _by_projection(table: pd.DataFrame) -> Callable[[str], pd.DataFrame]:
    """Function that gives the rows of a projection, of which only one is copied at a time."""
    grouped = table.groupby("projection", observed=True, sort=False)
    return lambda name: grouped.get_group(name) if name in grouped.groups else table.iloc[:0]


def _compare(a: pd.DataFrame, b: pd.DataFrame) -> _OfProjection:
    """Compare the weights of one projection."""
    if len(a) != len(b):
        return _OfProjection(np.inf, difference=f"{len(a):,} weights against {len(b):,}")
    delays_known = not (a["delay_ms"].isna().all() or b["delay_ms"].isna().all())
    # Of synapses between the same neurons, those of tables without delays are told by weight.
    order = [name for name in _ORDER if delays_known or name != "delay_ms"]
    a, b = (table.sort_values(order, kind="stable") for table in (a, b))
    for column in ("pre", "post"):
        if not np.array_equal(a[column].to_numpy(), b[column].to_numpy()):
            return _OfProjection(np.inf, difference=f"connections differ in {column}")
    time_ms = a["time_ms"].to_numpy(float)
    # The time of a single reading at the end of a run is ignored: other programs may not write it.
    course = any(table["time_ms"].nunique() > 1 for table in (a, b))
    if course and not np.allclose(time_ms, b["time_ms"].to_numpy(float), rtol=0, atol=_SAME_TIME):
        return _OfProjection(np.inf, difference="weights were read at other times")
    delay_a, delay_b = a["delay_ms"].to_numpy(float), b["delay_ms"].to_numpy(float)
    known = ~np.isnan(delay_a) & ~np.isnan(delay_b)
    if not np.allclose(delay_a[known], delay_b[known], rtol=0, atol=1e-9):
        return _OfProjection(np.inf, difference="delays differ")
    values = np.array([a["weight"].to_numpy(float), b["weight"].to_numpy(float)])
    return _compare_values(values, time_ms if course else None, not bool(known.all()))


def _compare_values(
    values: np.ndarray, time_ms: np.ndarray | None, without_delays: bool
) -> _OfProjection:
    """Compare weights of shape (2, n), which were read at these times if there are several."""
    missing = np.isnan(values)
    apart = np.abs(values[0] - values[1])
    apart[missing.all(axis=0)] = 0.0
    apart[missing.any(axis=0) & ~missing.all(axis=0)] = np.inf
    gap = float(apart.max())
    largest = float(np.max(np.abs(values), where=~missing, initial=0.0))
    share = gap / largest if largest else gap
    differs = apart > WEIGHT_TOLERANCE * largest
    said = ""
    if differs.any():
        by = f"by up to {share:.1e} of the largest" if np.isfinite(gap) else "some have no value"
        said = f"{int(differs.sum()):,} of {len(apart):,} weights differ, {by}"
        said += f", first at {time_ms[differs].min():g} ms" if time_ms is not None else ""
    number = int((~missing.any(axis=0)).sum())
    return _OfProjection(share, gap if np.isfinite(gap) else None, number, said, without_delays)
