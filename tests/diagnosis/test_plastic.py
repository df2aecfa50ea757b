"""Whether a projection is plastic, from records and readings."""

import json

import pandas as pd
import pytest

from pipelines.diagnosis.plastic import plastic_projections
from pipelines.diagnosis.run_pair import Evidence, Pair
from tests import synthetic

START = synthetic.weight_frame("r", "w", [0, 0, 1], [0, 1, 1], [0.5, 0.5, 0.5], time_ms=0.0)
SAME = synthetic.weight_frame("r", "w", [0, 0, 1], [0, 1, 1], [0.5, 0.5, 0.5])
CHANGED = synthetic.weight_frame("r", "w", [0, 0, 1], [0, 1, 1], [0.5, 0.6, 0.5])


def run(*weights, plastic=None, as_text=True):
    record = {}
    if plastic is not None:
        known = {"w": {"pre": "n", "post": "n", "plastic": plastic}}
        record["projections"] = json.dumps(known) if as_text else known
    table = pd.concat(weights) if weights else synthetic.empty("weights")
    return Evidence(record, synthetic.empty("spikes"), table)


@pytest.mark.parametrize(
    ("a", "b", "plastic"),
    [
        (run(SAME), run(SAME), None),
        (run(SAME), run(CHANGED), None),
        (run(START, SAME), run(START, SAME), None),
        (run(START, SAME), run(START, CHANGED), True),
        (run(SAME, plastic=False), run(SAME, plastic=False, as_text=False), False),
        (run(SAME, plastic=False), run(SAME), False),
        (run(SAME, plastic=False), run(SAME, plastic=True, as_text=False), True),
        (run(SAME, plastic=True), run(), True),
    ],
)
def test_what_records_and_readings_tell(a, b, plastic):
    assert plastic_projections(Pair(a, b, 0.1)) == {"w": plastic}


def test_without_weights_there_is_no_projection():
    assert plastic_projections(Pair(run(), run(), 0.1)) == {}


def test_a_record_that_is_no_json_tells_nothing():
    odd = Evidence({"projections": "none"}, synthetic.empty("spikes"), SAME)
    assert plastic_projections(Pair(odd, run(SAME), 0.1)) == {"w": None}
