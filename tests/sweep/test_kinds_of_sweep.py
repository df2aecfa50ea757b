"""Sweeps on stock modules, and sweeps whose backends draw from seeds of their own."""

import pytest

from pipelines.errors import BadInput
from pipelines.sweep import load_sweep, plan, plan_point
from pipelines.sweep.model import MAX_SEED, SEED_STRIDE
from pipelines.versions import of_backend

TWO_SEEDS = "{seeds: [1, 2], independent: %s}"


def runs_of(project, profile="quick"):
    return plan("toy", profile, root=project).runs


def test_backends_share_seeds_unless_told_otherwise(project, quick):
    quick(TWO_SEEDS % "false")
    assert [run.seed for run in runs_of(project)] == [1, 1, 2, 2]


def test_independent_backends_have_seeds_of_their_own_at_the_same_points(project, quick):
    quick(TWO_SEEDS % "false")
    shared = runs_of(project)
    quick(TWO_SEEDS % "true")
    runs = runs_of(project)
    assert [run.seed for run in runs] == [1, 1 + SEED_STRIDE, 2, 2 + SEED_STRIDE]
    assert [run.point_id for run in runs] == [run.point_id for run in shared]
    # All are new: a simulator may draw otherwise, even from the same seed.
    assert not {run.run_id for run in runs} & {run.run_id for run in shared}
    assert all(run.independent_draws for run in runs)
    assert not any(run.independent_draws for run in shared)


def test_a_run_of_its_own_seed_is_the_one_of_the_sweep(project, quick):
    quick(TWO_SEEDS % "true")
    in_sweep = runs_of(project)[1]
    (alone,) = plan_point("toy", seed=in_sweep.seed, backends=["brian2"], root=project).runs
    assert (alone.run_id, alone.seed) == (in_sweep.run_id, in_sweep.seed)
    assert alone.independent_draws


@pytest.mark.parametrize("seeds", ["[1000000]", "{first: 999999, count: 2}"])
def test_seeds_that_another_backend_would_have_are_refused(project, quick, seeds):
    quick(f"{{seeds: {seeds}, independent: true}}")
    with pytest.raises(BadInput, match="ends at 1000000; allowed: up to 999999"):
        load_sweep_of(project)
    quick(f"{{seeds: {seeds}}}")
    assert max(load_sweep_of(project).seeds) < MAX_SEED


def load_sweep_of(project):
    return plan("toy", root=project).sweep


def test_every_experiment_has_a_profile_on_stock_modules(project, sweep_file):
    sweep_file("profiles:\n  quick: {backends: [brian2, nest], seeds: [3]}\n")
    sweep = plan("toy", "stock", root=project).sweep
    assert (sweep.backends, sweep.seeds) == (("stock_brian2", "stock_nest"), (3,))
    sweep_file("profiles:\n  quick: {}\n  stock: {seeds: [7]}\n")
    assert plan("toy", "stock", root=project).sweep.seeds == (7,)
    sweep_file("profiles:\n  other: {}\n")
    with pytest.raises(BadInput, match="no profile 'stock'"):
        load_sweep(plan("toy", "other", root=project).experiment, "stock")


def test_our_code_is_no_part_of_a_stock_run(project, sweep_file):
    sweep_file("profiles:\n  quick: {}\n")
    found = plan("toy", "stock", root=project)
    assert len({run.run_id for run in (*found.runs, *runs_of(project))}) == 4
    assert of_backend("stock_nest") == of_backend("nest")
