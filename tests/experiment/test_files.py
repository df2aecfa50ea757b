"""Which files of an experiment can change its runs, and which analyse them."""

import pytest

from pipelines.errors import BadInput
from pipelines.experiment.files import files_of_analysis, files_of_runs
from pipelines.installation import PACKAGE


@pytest.fixture
def folder(tmp_path):
    """The folder of an experiment that has every kind of file."""
    texts = {
        "experiment.py": "from . import cells",
        "cells.py": "x = 1",
        "not_imported.py": "x = 1",
        "rates.csv": "1,2",
        "data/more.csv": "3,4",
        "text.j2": "{{ not python }}",
        "README.md": "words",
        "sweep.yaml": "profiles: {quick: {}}",
        "expectation.py": "from .analysis.measures import y",
        "metrics.py": "x = 1",
        "analysis/measures.py": "from ..experiment import x",
        "figures/bars.py": "x = 1",
        "figures/lines.py": "x = 1",
        "hardware/chip.yaml": "title: Chip",
        ".hidden": "x",
    }
    folder = tmp_path / "experiments" / "toy"
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


OF_RUNS = {"experiment.py", "cells.py", "not_imported.py", "rates.csv", "data/more.csv", "text.j2"}


def names(folder, paths):
    return {path.relative_to(folder).as_posix() for path in paths}


def test_the_place_of_a_file_decides(folder):
    assert names(folder, files_of_runs(folder)) == OF_RUNS
    shared = OF_RUNS | {"metrics.py", "analysis/measures.py", "hardware/chip.yaml"}
    bars = files_of_analysis(folder, folder / "figures" / "bars.py")
    assert names(folder, bars) == shared | {"figures/bars.py"}
    expectation = files_of_analysis(folder, folder / "expectation.py")
    assert names(folder, expectation) == shared | {"expectation.py"}
    nowhere = files_of_analysis(folder, folder / "figures" / "nowhere.py")
    assert names(folder, nowhere) == shared


@pytest.mark.parametrize(
    "text",
    [
        "from experiments.other.cells import x",
        "from ..other.cells import x",
        "from .. import other",
    ],
)
def test_another_experiment_that_is_imported_counts(folder, text):
    other = folder.parent / "other"
    other.mkdir()
    for name in ("cells.py", "expectation.py"):
        (other / name).write_text("from ..toy import experiment")
    (folder / "cells.py").write_text(text)
    found = files_of_runs(folder)
    assert other / "cells.py" in found and other / "expectation.py" not in found


def test_a_part_of_the_library_that_is_imported_counts(folder):
    (folder / "cells.py").write_text("from pipelines.experiment import parameter")
    assert names(folder, files_of_runs(folder)) == OF_RUNS
    (folder / "cells.py").write_text("from pipelines.atomic import write_bytes")
    assert PACKAGE / "atomic.py" in files_of_runs(folder)
    (folder / "cells.py").write_text("import pipelines.hidden_away\nfrom pipelines import tables")
    found = files_of_runs(folder)
    assert PACKAGE / "tables" / "schemas.py" in found


@pytest.mark.parametrize(
    "text",
    [
        "from . import expectation",
        "from .analysis.measures import y",
        "from experiments.toy.metrics import x",
        "def build():\n    from .figures import bars",
    ],
)
def test_runs_that_depend_on_their_analysis_are_refused(folder, text):
    (folder / "cells.py").write_text(text)
    expected = r"experiments/toy/cells\.py: imports '.*', which only analyses results"
    with pytest.raises(BadInput, match=expected):
        files_of_runs(folder)
