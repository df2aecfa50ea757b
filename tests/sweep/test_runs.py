"""The identity of a run: what changes it, and what must not."""

import dataclasses

import numpy as np
import pytest

from pipelines import versions
from pipelines.backends import VARIABLE
from pipelines.errors import BadInput
from pipelines.installation import PACKAGE
from pipelines.source_code import files_in, read
from pipelines.sweep import plan, plan_point
from pipelines.sweep.identity import SIMULATING, ingredients
from pipelines.sweep.record import Record
from tests.toy_backend import add_toy

SWEEP = """
    record:
      populations:
        neurons: [spikes, v]
    profiles:
      quick:
        parameters: {duration: 50}
        grid: {current: [1, 2], tau: [10]}
"""


@pytest.fixture
def ids(project, sweep_file):
    """Identities of the runs of a sweep.yaml, in order."""

    def of(text=SWEEP):
        sweep_file(text)
        return [run.run_id for run in plan("toy", root=project).runs]

    return of


def test_ids_are_16_hex_digits_and_all_different(ids):
    found = ids()
    assert len(set(found)) == len(found) == 4
    assert all(len(key) == 16 and int(key, 16) >= 0 for key in found)


def test_planning_twice_gives_the_same(ids):
    assert ids() == ids()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{current: [1, 2], tau: [10]}", "{tau: [10], current: [1, 2]}"),
        ("[1, 2]", "[1.0, 2.0]"),
        ("[1, 2]", '["1 nA", "2.000 nA"]'),
        ("[1, 2]", "{linspace: [1, 2, 2]}"),
        ("duration: 50", "duration: 5e+1"),
        ("[spikes, v]", "{signals: [v], spikes: true}"),
        ("profiles:", "description: some words\n    profiles:"),
        ("quick:", "quick:\n        shard_size: 1\n        # a comment"),
    ],
)
def test_how_a_sweep_is_written_does_not_matter(ids, old, new):
    assert ids() == ids(SWEEP.replace(old, new))


def test_an_interval_must_fit_the_time_step_of_a_single_point_too(project, sweep_file):
    file = project / "experiments" / "toy" / "experiment.py"
    field = "    timestep: float = parameter(0.1, 'ms', 'time step', above=0)\n\n\ndef build"
    file.write_text(file.read_text().replace("\n\ndef build", field))
    sweep_file("record: {weights: {plastic: 30 ms}}\nprofiles: {quick: {}}")
    assert plan_point("toy", values={"timestep": 0.3}, root=project).runs
    with pytest.raises(BadInput, match=r"30 ms is not a whole number of time steps of 0\.7 ms"):
        plan_point("toy", values={"timestep": 0.7}, root=project)


def test_how_weights_over_time_are_written_does_not_matter(ids):
    def of(record):
        return ids(SWEEP.replace("record:", f"record:\n      {record}"))

    course = of("weights: {plastic: 30 ms}")
    assert course == of("weights: {plastic: 30.0}")
    # It has the end of the run, which `projections` asks for, and the start.
    both = "initial_weights: [plastic]\n      weights: {plastic: 30}"
    assert course == of(f"projections: [plastic]\n      {both}")
    others = [of("weights: {plastic: 31}"), of("projections: [plastic]"), ids()]
    assert len(set(sum(others, course))) == 4 * len(course)


def test_a_record_of_all_has_the_canonical_form_of_earlier_versions():
    given = {
        "populations": {"neurons": ["v", "spikes"]},
        "projections": ["plastic", "fixed"],
        "weights": {"plastic": "30 ms"},
    }
    assert Record.model_validate(given).canonical() == {
        "populations": {"neurons": {"spikes": True, "signals": ["v"], "sampling_interval": None}},
        "weights": {
            "fixed": {"initial": False, "interval": None},
            "plastic": {"initial": True, "interval": 30.0},
        },
    }


