"""Figures of independent draws: no seed of one backend is set against one of the other."""

import numpy as np
import pandas as pd
import pytest

from pipelines.figures import raster
from pipelines.figures.evidence_files import _sides
from tests import synthetic


@pytest.fixture
def tables():
    found = synthetic.stdp_recurrent(n=20, drives=(2.1,), ratios=(1.0,))
    found.runs.loc[found.runs["backend"] == "brian2", "seed"] += 1_000_000
    return found


def test_a_raster_has_a_run_of_each_backend_and_counts_nothing_alone(tables):
    figure = raster.draw(tables, {})
    texts = [text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text"))]
    assert not any("no finished run" in text for text in texts)
    assert any("independent seeds" in text for text in texts)
    assert not any("on one backend only" in text for text in texts)


def test_distributions_are_those_of_all_seeds(tables):
    runs = tables.runs
    point = runs["point_id"].iloc[0]
    values = {
        run_id: {("neurons", "rate"): np.arange(3.0) + k} for k, run_id in enumerate(runs["run_id"])
    }
    row = pd.Series(
        {"point_id": point, "backend_a": "nest", "backend_b": "brian2", "population": "neurons",
         "metric": "rate", "distance_name": "KS"}
    )  # fmt: skip
    first = [runs[(runs["backend"] == b)].sort_values("seed") for b in ("nest", "brian2")]
    sides = _sides(row, pd.concat(first), values)
    assert [len(side) for side in sides.values] == [6, 6]
    assert sides.other_seeds == ((), ())
    # Curves such as spectra stay apart, and so do the two runs of one seed.
    row["distance_name"] = "shape"
    assert [len(side) for side in _sides(row, pd.concat(first), values).values] == [3, 3]
    row["distance_name"] = "KS"
    of_one_seed = pd.concat(first).assign(seed=1)
    assert [len(side) for side in _sides(row, of_one_seed, values).values] == [3, 3]
