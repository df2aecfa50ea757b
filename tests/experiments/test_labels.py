"""Parameters of the experiments as labels of figures: words, not names of the code."""

from pathlib import Path

import pytest

from pipelines.experiment import describe, load_experiment
from pipelines.figures.sweep_points import Swept, words_of

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.parent.name for path in (ROOT / "experiments").glob("*/experiment.py"))


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_has_words_that_fit_above_a_panel(name):
    fields = describe(load_experiment(name, ROOT).parameters)
    swept = Swept(fields, fields)
    words = {field: words_of(swept, field) for field in fields}
    assert {field: swept.words[field] for field in fields} == words