def test_which_neurons_and_connections_are_recorded_matters(ids):
    def of(population, weights="30 ms"):
        record = f"record:\n      weights: {{plastic: {weights}}}"
        return ids(SWEEP.replace("record:", record).replace("[spikes, v]", population))

    kinds = [
        of("{spikes: true, signals: [v]}"),
        of("{spikes: true, signals: [v], neurons: 2}"),
        of("{spikes: true, signals: [v], neurons: [0, 3]}"),
        of("{spikes: {neurons: 2}, signals: [v]}"),
        of("{spikes: true, signals: [v]}", "{every: 30 ms, connections: 5}"),
    ]
    assert len({one for found in kinds for one in found}) == len(kinds) * len(kinds[0])
    assert kinds[2] == of("{spikes: true, signals: [v], neurons: [3, 0]}")
    assert kinds[0] == of("{spikes: true, signals: [v]}", "{every: 30}")


def test_no_run_depends_on_the_warm_up(ids, project):
    before = ids()
    assert ids("    warm_up: 20 ms\n" + SWEEP) == before
    assert plan("toy", root=project).sweep.warm_up == 20.0
    ids("    warm_up: 20 ms\n" + SWEEP.replace("quick:", "quick:\n        warm_up: 0"))
    assert plan("toy", root=project).sweep.warm_up == 0.0
    # A single run that is shorter has no metrics, but can be looked at.
    ids("    warm_up: 20 ms\n" + SWEEP)
    assert plan_point("toy", values={"duration": 10}, root=project).runs


def test_a_duration_is_the_parameter_of_this_name(ids, project):
    assert ids() == ids(SWEEP.replace("parameters: {duration: 50}", "duration: 50 ms"))
    file = project / "experiments" / "toy" / "experiment.py"
    file.write_text(file.read_text() + "\n\ndef run(sim, network, parameters):\n    pass\n")
    with pytest.raises(BadInput, match=r"quick\.duration: the experiment 'toy' has phases"):
        plan("toy", root=project)
    # How long phases are is not known before.
    assert ids("    warm_up: 20000 ms\n" + SWEEP)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[1, 2]", "[1.1, 2.1]"),
        ("duration: 50", "duration: 51"),
        ("quick:", "quick:\n        seeds: [2]"),
        ("[spikes, v]", "[spikes]"),
        ("[spikes, v]", "{spikes: true, signals: [v], sampling_interval: 1.0}"),
    ],
)
def test_what_can_change_a_result_matters(ids, old, new):
    assert not set(ids()) & set(ids(SWEEP.replace(old, new)))


def test_a_value_more_leaves_the_other_runs_as_they_were(ids):
    assert set(ids()) < set(ids(SWEEP.replace("[1, 2]", "[0.5, 1, 2]")))


def test_code_matters_and_comments_do_not(ids, project):
    source = project / "experiments" / "toy" / "experiment.py"
    before = ids()
    text = source.read_text()
    source.write_text('"""A docstring."""\n' + text.replace("return {", "# words\n    return {"))
    assert ids() == before
    source.write_text(text.replace('"plastic": None', '"plastic": 0'))
    assert not set(ids()) & set(before)


def test_a_data_file_of_the_experiment_matters_and_its_readme_does_not(ids, project):
    folder = project / "experiments" / "toy"
    before = ids()
    (folder / "README.md").write_text("words")
    (folder / "figures").mkdir()
    (folder / "figures" / "raster.py").write_text("CAPTION = ''")
    (folder / ".hidden").write_text("x")
    assert ids() == before
    (folder / "rates.csv").write_text("1,2")
    assert not set(ids()) & set(before)


def test_versions_matter_and_only_those_of_the_backend(ids, project, monkeypatch):
    before = plan_by_backend(ids, project)
    real = versions.of_backend
    newer = {"nest-simulator": "99"}
    monkeypatch.setattr(
        versions, "of_backend", lambda name: real(name) | (newer if name == "nest" else {})
    )
    after = plan_by_backend(ids, project)
    assert after["brian2"] == before["brian2"]
    assert not after["nest"] & before["nest"]


def plan_by_backend(ids, project):
    ids()
    return plan_by_backend_now(project)


def plan_by_backend_now(project):
    found = {}
    for run in plan("toy", root=project).runs:
        found.setdefault(run.backend, set()).add(run.run_id)
    return found


