"""What a backend will refuse of a sweep is known before anything runs."""

import pytest

from pipelines.errors import BadInput
from pipelines.execution.preflight import covering_runs, refusals
from pipelines.execution.simulate import prime, simulate

GRID = "seeds: [1, 2], grid: {i_offset: [0.1, 0.2, 0.3], fault: [none, x, y]}"


def test_every_value_occurs_once_and_no_more_is_built(project):
    plan = project.plan("nest", GRID)
    chosen = covering_runs(plan, "nest")
    assert {run.parameters["i_offset"] for run in chosen} == {0.1, 0.2, 0.3}
    assert {run.parameters["fault"] for run in chosen} == {"none", "x", "y"}
    assert len(chosen) == 5 < len(plan.runs)


def test_of_many_numbers_some_are_built_the_ends_among_them(project):
    grid = "grid: {i_offset: {linspace: [0.1, 0.5, 200]}, fault: [none, x]}"
    chosen = covering_runs(project.plan("nest", grid), "nest")
    offsets = {run.parameters["i_offset"] for run in chosen}
    assert {0.1, 0.5} <= offsets and len(offsets) == 12
    assert {run.parameters["fault"] for run in chosen} == {"none", "x"}
    assert len(chosen) == 13


def test_a_plan_without_swept_parameters_has_one_point(project):
    assert len(covering_runs(project.plan("nest", "seeds: [1, 2]"), "nest")) == 1


def test_another_backend_has_none(project):
    assert covering_runs(project.plan("nest", GRID), "brian2") == []


def test_reasons_are_told_once_each_with_the_values(project):
    def build(run, experiment, record):
        if run.parameters["fault"] == "x":
            raise BadInput("delay", "too short")
        if run.parameters["fault"] == "y":
            raise RuntimeError("two\nlines")

    found = refusals(project.plan("nest", GRID), "nest", build)
    assert [str(refusal) for refusal in found] == [
        "nest refuses 6 of 18 runs, with fault x: delay: too short",
        "nest refuses 6 of 18 runs, with fault y: RuntimeError: two lines",
    ]
    assert found[0].swept == {"i_offset": 0.1, "fault": "x"}


def test_a_value_that_was_tried_beside_a_refused_one_is_tried_by_itself(project):
    built = []

    def build(run, experiment, record):
        built.append(run.point_id)
        if run.parameters["fault"] != "x":
            raise BadInput("delay", "too short")

    # The first value of `fault`, with which every current is tried, is refused.
    (found,) = refusals(project.plan("nest", GRID), "nest", build)
    assert found.extent == "12 of 18 runs, with fault none and y"
    assert len(built) == len(set(built)) == 7


def test_one_reason_with_other_numbers_is_one_reason(project):
    grid = "grid: {i_offset: {linspace: [0.1, 0.5, 100]}, fault: [none, x]}"

    def build(run, experiment, record):
        if run.parameters["i_offset"] > 0.3:
            raise BadInput("delay", f"{run.parameters['i_offset']:.3f} ms is too long")

    (found,) = refusals(project.plan("nest", grid), "nest", build)
    assert found.at_least and found.reason.startswith("delay: 0.3")
    assert str(found).startswith("nest refuses at least 12 of 200 runs, with i_offset 0.3")


def test_two_values_that_are_refused_together_only(project):
    def build(run, experiment, record):
        if run.parameters["fault"] == "y" and run.parameters["i_offset"] == 0.1:
            raise BadInput("delay", "too short")

    (found,) = refusals(project.plan("nest", GRID), "nest", build)
    assert found.values == {} and found.at_least
    assert found.extent == "at least 1 of 18 runs, with i_offset 0.1, fault y"


def test_a_network_that_is_refused_is_refused_in_all_runs(project):
    def build(run, experiment, record):
        raise BadInput("cell", "no such model")

    (found,) = refusals(project.plan("nest", GRID), "nest", build)
    assert str(found) == "nest refuses all 18 runs: cell: no such model"


def test_where_nothing_can_be_built_no_value_is_blamed(project):
    def build(run, experiment, record):
        raise BadInput("cell", "one" if run.parameters["i_offset"] == 0.1 else "other")

    one, other = refusals(project.plan("nest", GRID), "nest", build)
    assert (one.values, one.at_least, one.n_runs) == ({}, True, 3)
    assert other.extent == "at least 2 of 18 runs, with i_offset 0.2, fault none"


def test_a_backend_is_asked_itself(project):
    text = (project.folder / "experiment.py").read_text()
    project.write(text.replace("delay=1.0,", "delay=parameters.i_offset,"))
    plan = project.plan("nest", "seeds: [1], grid: {i_offset: [0.5, 0.25]}")
    (refusal,) = refusals(plan, "nest")
    assert refusal.swept == {"i_offset": 0.25}
    assert "0.25 ms is not a whole number of time steps" in refusal.reason


def test_a_large_network_is_built_in_part(project):
    """Of 160,000 pairs 100,000 are made: enough for checks and caches, and quick in any size."""
    text = (project.folder / "experiment.py").read_text()
    head, _, _ = text.partition("    source = sim.Population")
    project.write(
        head
        + """    cells = sim.Population(400, sim.IF_curr_exp())
    synapse = sim.StaticSynapse(weight=0.01, delay=1.0)
    wires = sim.Projection(cells, cells, sim.AllToAllConnector(), synapse)
    if len(wires) > 100_000:
        raise MemoryError("too large")
    return {"neurons": cells, "plastic": wires}
"""
    )
    plan = project.plan("nest", "seeds: [1, 2]")
    assert refusals(plan, "nest") == []
    prime(plan.runs[0], plan.experiment, plan.sweep.record)
    with pytest.raises(MemoryError):
        simulate(plan.runs[0], plan.experiment, plan.sweep.record)
