"""Verdicts on a healthy and a faulty backend whose runs have different seeds.

Inputs, connections and initial potentials are drawn anew in every run, so that a fault has to be
told from chance. A healthy backend is also compared with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from pipelines.execution.process_pool import process_pool
from pipelines.metrics.measured import Recordings, Samples, measure
from pipelines.sensitivity.fault import CELLS, Fault, truth
from pipelines.sensitivity.first_set.cells import changed
from pipelines.sensitivity.first_set.recording import kept_at_random
from pipelines.sensitivity.first_set.synapses import dropped, rule_set, synapses_changed
from pipelines.sensitivity.seed_verdict import seed_verdict
from pipelines.sensitivity.simulator.network import INHIBITORY
from pipelines.sensitivity.simulator.run import SmallRun
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, UNDECIDED

SEEDS = (4, 8, 12, 20, 30)
"""Numbers of runs on each side of a comparison."""
NO_FAULT = "no fault"
HEALTHY_RUNS, FAULTY_RUNS = 90, 45
"""Numbers of runs from which comparisons are drawn."""
NETWORK, DURATION_MS = "plastic", 1000.0
HEALTHY_DRAWS = 5
"""Comparisons without a fault for each one with a fault: false alarms are rare."""
VERDICTS = (EQUIVALENT, UNDECIDED, DIFFERENT)
_FIRST_HEALTHY_SEED = 1001


@dataclass(frozen=True)
class Graded:
    """A fault at one of several strengths.

    Attributes
    ----------
    fault
        What is changed, in words.
    strength, unit
        Its strength.
    injected
        The fault; None for a backend without a fault.
    """

    fault: str
    strength: float
    unit: str
    injected: Fault | None


def graded_faults() -> Iterator[Graded]:
    """The faults of the study, each at its strengths."""
    yield Graded(NO_FAULT, 0.0, "", None)
    for name, unit, strengths, changes in _GRADED:
        for strength in strengths:
            fault = Fault(name, CELLS, truth(), **changes(strength))
            yield Graded(name, strength, unit, fault)


# Name, unit and strengths of each fault, and its changes at a strength.
_GRADED: tuple[tuple[str, str, tuple[float, ...], Callable[[float], dict[str, Any]]], ...] = (
    ("spikes not recorded", "%", (2, 5, 10, 20),
     lambda strength: {"tables": kept_at_random(1 - strength / 100)}),
    ("threshold", "mV", (0.1, 0.5, 1.0),
     lambda strength: {"network": changed("v_thresh", by=strength)}),
    ("tau_m", "%", (1, 5, 20),
     lambda strength: {"network": changed("tau_m", times=1 + strength / 100)}),
    ("refractory period", "steps", (1, 5, 20),
     lambda strength: {"network": changed("tau_refrac", by=0.1 * strength)}),
    ("inhibition", "%", (5, 20, 50),
     lambda strength: {"switches": {"weight_factor": {INHIBITORY: 1 + strength / 100}}}),
    ("delays", "steps", (1, 10, 30),
     lambda strength: {"switches": {"extra_delay_steps": {"": int(strength)}}}),
    ("A_plus", "%", (5, 20, 100),
     lambda strength: {"network": rule_set(A_plus=0.02 * (1 + strength / 100))}),
    ("synapses missing", "%", (1, 5, 20),
     lambda strength: {"network": synapses_changed(dropped(strength / 100))}),
)  # fmt: skip


def study(
    workers: int = 1, draws: int = 20, seeds: Sequence[int] = SEEDS,
    report: Callable[[str], None] = lambda text: None, names: Sequence[str] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Compare runs without a fault with others, and with runs with faults.

    Parameters
    ----------
    workers
        Number of processes.
    draws
        Number of comparisons for each fault, strength and number of seeds, each of other runs;
        five times as many without a fault.
    seeds
        Numbers of runs on each side of a comparison.
    report
        Called with the label of each fault before it is simulated.
    names
        Names of the faults; all by default.

    Returns
    -------
    pandas.DataFrame
        Columns fault, strength, unit, seeds, verdict and p_value; one row for each comparison.
    """
    chosen = list(graded_faults())
    if names is not None:
        chosen = [one for one in chosen if one.fault in names]
    most = max(seeds)
    n_healthy = min(HEALTHY_RUNS, 3 * most)
    n_faulty = min(FAULTY_RUNS, round(1.5 * most))
    rows = []
    with process_pool(workers) as pool:

        def simulated(one: Graded, first: int, number: int) -> list[Samples]:
            labels = [one.fault] * number, [one.strength] * number
            return list(pool.map(_samples, *labels, range(first, first + number)))

        healthy = simulated(next(graded_faults()), _FIRST_HEALTHY_SEED, n_healthy)
        for number, one in enumerate(chosen):
            report(f"{one.fault} {one.strength:+g} {one.unit}")
            faulty = simulated(one, 1, n_faulty) if one.injected else []
            of_each = draws if one.injected else HEALTHY_DRAWS * draws
            sets = [
                (*_draw(healthy, faulty, n, [number, n, draw]), draw)
                for n in seeds
                for draw in range(of_each)
            ]
            results = pool.map(seed_verdict, *zip(*sets, strict=True), chunksize=8)
            for n, result in zip(np.repeat(seeds, of_each).tolist(), results, strict=True):
                rows.append((one.fault, one.strength, one.unit, n, *result))
    return pd.DataFrame(rows, columns=["fault", "strength", "unit", "seeds", "verdict", "p_value"])


