"""Verdicts on hardware variants: the words, and what they rest on."""

import pytest

from pipelines.verdicts.hardware_comparison import compare_with_ideal
from pipelines.verdicts.hardware_expectations import Kept, Lost
from pipelines.verdicts.hardware_verdict import judge
from tests import hardware_runs as runs_of

HOLDS = Kept(2)
LOSES = Kept(2, (Lost("it learns", "found 0.3, allowed 0.1"),))


def verdict_on(change, kept=HOLDS, n_seeds=6, **how):
    tables = runs_of.tables_of({("chip", "all"): change}, n_seeds, ("nest",), **how)
    n_spikes = tables.spikes["run_id"].value_counts().to_dict()
    return judge(compare_with_ideal(tables)[0], kept, n_spikes)


def test_equivalent_metrics_and_kept_expectations_work():
    found = verdict_on(runs_of.redrawn())
    assert found.verdict == "works" and not found.moved
    assert found.evidence == (
        "rate, ISI CV, correlation and synchrony are the same within margins (6 seeds);"
        " all 2 expectations that the ideal network meets still hold"
    )


def test_the_same_spikes_work_without_an_expectation_and_with_one_seed():
    found = verdict_on(runs_of.unchanged, Kept(), n_seeds=1)
    assert (found.verdict, found.evidence) == ("works", "all 9 metrics are the same with 1 seed")


def test_moved_metrics_that_keep_all_expectations_have_changed_and_it_is_said():
    found = verdict_on(runs_of.lost(0.5))
    assert found.verdict == "changed" and found.moved[0] == ("exc", "rate")
    assert found.evidence.startswith("different: rate of exc from 19.8 to 9.96 Hz, ISI CV of exc")
    assert found.evidence.endswith(
        "; yet all 2 expectations that the ideal network meets still hold"
    )


def test_a_lost_expectation_needs_no_statistics():
    found = verdict_on(runs_of.lost(0.5), LOSES, n_seeds=2)
    assert (found.verdict, found.moved) == ("changed", ())
    assert found.evidence == ("1 of 2 expectations lost: it learns (found 0.3, allowed 0.1)")


def test_too_few_seeds_are_undecided_and_it_is_said_how_many_may_tell():
    found = verdict_on(runs_of.lost(0.5), n_seeds=2)
    assert found.verdict == "undecided"
    assert "rate of exc from 19.7 to 9.9 Hz (margin 0.99)" in found.evidence
    assert "2 seeds cannot tell, 4 may" in found.evidence


def test_a_difference_as_large_as_the_margin_is_undecided():
    found = verdict_on(runs_of.lost(0.08))
    assert found.verdict == "undecided" and "6 seeds do not tell" in found.evidence


@pytest.mark.parametrize(
    ("kept", "verdict", "evidence"),
    [
        (Kept(), "undecided", "neither network has a spike, which is no evidence"),
        (Kept(3), "works", "neither network has a spike; all 2 metrics are the same with 3 seeds;"),
    ],
)
def test_silence_on_either_is_right_where_an_expectation_says_so(kept, verdict, evidence):
    tables = runs_of.tables_of({("chip", "all"): runs_of.unchanged}, 3, ("nest",))
    tables.spikes = tables.spikes.head(0)
    found = judge(compare_with_ideal(tables)[0], kept, {})
    assert found.verdict == verdict and found.evidence.startswith(evidence)


def test_a_silent_network_has_changed():
    found = verdict_on(runs_of.lost(1.0))
    assert found.verdict == "changed" and "rate of exc from 19.8 to 0 Hz" in found.evidence


@pytest.mark.parametrize(("seeds", "which"), [(None, ""), ((2, 3), "with 2 of 6 seeds ")])
def test_what_does_not_fit_is_said_by_how_much(seeds, which):
    change = runs_of.unfit("1,200 neurons where the chip has 512 (2.3 times)")
    if seeds:
        change.seeds = seeds
    found = verdict_on(change, Kept())
    assert found.verdict == "unfit"
    assert found.evidence == (
        f"{which}it does not fit: 1,200 neurons where the chip has 512 (2.3 times)"
    )


def test_failed_runs_keep_a_network_from_working_but_not_from_having_changed():
    some = verdict_on(runs_of.failed("boom", seeds=(2,)))
    assert some.verdict == "undecided"
    assert some.evidence.endswith("1 of 6 constrained runs failed (boom)")
    every = verdict_on(runs_of.failed("boom", seeds=range(1, 7)), Kept())
    assert (every.verdict, every.evidence) == ("failed", "6 of 6 constrained runs failed (boom)")


def test_without_an_ideal_run_nothing_is_judged():
    tables = runs_of.tables_of({("chip", "all"): runs_of.unchanged}, 2, ("nest",))
    tables.runs = tables.runs[tables.runs["hardware"] != "none"]
    found = judge(compare_with_ideal(tables)[0], HOLDS, {})
    assert (found.verdict, found.evidence) == (
        "failed",
        "there is no ideal run with the same seed",
    )