def test_point_ids_are_shared_by_the_backends_alone(ids, project):
    ids()
    points = {}
    for run in plan("toy", root=project).runs:
        points.setdefault(run.point_id, []).append(run.backend)
    assert sorted(map(sorted, points.values())) == [["brian2", "nest"]] * 2


def test_a_single_point_is_the_run_of_the_sweep(ids, project):
    of_sweep = ids()
    for current in (2, 2.0, "2 nA", np.float32(2), np.int64(2), np.array(2.0)):
        one = plan_point("toy", values={"current": current, "tau": np.float64(10)}, root=project)
        assert [run.run_id for run in one.runs] == of_sweep[2:]


def test_a_single_point_can_have_its_own_seed_and_backend(ids, project):
    ids()
    one = plan_point("toy", seed=9, backends=["brian2"], root=project)
    assert [(run.seed, run.backend) for run in one.runs] == [(9, "brian2")]
    with pytest.raises(BadInput, match="did you mean 'nest'"):
        plan_point("toy", backends=["nets"], root=project)
    with pytest.raises(BadInput, match="1 to 2147483647"):
        plan_point("toy", seed=0, root=project)


def test_a_run_holds_all_parameters_in_order_with_their_types(ids, project):
    ids()
    run = plan("toy", root=project).runs[0]
    assert dict(run.parameters) == {
        "current": 1.0,
        "tau": 10.0,
        "number": 4,
        "rule": "additive",
        "frozen": False,
        "duration": 50.0,
    }
    assert next(iter(run.parameters)) == "current" and type(run.parameters["current"]) is float
    with pytest.raises(dataclasses.FrozenInstanceError):
        run.seed = 2
    assert len({run, run}) == 1


def test_the_digest_of_a_plan_follows_its_runs(ids, project):
    ids()
    before = plan("toy", root=project).digest
    ids(SWEEP.replace("[1, 2]", "[1, 3]"))
    assert plan("toy", root=project).digest != before


def test_a_backend_in_another_folder_has_its_code_in_the_identity(ids, project, monkeypatch):
    toy = add_toy(project / "simulators")
    monkeypatch.setenv(VARIABLE, str(project / "simulators"))
    ids(SWEEP.replace("grid:", "backends: [toy, nest]\n        grid:"))
    before = plan_by_backend_now(project)
    description = toy / "description.py"
    description.write_text(description.read_text().replace("#117733", "#332288"))
    assert plan_by_backend_now(project) == before
    module = toy / "__init__.py"
    module.write_text(module.read_text().replace("3.0", "4.0"))
    after = plan_by_backend_now(project)
    assert after["nest"] == before["nest"] and not after["toy"] & before["toy"]
    # It is made of another one, whose code is its own too.
    made = plan("toy", root=project)
    content = ingredients(made.experiment, "toy", made.sweep.record)
    assert any("backends/nest" in path for path in content["files"])


def test_a_backend_runs_do_not_depend_on_another_backends_code(ids, project):
    ids()
    experiment = plan("toy", root=project).experiment
    files = set(ingredients(experiment, "nest", plan("toy", root=project).sweep.record)["files"])
    assert not any("backends/brian2" in path for path in files)
    assert any("backends/nest" in path for path in files)
    assert any(path.endswith("execution/simulate.py") for path in files)


def test_code_that_simulates_imports_nothing_that_could_change_a_result_unseen():
    simulating = [PACKAGE / "execution" / name for name in SIMULATING]
    in_backends = [path for path in files_in(PACKAGE / "backends") if path.suffix == ".py"]
    # These are in the identity, or count by value: parameters, columns, versions.
    allowed = {
        *("backends", "errors", "experiment", "versions", "tables.schemas"),
        # Part of the identity of runs under hardware.
        "hardware",
        *(f"execution.{name.removesuffix('.py')}" for name in SIMULATING),
    }
    for path in (*simulating, *in_backends):
        for name in read(path).imports:
            inner = name.removeprefix("pipelines.")
            if inner == name or inner in ("execution", "tables"):
                continue
            assert any(f"{inner}.".startswith(f"{one}.") for one in allowed), (path, name)
