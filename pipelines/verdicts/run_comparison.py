"""The verdict on two runs, from whatever both of them recorded; every command uses this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from pipelines.diagnosis.run_pair import Cause, Evidence, Pair
from pipelines.verdicts.bounds import check_bound
from pipelines.verdicts.coverage import comparable, few
from pipelines.verdicts.record_comparison import compare_records
from pipelines.verdicts.signal_comparison import add_signals, compare_bounded_signals
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, IDENTICAL, UNDECIDED
from pipelines.verdicts.weight_comparison import compare_weights

# Number of causes that are explained in the evidence; further ones are only named.
_EXPLAINED = 3
# Number of phrases on what was not compared in the evidence; all are in `Comparison`.
_MOST_NOT_COMPARED = 5


@dataclass(frozen=True)
class Comparison:
    """Verdict on two runs of one point, and the evidence for it.

    The verdict is about what both runs recorded: *identical* only if values were compared, and
    all are the same. Different parameters, seeds or digests do not change it; the evidence begins
    with them.

    Counts are of spikes of populations that both recorded; a difference that does not exist, or
    was not determined, is None.
    `first_difference_variable` is that of a signal, None for a spike. `causes` holds the names of
    known causes that fit, the most specific first. `compared`, `not_compared` and
    `made_differently` (parameters, seeds and digests that differ) are phrases. `statistics` is what
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
    first_difference_variable: str | None = None
    max_abs_weight_difference: float | None = None
    causes: str = ""
    compared: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    made_differently: tuple[str, ...] = ()
    n_seeds: int | None = None
    statistics: str | None = None


def compare_evidence(
    a: Evidence,
    b: Evidence,
    timestep: float,
    names: tuple[str, str],
    where: tuple[str, str] = ("in the first run", "in the second run"),
    uses: frozenset[str] = frozenset(),
) -> tuple[Pair, Comparison]:
    """Compare two runs in what both recorded.

    Parameters
    ----------
    a, b
        The runs.
    timestep
        Width (ms) of the grid on which spike times are compared.
    names
        Names of the two runs in the evidence, after "on".
    where
        Phrases such as ``"on nest"`` for the runs.
    uses
        Names that the code of the experiment uses from PyNN; empty if unknown.

    Returns
    -------
    Pair, Comparison
        What was compared, from which causes are to be found, and the verdict.
    """
    coverage = comparable(a, b, where)
    records = compare_records(a.record, b.record, where)
    pair = Pair(coverage.a, coverage.b, timestep, where, uses)
    result = compare_pair(pair, names, coverage.populations)
    evidence = result.evidence
    if coverage.names_differ:
        found = [few(sorted(one.spikes["population"].unique())) for one in (a, b)]
        named = f"{found[0]} {where[0]}, {found[1]} {where[1]}"
        told = f"the populations have other names in each: {named}"
        evidence = f"{told}; {evidence}"
    not_compared = (*result.not_compared, *coverage.not_compared, *records.not_compared)
    if records.differing:
        evidence = "; ".join([*records.differing, evidence])
    if not_compared:
        evidence += f". Not compared: {_listed(not_compared)}"
    compared = (*result.compared, *records.same)
    return pair, replace(
        result,
        evidence=evidence,
        compared=compared,
        not_compared=not_compared,
        made_differently=records.differing,
    )


def _listed(phrases: Sequence[str]) -> str:
    more = len(phrases) - _MOST_NOT_COMPARED
    shown = ", ".join(phrases[:_MOST_NOT_COMPARED])
    return f"{shown}, and {more} more" if more > 0 else shown


def compare_runs(
    spikes_a: pd.DataFrame,
    spikes_b: pd.DataFrame,
    weights_a: pd.DataFrame,
    weights_b: pd.DataFrame,
    timestep: float,
    names: tuple[str, str] = ("a", "b"),
) -> Comparison:
    """Compare the spikes and weights of two runs that recorded the same.

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
    """
    pair = Pair(Evidence({}, spikes_a, weights_a), Evidence({}, spikes_b, weights_b), timestep)
    return compare_pair(pair, names)


def compare_pair(
    pair: Pair, names: tuple[str, str], populations: Sequence[str] | None = None
) -> Comparison:
    """Compare two runs in all their rows; the pair caches its divergence for an explanation.

    Parameters
    ----------
    pair
        The runs, with rows of what both recorded.
    names
        Names of the two runs in the evidence.
    populations
        Populations whose spikes were recorded; None if this is not known.
    """
    result = _compare_spikes(pair, names, populations)
    weights = compare_weights(pair.a.weights, pair.b.weights)
    verdict = result.verdict if weights.same else DIFFERENT
    said = [result.evidence, weights.evidence]
    if verdict == DIFFERENT and (held := check_bound(pair, weights.share)):
        within, words = held
        verdict = EQUIVALENT if within else DIFFERENT
        said = [words, *said] if within else [*said, words]
    result = replace(
        result,
        verdict=verdict,
        evidence="; ".join(part for part in said if part),
        max_abs_weight_difference=weights.gap,
    )
    signals = compare_bounded_signals(pair, result, names)
    result = add_signals(result, signals)
    compared = [
        *([f"spikes of {few(pair.grid.populations)}"] if pair.grid.populations else []),
        *([f"weights of {few(weights.projections)}"] if weights.number else []),
        *([signals.covered] if signals is not None and signals.n_values else []),
    ]
    if result.verdict == IDENTICAL and not compared:
        nothing = result.evidence or "nothing was recorded in both"
        evidence = f"{nothing}: nothing was compared"
        result = replace(result, verdict=UNDECIDED, evidence=evidence)
    without = weights.without_delays
    not_compared = (f"delays of {few(without)} (not in both)",) if without else ()
    return replace(result, compared=tuple(compared), not_compared=not_compared)


def _compare_spikes(
    pair: Pair, names: tuple[str, str], populations: Sequence[str] | None
) -> Comparison:
    a, b, found = pair.a.spikes, pair.b.spikes, pair.divergence
    if found is None:
        if len(a):
            same = f"all {len(a):,} spikes of {few(pair.grid.populations)} on the same steps"
            silent = sorted({*(populations or ())} - {*pair.grid.populations})
            same += f", no spike of {few(silent)} on either" if silent else ""
        else:
            # Where no spikes were recorded, nothing is said of them.
            same = "" if populations is not None and not populations else "no spike on either"
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


def reference_agreement(reference: Evidence, pair: Pair) -> str:
    """Statement which of two runs that differ the reference agrees with.

    Parameters
    ----------
    reference
        The run of the same point on the reference. It agrees with a run if all that both recorded
        is the same, or within the bound of its cells.
    pair
        The two runs.
    """
    agrees, common = [], []
    for one, name in zip((pair.a, pair.b), pair.backends, strict=True):
        _, result = compare_evidence(reference, one, pair.timestep, ("the reference", name))
        if result.verdict in (IDENTICAL, EQUIVALENT):
            agrees.append(name)
        common.append(f"{result.n_common:,} with {name}")
    if agrees:
        return f"the reference agrees with {' and '.join(agrees)}"
    number = len(reference.spikes)
    return f"the reference agrees with neither: of its {number:,} spikes {' and '.join(common)}"


def add_causes(result: Comparison, found: list[Cause]) -> Comparison:
    """Add the names of known causes to a comparison, and explain the first in its evidence."""
    words = [cause.text for cause in found[:_EXPLAINED]]
    names = "; ".join(dict.fromkeys(cause.label for cause in found))
    return replace(result, evidence="; ".join([result.evidence, *words]), causes=names)
