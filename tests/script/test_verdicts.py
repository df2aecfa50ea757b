"""Verdicts on the runs of a script, from tables that are made here."""

import numpy as np
import pyarrow as pa
import pytest

from pipelines.execution.recordings import rows, signal_rows
from pipelines.script.verdicts import compare
from pipelines.tables.files import write_table

SAMPLES = np.arange(0.0, 20.1, 0.1)


@pytest.fixture
def recorded(tmp_path):
    """Write spikes (ms) of one neuron by run, and its v until a time; give what `play` gives."""

    def write(spikes, v_until=20.0, **changed):
        parts, signals, runs = [], [], []
        for name, times in spikes.items():
            at = np.array(times, dtype=float)
            neuron = np.zeros(len(at), dtype=int)
            parts.append(rows("spikes", name, "p", neuron=neuron, time_ms=at))
            time_ms = SAMPLES[v_until + 1e-6 >= SAMPLES]
            signals.append(
                signal_rows(name, "p", "v", time_ms, time_ms[:, None] - 65.0, np.array([0]))
            )
            runs.append(
                {
                    "run_id": name, "backend": name, "status": "done", "error": "", "seed": 42,
                    "timestep": 0.1, "arguments": "", "population_sizes": {"p": 1},
                    "neurons": {}, "drawn": {}, "experiment": "x",
                    "cell_types": {"p": ["IF_curr_exp"]},
                }
                | changed.get(name, {})
            )  # fmt: skip
        write_table("spikes", pa.concat_tables(parts), tmp_path / "spikes.parquet")
        write_table("signals", pa.concat_tables(signals), tmp_path / "signals.parquet")
        return tmp_path, runs

    return write


def test_backends_are_compared_with_each_other_and_with_their_stock_modules(recorded):
    names = ("nest", "stock_nest", "brian2", "stock_brian2")
    found = compare(*recorded({name: [5.0, 9.0] for name in names}))
    assert [one.names for one in found] == [
        ("nest", "brian2"), ("nest", "stock_nest"), ("brian2", "stock_brian2"),
    ]  # fmt: skip
    assert {one.result.verdict for one in found} == {"identical"}


def test_whom_the_reference_agrees_with(recorded):
    spikes = {"nest": [5.0, 9.0], "brian2": [5.0, 9.1], "reference": [5.0, 9.1]}
    first, second, third = compare(*recorded(spikes))
    assert first.result.verdict == "different"
    assert first.result.evidence.endswith("the reference agrees with brian2")
    assert second.result.verdict == "different" and "agrees" not in second.result.evidence
    assert third.result.verdict == "identical"


def test_the_state_is_what_was_recorded_until_then(recorded):
    spikes = {"nest": [5.0, 9.0], "brian2": [5.0, 9.1]}
    (one,) = compare(*recorded(spikes))
    assert [set(state) for state in one.states] == [{"time_ms", "v"}] * 2
    assert one.states[0]["time_ms"][-1] == pytest.approx(11.0)
    (one,) = compare(*recorded(spikes, v_until=6.0))
    assert one.states == []


def test_cells_with_a_bound_may_have_a_shifted_spike(recorded):
    types = {"cell_types": {"p": ["EIF_cond_exp_isfa_ista"]}}
    spikes = {"nest": [5.0, 9.0], "brian2": [5.0, 9.1]}
    (one,) = compare(*recorded(spikes, nest=types, brian2=types))
    assert one.result.verdict == "equivalent"
    assert "each within 0.1 ms" in one.result.evidence
    # The samples before the step of the first shifted spike.
    assert "89 samples of v of p equal" in one.result.evidence


def test_other_numbers_of_the_scripts_own_are_a_cause(recorded):
    spikes = {"nest": [5.0, 9.0], "brian2": [5.0, 9.1]}
    ours, theirs = ({"drawn": {"NumPy": state}} for state in ("one", "other"))
    shown = compare(*recorded(spikes))[0].causes
    assert "the script's own random numbers" not in {cause.name for cause in shown}
    (one,) = compare(*recorded(spikes, nest=ours, brian2=theirs))
    assert [cause.name for cause in one.causes[:1]] == ["the script's own random numbers"]
    assert "from NumPy on each" in one.causes[0].explanation and one.causes[1:] == shown
    for given in ({"nest": ours, "brian2": ours}, {"nest": ours}):
        assert compare(*recorded(spikes, **given))[0].causes == shown


def test_a_run_that_failed_cannot_be_compared(recorded):
    failed = {"status": "failed", "error": "ValueError: no"}
    (one,) = compare(*recorded({"nest": [5.0], "brian2": []}, brian2=failed))
    assert one.result.verdict == "undecided" and one.causes == []
    assert one.result.evidence == "the script failed on brian2"
    assert one.pair.divergence is None


def test_a_known_refusal_of_a_stock_module_is_a_difference(recorded):
    error = {"status": "failed", "error": "The pyNN.brian2 backend does not currently support"
             " dendritic delays"}  # fmt: skip
    spikes = {"brian2": [5.0], "stock_brian2": []}
    (one,) = compare(*recorded(spikes, stock_brian2=error))
    assert one.result.verdict == "different"
    assert [cause.name for cause in one.causes] == ["dendritic_delay_fraction"]
