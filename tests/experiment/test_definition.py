"""Finding and loading experiments."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.errors import BadInput
from pipelines.experiment import find_experiments, load_experiment, load_part, project_root

GOOD = """
from dataclasses import dataclass

from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    duration: float = parameter(10.0, "ms", "simulated time")


def build(sim, parameters, seed):
    return {}
"""


@pytest.fixture
def write(tmp_path):
    """Write a file of an experiment; returns the project's root."""

    def file(text=GOOD, name="toy", path="experiment.py"):
        target = tmp_path / "experiments" / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return tmp_path

    return file


def test_an_experiment_is_a_folder_with_an_experiment_py(write, tmp_path):
    root = write(name="b")
    write(name="a")
    write(name="notes", path="README.md")
    write(name=".hidden")
    assert find_experiments(root) == ["a", "b"]
    experiment = load_experiment("a", root)
    assert (experiment.name, experiment.folder) == ("a", tmp_path / "experiments" / "a")
    assert experiment.parameters().duration == 10.0
    assert experiment.build(None, None, 1) == {}
    assert experiment.run is None
    assert experiment.source == experiment.folder / "experiment.py"
    assert experiment.root == root


def test_the_root_is_argument_then_environment_then_a_parent_folder(write, tmp_path, monkeypatch):
    root = write()
    inner = root / "deep" / "deeper"
    inner.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere" / "experiments"
    elsewhere.mkdir(parents=True)
    monkeypatch.chdir(inner)
    monkeypatch.delenv("COUNTERPOINT_ROOT", raising=False)
    assert project_root() == root
    monkeypatch.setenv("COUNTERPOINT_ROOT", str(elsewhere.parent))
    assert project_root() == elsewhere.parent
    assert project_root(root) == root
    monkeypatch.setenv("COUNTERPOINT_ROOT", str(inner))
    with pytest.raises(BadInput, match=r"COUNTERPOINT_ROOT: .* holds no folder 'experiments'"):
        project_root()


def test_no_root_at_all_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COUNTERPOINT_ROOT", raising=False)
    with pytest.raises(BadInput, match="COUNTERPOINT_ROOT set to it"):
        project_root()


def test_modules_of_a_folder_reach_each_other_and_sys_path_stays(write):
    write("WIDTH = 3\n", path="helper.py")
    write("from .helper import WIDTH\n", path="figures/window.py")
    write("from ..helper import WIDTH\nfrom ..experiment import Parameters\n", path="figures/b.py")
    root = write("from . import helper\nfrom .helper import WIDTH\n" + GOOD)
    before = list(sys.path)
    experiment = load_experiment("toy", root)
    assert experiment.build.__globals__["WIDTH"] == 3
    part = load_part(experiment, "figures.b")
    assert part.WIDTH == 3 and part.Parameters is experiment.parameters
    assert sys.path == before and "helper" not in sys.modules
    with pytest.raises(BadInput, match=r"there is no nowhere\.py"):
        load_part(experiment, "figures.nowhere")


def test_a_change_is_seen_at_the_next_load(write):
    write("WIDTH = 1\n", path="helper.py")
    text = "from .helper import WIDTH\n" + GOOD
    root = write(text)
    assert load_experiment("toy", root).build.__globals__["WIDTH"] == 1
    write("from .helper import WIDTH as OLD\nWIDTH = 2\n" + GOOD)
    assert load_experiment("toy", root).build.__globals__["WIDTH"] == 2


def test_experiments_of_one_name_in_two_projects_are_two(write, tmp_path):
    other = tmp_path / "other"
    for root, width in ((tmp_path, 1), (other, 2)):
        folder = root / "experiments" / "toy"
        folder.mkdir(parents=True)
        (folder / "experiment.py").write_text("from .helper import WIDTH\n" + GOOD)
        (folder / "helper.py").write_text(f"WIDTH = {width}\n")
    for root, width in ((tmp_path, 1), (other, 2), (tmp_path, 1)):
        assert load_experiment("toy", root).build.__globals__["WIDTH"] == width


