"""Cell types whose spikes may differ between simulators, and the bounds on the difference.

Bounds are defined here only. The support matrix checks them (``counterpoint conformance``), and
verdicts on runs with such cells apply them. Where the spikes are the same nevertheless, as they
mostly are on NEST and Brian2, the verdict is *identical*.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.diagnosis.run_pair import Pair

# Spike times (ms) closer than this are the same: the grids agree, but not their rounding.
_SAME_TIME = 1e-6


@dataclass(frozen=True)
class Bound:
    """Largest difference between backends for cells that cannot always agree exactly.

    Attributes
    ----------
    shift
        Largest shift of a spike in ms; each neuron has the same number of spikes.
    signals
        Largest deviation of a weight, as a share of the largest weight, and of a signal where no
        spike is shifted.
    why
        Reason for the difference, in one clause.
    """

    shift: float
    signals: float
    why: str

    def __str__(self) -> str:
        return (
            f"spikes as many, each within {self.shift:g} ms; where all are in the same step,"
            f" signals within {self.signals:g} of the largest: {self.why}"
        )


# The 753 spikes are those of NEST and the reference, in the matrix. None differed of 1.4 million on
# NEST and Brian2, in networks of 250 and 500 cells over 1 and 3 s, with synapses between the cells
# and without; with plastic synapses signals differed by 2e-9.
_ADAPTIVE = Bound(
    shift=0.1, signals=1e-3,
    why="the solver accepts or refuses a step by an error estimate that rounding moves, and a sum"
    " in another order is enough; of 753 spikes in a second one was a step off",
)  # fmt: skip

BOUNDS: Mapping[str, Bound] = {
    "EIF_cond_exp_isfa_ista": _ADAPTIVE,
    "EIF_cond_alpha_isfa_ista": _ADAPTIVE,
}
"""Bounds by the name of the cell type in PyNN."""


def largest_shift(ours: np.ndarray, theirs: np.ndarray) -> float | None:
    """Largest difference (ms) between the k-th spikes of a neuron in two runs.

    Parameters
    ----------
    ours, theirs
        Neuron and time (ms) of every spike, shape (n_spikes, 2), in any order.

    Returns
    -------
    float or None
        0 for the same spikes; None if a neuron has more spikes in one run than in the other.
    """
    ours, theirs = (one[np.lexsort(one.T[::-1])] for one in (ours, theirs))
    if ours.shape != theirs.shape or np.any(ours[:, 0] != theirs[:, 0]):
        return None
    shift = float(np.max(np.abs(ours[:, 1] - theirs[:, 1]), initial=0.0))
    return 0.0 if shift <= _SAME_TIME else shift


def exceeds_bound(shift: float, bound: Bound) -> bool:
    """Whether the shift of a spike (ms) exceeds a bound."""
    return shift > bound.shift + _SAME_TIME


def bounded_populations(record: Mapping[str, object]) -> dict[str, str]:
    """Populations of a run whose cell type has a bound: name -> cell type.

    Parameters
    ----------
    record
        Record of the run, or its row of `runs`. If it names no cell types, the result is empty.
    """
    given = record.get("cell_types")
    types = json.loads(given) if isinstance(given, str) and given else given
    if not isinstance(types, dict):
        return {}
    return {name: one for name, of_it in types.items() for one in of_it if one in BOUNDS}


def check_bound(pair: Pair, weight_share: float) -> tuple[bool, str] | None:
    """Whether two runs that differ are within the bound of their cells, and the evidence.

    The spikes of other populations and the weights depend on the cells that have a bound, so the
    same bound applies to them. A spike of another population that differs before any spike of
    these cells has another reason, and exceeds the bound.

    Parameters
    ----------
    pair
        The runs.
    weight_share
        Largest difference of their weights, as a share of the largest weight.

    Returns
    -------
    (bool, str) or None
        None where no population has a bound.
    """
    held = bounded_populations(pair.a.record)
    if not held or held != bounded_populations(pair.b.record):
        return None
    widest = max((BOUNDS[one] for one in held.values()), key=lambda bound: bound.shift)
    names = f"the bound of {', '.join(sorted(set(held.values())))}"
    problem = _earlier_difference_elsewhere(pair, held)
    shifts = [0.0]
    for population in pair.grid.populations:
        bound = BOUNDS[held[population]] if population in held else widest
        shift = largest_shift(*(_rows(one.spikes, population) for one in (pair.a, pair.b)))
        if shift is None:
            problem = problem or f"{population} has a neuron with more spikes in one run"
        elif exceeds_bound(shift, bound):
            problem = problem or f"a spike of {population} is shifted by {shift:g} ms"
        else:
            shifts.append(shift)
    # Written so that NaN exceeds the bound.
    if not problem and not weight_share <= widest.signals:
        problem = "the weights are"
    if problem:
        return False, f"beyond {names} ({widest.shift:g} ms, spikes as many): {problem}"
    within = f"each within {max(shifts):g} ms" if max(shifts) else "each in the same step"
    weights = f", weights within {widest.signals:g} of the largest" if weight_share else ""
    return True, f"spikes as many, {within}{weights}: {names} ({widest.why})"


def _rows(spikes: pd.DataFrame, population: str) -> np.ndarray:
    rows: np.ndarray = spikes.loc[spikes["population"] == population, ["neuron", "time_ms"]]
    return np.asarray(rows, dtype=float)


def _earlier_difference_elsewhere(pair: Pair, held: Mapping[str, str]) -> str:
    """Description of a difference before any in a population with a bound; empty if none."""
    populations = pair.grid.populations
    if not set(held) <= set(populations):
        # A population with a bound has no spikes, perhaps because they were not recorded.
        return ""
    counts = pair.counts
    step, population, _ = pair.grid.split_keys(counts.keys[counts.a != counts.b])
    own = np.isin(population, [populations.index(name) for name in held])
    others = np.flatnonzero(~own & (step <= np.min(step[own], initial=np.iinfo(np.int64).max)))
    if not others.size:
        return ""
    first = others[0]
    return (
        f"a spike of {populations[int(population[first])]} differs at"
        f" {pair.grid.time_ms(step[first]):g} ms, before any of theirs"
    )
