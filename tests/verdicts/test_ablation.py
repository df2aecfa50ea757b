"""Which constraint broke it: each one in turn, several, some only together, and none."""

import pytest

from pipelines.hardware.profile_model import Constraints
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.verdicts.ablation import blame
from pipelines.verdicts.hardware_comparison import compare_with_ideal
from pipelines.verdicts.hardware_expectations import Kept, Lost
from pipelines.verdicts.hardware_verdict import judge
from tests import hardware_runs as runs_of

NAMES = ("weight_levels", "delays", "synapse_loss")
BROKEN, LITTLE = runs_of.lost(0.5), runs_of.lost(0.01)
UNFIT = runs_of.unfit("a plastic projection where the chip has no plasticity")
N_SEEDS = 6
KNOWN = KnownMetrics(tuple(one for one in BUILT_IN.metrics if one.name in ("rate", "isi_cv")))


def blame_of(does, kept=None, names=NAMES, n_seeds=N_SEEDS):
    """What an ablation finds whose variants do what `does(set of constraints)` says."""
    sets = {"all": set(names)}
    for name in names:
        sets |= {f"only {name}": {name}, f"without {name}": set(names) - {name}}
    changes = {("chip", label): does(active) for label, active in sets.items()}
    tables = runs_of.tables_of(changes, n_seeds, ("nest",))
    n_spikes = tables.spikes["run_id"].value_counts().to_dict()
    parts = {}
    for one in compare_with_ideal(tables, KNOWN):
        label = one.of.variant.constraints
        expectations = Kept() if kept is None else kept(sets[label])
        parts[label] = judge(one, expectations, n_spikes, KNOWN)
    return blame(parts, KNOWN)


@pytest.mark.parametrize("extreme", [*Constraints.model_fields, "capacity"])
def test_the_extreme_constraint_is_named(extreme):
    names = tuple(dict.fromkeys((extreme, *NAMES)))[:3]
    found = blame_of(lambda active: BROKEN if extreme in active else LITTLE, names=names)
    assert found.broken_by == extreme
    assert found.sentence == (
        f"by ablation, {extreme} broke it: alone it moves the rate of exc from 19.8 to 9.96 Hz;"
        " without it the rate is 19.6 Hz"
    )


def test_a_constraint_that_makes_it_unfit_is_named():
    found = blame_of(lambda active: UNFIT if "delays" in active else LITTLE)
    assert found.broken_by == "delays"
    assert found.sentence == (
        "by ablation, delays broke it: alone it makes it unfit (it does not fit: a plastic"
        " projection where the chip has no plasticity); without it it fits"
    )


def test_several_that_break_it_alone_are_all_named_the_strongest_first():
    strength = {"weight_levels": 0.3, "synapse_loss": 0.6}

    def does(active):
        return runs_of.lost(max([0.0, *(strength.get(name, 0.0) for name in active)]))

    found = blame_of(does)
    assert found.broken_by == "synapse_loss, weight_levels"
    assert found.sentence.startswith("by ablation, synapse_loss and weight_levels each")
    assert "weight_levels alone moves the rate of exc from 19.8 to 14" in found.sentence


def test_constraints_that_break_it_only_together_are_named_together():
    both = {"weight_levels", "delays"}
    found = blame_of(lambda active: BROKEN if both <= active else LITTLE)
    assert found.broken_by == "weight_levels with delays"
    assert found.sentence.startswith(
        "by ablation, weight_levels and delays broke it, only together: none does it alone; without"
        " weight_levels the rate is 19."
    )


def test_any_two_of_three_are_several_together():
    found = blame_of(lambda active: BROKEN if len(active) >= 2 else LITTLE)
    assert found.broken_by == "several together"
    assert "mends it in no case" in found.sentence


def test_one_breaks_it_alone_and_the_others_together():
    def does(active):
        return BROKEN if "delays" in active or len(active) == 2 else LITTLE

    found = blame_of(does)
    assert found.broken_by == "delays"
    assert "as the others change it together, too" in found.sentence


def test_what_works_with_all_constraints_blames_none():
    assert blame_of(lambda active: runs_of.redrawn()) is None


def test_without_an_ablation_nothing_is_blamed():
    tables = runs_of.tables_of({("chip", "all"): BROKEN}, N_SEEDS, ("nest",))
    judged = judge(compare_with_ideal(tables)[0], Kept(), {})
    assert judged.verdict == "changed" and blame({"all": judged}) is None


def test_two_seeds_tell_no_constraints_apart():
    found = blame_of(lambda active: BROKEN if "delays" in active else LITTLE, n_seeds=2)
    assert found.broken_by == ""
    assert found.sentence == (
        "which constraint broke it is not told apart: with all of them it is undecided"
    )


def test_what_an_undecided_constraint_does_alone_is_not_told():
    """Each alone takes nearly the margin of 10 %, which six seeds do not decide."""
    tenth = runs_of.lost(0.08)
    found = blame_of(lambda active: BROKEN if len(active) > 1 else tenth)
    assert found.broken_by == ""
    assert found.sentence == (
        "which constraint broke it is not told apart: what weight_levels, delays and synapse_loss"
        " does alone is undecided"
    )


def test_a_lost_expectation_names_the_constraint_with_two_seeds():
    learns = Lost("it learns", "found 0.3, allowed 0.1")

    def kept(active):
        return Kept(1, (learns,) if "weight_levels" in active else ())

    found = blame_of(lambda active: LITTLE, kept, n_seeds=2)
    assert found.broken_by == "weight_levels"
    assert found.sentence == (
        "by ablation, weight_levels broke it: alone it loses the expectation 'it learns' (found"
        " 0.3, allowed 0.1); without it 'it learns' holds"
    )


def test_a_constraint_that_moves_it_the_other_way_is_not_blamed():
    """Delays double the rate alone; together with the loss of synapses it is halved."""

    def does(active):
        if "synapse_loss" in active:
            return BROKEN
        return runs_of.redrawn(rate=40) if "delays" in active else LITTLE

    found = blame_of(does)
    assert found.broken_by.split(", ")[0] == "synapse_loss"
    assert "from 19.8 to 9.96" in found.sentence