def test_run_is_taken_when_it_is_there_and_replaces_the_duration(write):
    text = GOOD.replace("duration", "width").replace('"ms"', '"1"')
    with_run = text + "\n\ndef run(sim, network, parameters):\n    pass\n"
    assert load_experiment("toy", write(with_run)).run is not None
    with pytest.raises(BadInput, match="does not say how long to run"):
        load_experiment("toy", write(text))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("x = 1", "defines no 'Parameters'; allowed: a frozen dataclass"),
        (GOOD.replace("def build", "def biuld"), "defines no 'build'"),
        (GOOD.replace("(frozen=True)", ""), "'Parameters' can be changed"),
        (GOOD.replace("@dataclass(frozen=True)", ""), "'Parameters' is no dataclass"),
        (GOOD + "\nrun = 3\n", "'run' is no function"),
        (GOOD + "\nbuild = 3\n", "'build' is no function; allowed: build(sim, parameters, seed)"),
        (
            GOOD.replace("parameters, seed", "parameters"),
            "'build' takes other arguments: too many positional arguments; allowed: build(sim,",
        ),
        (GOOD + "\ndef run(sim):\n    pass\n", "'run' takes other arguments"),
        (GOOD + "\nimport sys\nsys.exit(3)\n", "experiment.py:16: cannot be imported: SystemExit"),
        (
            GOOD.replace("duration:", "status: float = 1.0\n    duration:"),
            "status: is the name of a column of runs.parquet; allowed: another name",
        ),
        (GOOD + "\nx = 1 / 0\n", "experiment.py:15: cannot be imported: ZeroDivisionError"),
        ("def build(:\n", "experiment.py:1: not valid Python"),
        ("import nowhere_to_be_found", "experiment.py:1: cannot be imported: ModuleNotFound"),
        ("import brian2\n" + GOOD, "imports the simulator 'brian2'; allowed: the argument 'sim'"),
        ("import pyNN.nest as sim\n" + GOOD, "imports the simulator 'pyNN.nest'"),
        (GOOD + "\ndef f():\n    from nest import Create\n", "imports the simulator 'nest'"),
        (GOOD.replace("float", "flaot"), "cannot be imported: NameError: name 'flaot'"),
        (GOOD.replace('"ms"', '"s"'), "unit 's'; allowed: ms"),
    ],
)
def test_what_cannot_be_loaded_is_said_in_a_line(write, text, part):
    root = write(text)
    with pytest.raises(BadInput) as caught:
        load_experiment("toy", root)
    line = str(caught.value)
    assert "experiments/toy/experiment.py" in line and part in line and "\n" not in line


def test_a_part_that_cannot_be_imported_is_named_with_its_folder(write):
    root = write()
    write("x = 1 / 0\n", path="figures/window.py")
    with pytest.raises(BadInput, match=r"^experiments/toy/figures/window\.py:1: cannot"):
        load_part(load_experiment("toy", root), "figures.window")


def test_a_simulator_in_a_sibling_is_refused_too(write):
    write("from brian2 import ms\n", path="helper.py")
    with pytest.raises(BadInput, match=r"toy/helper\.py: imports the simulator 'brian2'"):
        load_experiment("toy", write("from . import helper\n" + GOOD))


def test_pynn_itself_may_be_imported(write):
    load_experiment("toy", write("from pyNN.random import NumpyRNG\n" + GOOD))


def test_a_plain_import_of_a_sibling_is_told_the_right_way(write):
    write("x = 1\n", path="helper.py")
    with pytest.raises(BadInput, match=r"allowed: 'from \. import helper'"):
        load_experiment("toy", write("import helper\n" + GOOD))


def test_unknown_and_impossible_names(write):
    root = write()
    with pytest.raises(BadInput, match=r"there is no 'tyo'; allowed: toy; did you mean 'toy'\?"):
        load_experiment("tyo", root)
    write(name="my-net")
    with pytest.raises(BadInput, match="'my-net' is no Python name"):
        load_experiment("my-net", root)


def test_the_shipped_experiments_load_from_any_folder(tmp_path):
    root = Path(__file__).parents[2]
    code = (
        "import sys\n"
        "from pipelines.experiment import find_experiments, load_experiment\n"
        "for name in find_experiments(sys.argv[1]):\n"
        "    load_experiment(name, sys.argv[1])\n"
        "loaded = {'brian2', 'nest', 'pyNN.nest', 'pyNN.brian2'} & set(sys.modules)\n"
        "sys.exit(' '.join(loaded) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