def shares(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Share of each verdict, by fault, strength and number of seeds.

    Parameters
    ----------
    comparisons
        Result of `study`.

    Returns
    -------
    pandas.DataFrame
        Columns fault, strength, unit, seeds, equivalent, undecided, different.
    """
    key = ["fault", "strength", "unit", "seeds"]
    found = comparisons.groupby(key, sort=False)["verdict"].value_counts(normalize=True)
    return found.unstack(fill_value=0.0).reindex(columns=VERDICTS, fill_value=0.0).reset_index()


def roc_points(p_healthy: np.ndarray, p_faulty: np.ndarray) -> tuple[np.ndarray, ...]:
    """Receiver operating characteristic of the smallest p-value as a test for a fault.

    Parameters
    ----------
    p_healthy, p_faulty
        p-values of comparisons without and with a fault, shapes (n,) and (m,).

    Returns
    -------
    false_alarms, found
        Shares of comparisons with a p-value at or below each threshold, from 0 to 1.
    """
    thresholds = np.append(-np.inf, np.unique(np.concatenate([p_healthy, p_faulty])))
    return tuple(
        np.searchsorted(np.sort(values), thresholds, side="right") / max(len(values), 1)
        for values in (p_healthy, p_faulty)
    )


def roc_table(comparisons: pd.DataFrame, seeds: int) -> pd.DataFrame:
    """Points of `roc_points` for each fault and strength, at one number of seeds.

    Returns
    -------
    pandas.DataFrame
        Columns fault, strength, unit, false_alarms, found.
    """
    at = comparisons[comparisons["seeds"] == seeds]
    healthy = at.loc[at["fault"] == NO_FAULT, "p_value"].to_numpy(float)
    frames = []
    for (fault, strength, unit), rows in at.groupby(["fault", "strength", "unit"], sort=False):
        if fault != NO_FAULT:
            alarms, found = roc_points(healthy, rows["p_value"].to_numpy(float))
            labels = {"fault": fault, "strength": strength, "unit": unit}
            frames.append(pd.DataFrame({**labels, "false_alarms": alarms, "found": found}))
    columns = ["fault", "strength", "unit", "false_alarms", "found"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def _draw(
    healthy: list[Samples], faulty: list[Samples], n: int, seed: list[int]
) -> tuple[list[Samples], list[Samples]]:
    """Two sets of n runs: without a fault, and with one; without one too if there are none."""
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(healthy))[: 2 * n]
    first = [healthy[k] for k in chosen[:n]]
    if not faulty:
        return first, [healthy[k] for k in chosen[n:]]
    return first, [faulty[k] for k in rng.permutation(len(faulty))[:n]]


def _samples(fault: str, strength: float, seed: int) -> Samples:
    """Metric values of one run."""
    one = next(g for g in graded_faults() if (g.fault, g.strength) == (fault, strength))
    injected = one.injected or Fault(NO_FAULT, CELLS, truth())
    run = injected.run(NETWORK, seed, duration=DURATION_MS)
    tables = _tables_of(run)
    recorded = Recordings(tables.runs, tables)[run.record["run_id"]]
    # Inputs are left out: they are drawn by the user, not computed by the simulator.
    own = {name: size for name, size in recorded.sizes.items() if name not in run.asked.sources}
    return measure(replace(recorded, sizes=own), compare=True)[1]


def _tables_of(run: SmallRun) -> SimpleNamespace:
    """Tables of an experiment with one run."""
    record = {name: value for name, value in run.record.items() if name != "parameters"}
    names = ("spikes", "weights", "signals")
    return SimpleNamespace(
        runs=pd.DataFrame([record]), **{name: getattr(run, name) for name in names}
    )
