"""Detection rates of injected faults with independent inputs, by strength and number of seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipelines.metrics.known import BUILT_IN
from pipelines.metrics.measured import Recordings, Samples, measure
from pipelines.metrics.selection import HasTables, finished
from pipelines.sensitivity.faults import FAULTS
from pipelines.sensitivity.frozen_inputs import fault_label
from pipelines.verdicts.decision import ALPHA
from pipelines.verdicts.seed_floor import distance_matrix, permutation_test

SEEDS = (4, 6, 8, 10)
"""Runs on each side of a comparison."""
_DRAWS = 50
# Permutations of the runs of one comparison: enough for a level of 5 %, and quick.
_PERMUTATIONS = 999
_SELF_COMPARISONS = 200
Floats = np.ndarray


@dataclass(frozen=True)
class RunPool:
    """Distances between all runs of a set, from which comparisons are drawn.

    Attributes
    ----------
    n_healthy
        Number of runs without a fault; they come first.
    matrices
        Distances between runs, one matrix for each population and metric, of shape (n, n).
    """

    n_healthy: int
    matrices: tuple[Floats, ...]

    def differs(self, a: Sequence[int], b: Sequence[int], rng: np.random.Generator) -> bool:
        """Whether a permutation test finds two groups of runs different.

        Parameters
        ----------
        a, b
            Indices of the runs in each group.
        rng
            Generator of the permutations.
        """
        chosen = np.ix_([*a, *b], [*a, *b])
        matrices = [matrix[chosen] for matrix in self.matrices]
        p_values = permutation_test(matrices, len(a), rng, _PERMUTATIONS)
        return bool((p_values < ALPHA).any())


def samples_by_fault(tables: HasTables) -> dict[tuple[str, float], list[Samples]]:
    """Metric values of every finished run, by fault and strength, in order of the seeds."""
    runs = finished(tables.runs)
    recordings = Recordings(runs, tables)
    found: dict[tuple[str, float], list[Samples]] = {}
    for run_id, fault, strength in zip(
        runs["run_id"], runs["fault"], runs["strength"], strict=True
    ):
        run = recordings[run_id]
        # Inputs are left out: they are drawn by the user, not computed by the simulator.
        own = {name: size for name, size in run.sizes.items() if not name.startswith("input")}
        _, values = measure(replace(run, sizes=own), compare=True)
        found.setdefault((fault, float(strength)), []).append(values)
    return found


def make_pool(
    healthy: Sequence[Samples], others: Sequence[Samples], healthy_pool: RunPool | None
) -> RunPool:
    """Compute the distances between runs without and with a fault.

    Parameters
    ----------
    healthy_pool
        Pool of the runs without a fault, whose distances are reused; None to compute them.
    """
    runs = [*healthy, *others]
    keys = sorted({key for run in healthy for key in run if key[1] in BUILT_IN.compared})
    n = len(healthy)
    matrices = []
    for k, key in enumerate(keys):
        distance = BUILT_IN[key[1]].distance_of
        values = [run.get(key, np.empty(0)) for run in runs]
        if healthy_pool is None:
            matrix = distance_matrix(values, distance)
        else:
            matrix = np.zeros((len(runs), len(runs)))
            matrix[:n, :n] = healthy_pool.matrices[k]
            matrix[n:, n:] = distance_matrix(values[n:], distance)
            for i in range(n):
                for j in range(n, len(runs)):
                    matrix[i, j] = matrix[j, i] = distance(values[i], values[j])
        matrices.append(np.where(np.isnan(matrix), 1.0, matrix))
    return RunPool(n, tuple(matrices))


def detection_rates(
    healthy: Sequence[Samples],
    faulty: dict[tuple[str, float], list[Samples]],
    report: Callable[[str], None],
    seeds: Sequence[int] = SEEDS,
    draws: int = _DRAWS,
) -> pd.DataFrame:
    """Share of comparisons that find each fault, by strength and number of seeds.

    Parameters
    ----------
    healthy
        Metric values of the runs without a fault.
    faulty
        Metric values of the runs with a fault, by fault and strength.
    report
        Called with the label of each fault before it is compared.
    seeds
        Numbers of runs on each side of a comparison.
    draws
        Number of comparisons a row, each of other runs.

    Returns
    -------
    pandas.DataFrame
        fault, strength, unit, seeds, rate (share of the comparisons that say *different*).
    """
    rng = np.random.default_rng(1)
    healthy_pool = make_pool(healthy, [], None)
    rows = []
    order = {name: k for k, name in enumerate(FAULTS)}
    for fault, strength in sorted(faulty, key=lambda key: (order[key[0]], key[1])):
        runs = faulty[fault, strength]
        report(fault_label(fault, strength))
        pool = make_pool(healthy, runs, healthy_pool)
        last = pool.n_healthy + len(runs)
        for n in seeds:
            if n > len(runs):
                continue
            found = sum(
                pool.differs(
                    rng.choice(pool.n_healthy, n, replace=False).tolist(),
                    rng.choice(np.arange(pool.n_healthy, last), n, replace=False).tolist(),
                    rng,
                )
                for _ in range(draws)
            )
            unit = FAULTS[fault].unit
            rows.append((fault, strength, unit, n, found / draws))
    return pd.DataFrame(rows, columns=["fault", "strength", "unit", "seeds", "rate"])


def false_alarms(
    healthy: Sequence[Samples], n: int = 6, comparisons: int = _SELF_COMPARISONS
) -> float:
    """Share of comparisons of a backend with itself, under other seeds, that say *different*.

    Parameters
    ----------
    healthy
        Metric values of the runs without a fault.
    n
        Number of runs on each side of a comparison.
    comparisons
        Number of comparisons.
    """
    rng = np.random.default_rng(2)
    pool = make_pool(healthy, [], None)
    different = 0
    for _ in range(comparisons):
        chosen = rng.choice(pool.n_healthy, 2 * n, replace=False).tolist()
        different += pool.differs(chosen[:n], chosen[n:], rng)
    return different / comparisons
