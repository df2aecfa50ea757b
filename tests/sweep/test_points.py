"""Grids, zipped lists and explicit points, and their order."""

import pytest

from pipelines.errors import BadInput
from pipelines.experiment import load_experiment
from pipelines.sweep import load_sweep, plan


@pytest.fixture
def points(project, quick):
    """Points of a profile, as tuples of the parameters named."""

    def expand(profile, *names):
        quick(profile)
        sweep = load_sweep(load_experiment("toy", project), "quick")
        return [tuple(point[name] for name in names) for point in sweep.points]

    return expand


def test_a_profile_without_values_is_one_point_of_defaults(points):
    names = ("current", "tau", "number", "rule", "frozen", "duration")
    assert points("{}", *names) == [(0.5, 20.0, 4, "additive", False, 100.0)]


def test_fixed_parameters_hold_for_all_points(points):
    profile = "{parameters: {duration: 50, frozen: true}, grid: {number: [1, 2]}}"
    assert points(profile, "number", "duration", "frozen") == [(1, 50.0, True), (2, 50.0, True)]


def test_the_grid_is_a_product_with_the_first_parameter_slowest(points):
    expected = [(1.0, 10.0), (1.0, 20.0), (2.0, 10.0), (2.0, 20.0)]
    assert points("{grid: {current: [1, 2], tau: [10, 20]}}", "current", "tau") == expected
    # The order of keys in the file does not matter.
    assert points("{grid: {tau: [10, 20], current: [1, 2]}}", "current", "tau") == expected


def test_zipped_lists_walk_together_and_multiply_with_the_grid(points):
    profile = "{zip: {tau: [10, 20], current: [1, 2]}}"
    assert points(profile, "current", "tau") == [(1.0, 10.0), (2.0, 20.0)]
    profile = "{grid: {number: [1, 2]}, zip: {tau: [10, 20], current: {linspace: [1, 2, 2]}}}"
    assert points(profile, "number", "current", "tau") == [
        (1, 1.0, 10.0),
        (1, 2.0, 20.0),
        (2, 1.0, 10.0),
        (2, 2.0, 20.0),
    ]


def test_explicit_points_come_last_and_override_fixed_parameters(points):
    profile = "{parameters: {tau: 5}, grid: {current: [1]}, points: [{current: 2}, {tau: 7}]}"
    assert points(profile, "current", "tau") == [(1.0, 5.0), (2.0, 5.0), (0.5, 7.0)]


def test_explicit_points_alone_add_no_point_of_defaults(points):
    assert points("{points: [{current: 2}]}", "current") == [(2.0,)]


def test_runs_go_by_point_then_seed_then_backend(project, quick):
    quick("{seeds: {first: 7, count: 2}, backends: [brian2, nest], grid: {current: [2, 1]}}")
    runs = plan("toy", root=project).runs
    order = [(run.parameters["current"], run.seed, run.backend) for run in runs]
    assert order == [
        (current, seed, backend)
        for current in (2.0, 1.0)
        for seed in (7, 8)
        for backend in ("brian2", "nest")
    ]


def test_swept_names_what_varies(project, quick):
    quick("{grid: {tau: [1, 2], current: [0.5]}, points: [{tau: 3, number: 9}]}")
    assert plan("toy", root=project).swept == ("tau", "number")


def test_equal_points_are_named(project, quick):
    quick("{grid: {current: [1, 2], tau: [10, 20]}, points: [{current: 2, tau: 10.0}]}")
    with pytest.raises(BadInput, match=r"points 3 and 5 are the same: current=2.0, tau=10.0"):
        plan("toy", root=project)


@pytest.mark.parametrize(
    "profile",
    [
        "{grid: {current: {linspace: [0, 1, 1001]}, tau: {linspace: [1, 2, 1000]}}}",
        "{seeds: {count: 1000000}, grid: {current: [1, 2]}}",
        "{grid: {current: {range: [0, 5, 0.000001]}}}",
    ],
)
def test_absurd_sizes_are_refused_before_they_fill_the_memory(project, quick, profile):
    quick(profile)
    with pytest.raises(BadInput, match="1000000"):
        plan("toy", root=project)
