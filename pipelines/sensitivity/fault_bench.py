"""The fault bench: each fault is put into one of two runs, and what is said of them is judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from pipelines.diagnosis.causes import causes
from pipelines.diagnosis.repeats.repeat_runs import neurons_to_record
from pipelines.diagnosis.run_pair import Cause, Evidence, Pair
from pipelines.diagnosis.table_differences import signals_apart
from pipelines.errors import one_line
from pipelines.execution.process_pool import process_pool
from pipelines.sensitivity.fault import HEALTHY_BACKEND, KINDS, Fault
from pipelines.sensitivity.fault_list import FAULTS, SETS
from pipelines.sensitivity.judging import OUTCOMES, judge
from pipelines.sensitivity.simulator.build import report
from pipelines.sensitivity.simulator.example_networks import NETWORKS
from pipelines.sensitivity.simulator.run import SmallRun, simulate
from pipelines.verdicts.explanation import explain
from pipelines.verdicts.verdict_names import IDENTICAL
from pipelines.verdicts.verdict_table import compare_pair

TABLES, COMPARE = "by_tables", "by_compare"
"""Columns of the outcome by tables alone, and with repetition of the runs."""
COLUMNS = (
    "fault", "kind", "network", "effect", "found", TABLES, COMPARE, "truth", "verdict",
    "names_by_tables", "names_by_compare", "causes_by_tables", "causes_by_compare",
    "said_by_tables", "said_by_compare",
)  # fmt: skip
# Relative difference of times and weights above which a fault has an effect.
_SAME = 1e-9
# What a verdict or a cause begins with if it could not be found.
_ERROR = "error"
# Time for which states are recorded after the first difference (ms).
_AFTER_MS = 60.0


def run_bench(
    names: Iterable[str] | None = None, seed: int = 1, workers: int = 1, foreign: bool = False
) -> pd.DataFrame:
    """Put faults into runs, and judge the verdicts and the named causes.

    Parameters
    ----------
    names
        Names of faults of `fault_list.FAULTS`; all by default. A name that is no fault stands for
        all faults whose names begin with it, or of that kind, or of that set of `fault_list.SETS`.
    seed
        Seed of the networks.
    workers
        Number of processes.
    foreign
        Whether the tables are those of another program, of which nothing is known but spikes and
        weights; the runs cannot be repeated then.

    Returns
    -------
    pandas.DataFrame
        One row for each fault and network, with the columns `COLUMNS`: whether a spike, weight or
        signal differs (effect), whether the verdict says so (found), the outcomes (of
        `judging.OUTCOMES`), how many causes and alternatives are named, and the causes with their
        explanations.
    """
    chosen = list(FAULTS.values() if names is None else _chosen(names))
    if workers == 1:
        return judge_faults(chosen, seed, foreign)
    with process_pool(workers) as pool:
        # By name: a fault holds functions, which cannot be sent to another process.
        tasks = [pool.submit(_judge_named, one.name, seed, foreign) for one in chosen]
        parts = [task.result() for task in tasks]
    return pd.concat(parts, ignore_index=True) if parts else judge_faults([])


def judge_faults(faults: Iterable[Fault], seed: int = 1, foreign: bool = False) -> pd.DataFrame:
    """Judge faults, like `run_bench`, that need not be in the list."""
    rows = [_row(fault, network, seed, foreign) for fault in faults for network in fault.on]
    return pd.DataFrame(rows, columns=COLUMNS)


def _judge_named(name: str, seed: int, foreign: bool) -> pd.DataFrame:
    return judge_faults([FAULTS[name]], seed, foreign)


def counts(bench: pd.DataFrame) -> pd.DataFrame:
    """Numbers of outcomes, for each kind of fault and in all, of the faults that have an effect.

    Returns
    -------
    pandas.DataFrame
        Columns kind, data (`TABLES` or `COMPARE`), faults, found, then one for each outcome, and
        no_effect.
    """
    rows = []
    for kind, of_kind in [*bench.groupby("kind", sort=False), ("all", bench)]:
        there = of_kind[of_kind["effect"]]
        for data in (TABLES, COMPARE):
            number = there[data].value_counts()
            rows.append(
                {
                    "kind": kind,
                    "data": data,
                    "faults": len(there),
                    "found": int(there["found"].sum()),
                    **{outcome: int(number.get(outcome, 0)) for outcome in OUTCOMES},
                    "no_effect": len(of_kind) - len(there),
                }
            )
    return pd.DataFrame(rows)


def pair_of(fault: Fault, network: str, seed: int = 1) -> tuple[SmallRun, SmallRun, Pair]:
    """Runs without and with a fault, and the pair that they make by tables alone."""
    healthy, faulty = healthy_run(network, seed), fault.run(network, seed)
    return healthy, faulty, Pair(healthy.evidence, faulty.evidence, healthy.asked.timestep)


@cache
def healthy_run(network: str, seed: int = 1) -> SmallRun:
    """Run of a network without a fault."""
    return simulate(NETWORKS[network](seed), backend=HEALTHY_BACKEND)


def with_states(pair: Pair, healthy: SmallRun, faulty: SmallRun, fault: Fault) -> Pair:
    """The pair as `counterpoint compare` sees it: with recorded states, and what was built."""
    neurons = [(name, k) for name, chosen in neurons_to_record(pair).items() for k in chosen]
    sizes = healthy.asked.sizes
    if any(k >= sizes.get(name, k + 1) for name, k in neurons):
        # Of a neuron that is not there no state can be recorded, and the repetition fails.
        return pair
    until = healthy.asked.duration
    if pair.divergence is not None:
        until = pair.divergence.time_ms + _AFTER_MS
    believed = faulty.built if fault.is_reported else faulty.asked
    a, b = (
        replace(evidence, states=run.states(neurons, until), built=report(network, run.built))
        for evidence, run, network in (
            (pair.a, healthy, healthy.asked), (pair.b, faulty, believed)
        )
    )  # fmt: skip
    return replace(pair, a=a, b=b)


def differ(pair: Pair) -> bool:
    """Whether a spike, a weight or a signal of two runs differs."""
    spikes, weights = (
        (["population", "neuron", "time_ms"], ["time_ms"]),
        (["projection", "pre", "post", "time_ms", "delay_ms", "weight"], ["weight", "delay_ms"]),
    )
    # Solvers may reach signals of equal spikes with errors of their own.
    return (
        _tables_differ(pair.a.spikes, pair.b.spikes, *spikes)
        or _tables_differ(pair.a.weights, pair.b.weights, *weights)
        or bool(signals_apart(pair))
        or (pair.a.signals is None) != (pair.b.signals is None)
    )


def _tables_differ(
    a: pd.DataFrame | None, b: pd.DataFrame | None, columns: list[str], numbers: list[str]
) -> bool:
    if a is None or b is None:
        return (a is None) != (b is None)
    if len(a) != len(b):
        return True
    first, second = (one.sort_values(columns, kind="stable") for one in (a, b))
    for name in columns:
        x, y = first[name].to_numpy(), second[name].to_numpy()
        if name in numbers or name == "time_ms":
            x, y = x.astype(float), y.astype(float)
            if not np.allclose(x, y, rtol=0, atol=_SAME * np.abs(x).max(initial=1.0)):
                return True
        elif not np.array_equal(x, y):
            return True
    return False


def _row(fault: Fault, network: str, seed: int, foreign: bool) -> dict[str, object]:
    healthy, faulty, pair = pair_of(fault, network, seed)
    verdict = _verdict(pair)
    if foreign:
        pair = seen = replace(pair, a=_foreign(pair.a), b=_foreign(pair.b))
    else:
        seen = with_states(pair, healthy, faulty, fault)
    by_tables, by_compare = _named(lambda: causes(pair)), _named(lambda: _causes_by_compare(seen))
    return {
        "fault": fault.name,
        "kind": fault.kind,
        "network": network,
        "effect": differ(pair),
        "found": not verdict.startswith((IDENTICAL, _ERROR)),
        TABLES: judge(by_tables, fault),
        COMPARE: judge(by_compare, fault),
        "truth": "; ".join(sorted(fault.truth)),
        "verdict": verdict,
        "names_by_tables": _number_of_names(by_tables),
        "names_by_compare": _number_of_names(by_compare),
        "causes_by_tables": _labels(by_tables),
        "causes_by_compare": _labels(by_compare),
        "said_by_tables": _said(by_tables),
        "said_by_compare": _said(by_compare),
    }


def _foreign(one: Evidence) -> Evidence:
    """A run of which only the tables of spikes and weights are known."""
    return replace(one, record={"run_id": one.record["run_id"]}, signals=None)


def _causes_by_compare(pair: Pair) -> list[Cause]:
    result = compare_pair(pair, pair.where)
    found = pair.divergence
    states = []
    if found is not None:
        key = (found.population, found.neuron)
        states = [dict(one.states[key]) for one in (pair.a, pair.b) if key in one.states]
    return explain(pair, pair.where, result, states if len(states) == 2 else []).causes


def _named(causes_of: Callable[[], list[Cause]]) -> list[Cause]:
    """Causes that are named; a failure is one, so that it is counted as wrong."""
    try:
        return causes_of()
    except Exception as error:
        return [Cause(_ERROR, one_line(error))]


def _verdict(pair: Pair) -> str:
    """Verdict on the two runs, or the error that it ends with."""
    try:
        return str(compare_pair(pair, pair.where).verdict)
    except Exception as error:
        return f"{_ERROR}: {one_line(error)}"


def _labels(found: list[Cause]) -> str:
    return "; ".join(dict.fromkeys(cause.label for cause in found))


def _number_of_names(found: list[Cause]) -> int:
    return len({name for cause in found for name in cause.names})


def _said(found: list[Cause]) -> str:
    return "; ".join(cause.text for cause in found)


def _chosen(names: Iterable[str]) -> Iterator[Fault]:
    for name in names:
        if name in FAULTS:
            yield FAULTS[name]
        elif name in SETS:
            yield from SETS[name].values()
        elif name in KINDS:
            yield from (fault for fault in FAULTS.values() if fault.kind == name)
        else:
            yield from (fault for fault in FAULTS.values() if fault.name.startswith(name))


def as_json(bench: pd.DataFrame) -> list[dict[str, object]]:
    """Rows of the bench as plain values."""
    rows: list[dict[str, object]] = json.loads(bench.to_json(orient="records"))
    return rows
