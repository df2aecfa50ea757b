"""The metrics of an experiment: built-in ones and its own, and how much of a run they leave out."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pipelines.errors import BadInput
from pipelines.experiment import load_experiment
from pipelines.metrics import Margin, Metric, Scale, ks_distance, mean, only
from pipelines.metrics.known import BUILT_IN, in_table_order, known_metrics, known_metrics_in
from pipelines.metrics.measured import measure, metrics_table
from pipelines.metrics.metric import SIGNAL
from pipelines.metrics.recorded import Readings, Run, Signal
from tests import synthetic

ROOT = Path(__file__).parents[2]


def experiment_with(tmp_path, text):
    folder = tmp_path / "experiments" / "lif_fi_curve"
    shutil.copytree(ROOT / "experiments" / "lif_fi_curve", folder)
    (folder / "metrics.py").write_text(text)
    return load_experiment("lif_fi_curve", tmp_path)


def test_names_mean_one_thing():
    names = [metric.name for metric in BUILT_IN.metrics]
    assert len(set(names)) == len(names)
    both = set(BUILT_IN.summarised) & set(BUILT_IN.compared)
    # A single number of a population is the same thing in both tables.
    assert both == {"synchrony"}


def test_an_experiment_without_metrics_of_its_own():
    assert known_metrics_in(ROOT / "experiments" / "lif_fi_curve") is BUILT_IN
    with pytest.raises(KeyError):
        BUILT_IN["network_rate"]


def test_metrics_of_brunel_regimes():
    known = known_metrics(load_experiment("brunel_regimes", ROOT))
    own = [metric.name for metric in known.metrics[len(BUILT_IN.metrics) :]]
    assert own == ["network_rate", "network_isi_cv", "network_synchrony"]
    assert in_table_order(["network_rate", "weight", "rate"]) == ["rate", "weight", "network_rate"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "defines no 'METRICS'"),
        ("METRICS = [1]", "defines no 'METRICS'"),
        (
            "from pipelines.metrics import Metric, only\n"
            "METRICS = [Metric('rate', 'Hz', 'x', len, summary=only)]",
            "there are two metrics 'rate'",
        ),
        ("METRICS = []\ndef warm_up(parameters): return 5.0", "a key of sweep.yaml"),
        ("from pipelines.metrics import Metric\nMETRICS = [Metric('x', '1', 'x', len)]",
         "has neither a summary nor a distance"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(tmp_path, text, words):
    known = known_metrics(experiment_with(tmp_path, text))
    assert words in known.unusable and "metrics.py" in known.unusable
    assert [error.error for error in known.errors.found()] == [known.unusable]
    assert known.metrics == BUILT_IN.metrics and not known.own


def test_the_warm_up_is_left_out_of_all_metrics_of_spikes():
    tables = synthetic.lif_fi_curve(currents=[0.5], refractory=(2.0,))
    warm = SimpleNamespace(**{**vars(tables), "runs": tables.runs.assign(warm_up_ms=500.0)})
    whole, later = (
        metrics_table(given).set_index(["run_id", "metric"])["value"] for given in (tables, warm)
    )
    run_id = tables.runs["run_id"][0]
    times = tables.spikes.loc[tables.spikes["run_id"] == run_id, "time_ms"]
    late = times[times > 500.0]
    assert whole[run_id, "n_spikes"] == len(times) and later[run_id, "n_spikes"] == len(late)
    assert later[run_id, "rate_mean"] == pytest.approx(len(late) / 0.5)
    assert later[run_id, "time_to_first_spike"] == pytest.approx(late.iloc[0] - 500.0)


def test_the_warm_up_is_left_out_of_metrics_of_signals_and_not_of_weights():
    time_ms = np.arange(6.0)
    signal = Signal(np.zeros(6, np.int64), time_ms, np.arange(6.0))
    weights = Readings(*np.array([[0, 0], [1, 1], [1.0, 1.0], [0.5, 0.75], [0.0, 5.0]]))
    run = Run({}, 5.0, 2.0, signals={"p.v": signal}, weights={"w": weights})
    _, samples = measure(run, compare=True)
    (trace,) = run.subjects(SIGNAL).values()
    assert trace.time_ms.tolist() == [2.0, 3.0, 4.0, 5.0] == trace.value.tolist()
    assert run.signals["p.v"] is signal
    assert samples["w", "weight_change"].tolist() == [0.25]


def test_a_metric_must_make_sense():
    for changed in ({"of": "neuron"}, {"summary": None}, {"margin": 0.0}):
        with pytest.raises(ValueError, match="metric 'x'"):
            Metric(
                **{"name": "x", "unit": "1", "meaning": "", "sample": len, "summary": only}
                | changed
            )


def test_margins():
    runs = [np.array([1.0, 3.0]), np.array([-5.0, -7.0])], [np.empty(0), np.array([4.0, 4.0])]
    # The smaller mean is that of runs 2 and -6, or it is 4.
    kinds = {
        Margin.MEAN: 0.1 * 2.0, Margin.MAGNITUDE: 0.1 * 4.0, Margin.SPREAD: 0.1 * 2 / 3,
        Margin.NOTHING: 0.1,
    }  # fmt: skip
    for kind, expected in kinds.items():
        metric = Metric("x", "mV", "", np.asarray, distance=ks_distance, margin_of=kind)
        assert metric.margin_between(*runs) == pytest.approx(expected)
        assert metric.share == (0.1 if kind is Margin.MEAN else 0)
    logarithmic = replace(metric, scale=Scale.LOG)
    assert logarithmic.margin_between(*runs) == pytest.approx(np.log(1.1))


def test_margins_have_a_limit():
    usual = Metric("x", "mV", "", np.asarray, distance=ks_distance, margin=0.25)
    assert usual.limit == 0.25
    with pytest.raises(ValueError, match=r"metric 'x' has the margin 0\.3: at most 0\.25"):
        replace(usual, margin=0.3)
    with pytest.raises(ValueError, match=r"at most 0\.25"):
        replace(usual, margin=0.3, scale=Scale.LOG)
    assert replace(usual, margin=0.5, scale=Scale.LOG, primary=False).limit == 0.5
    # In the unit of the metric, which nothing is known of; that of correlations is.
    assert replace(usual, margin=9.0, margin_of=Margin.NOTHING).limit == np.inf
    assert BUILT_IN["correlation"].limit == 0.1
    for name, margin in {"rate": 0.3, "correlation": 0.2, "latency": 0.6}.items():
        with pytest.raises(BadInput, match=rf"margins\.{name}: a margin of {margin} would make"):
            BUILT_IN.with_margins({name: margin})


def test_the_number_of_a_run_on_a_logarithmic_scale_leaves_out_zeros():
    metric = Metric("x", "1", "", np.asarray, distance=ks_distance, scale=Scale.LOG)
    assert metric.number(np.array([0.0, 1.0, np.e**2])) == pytest.approx(1.0)
    assert np.isnan(metric.number(np.zeros(3))) and np.isnan(metric.number(np.empty(0)))
    # The distance does see them.
    assert metric.distance_of(np.array([0.0, 1.0]), np.array([1.0])) == 0.5


def test_two_empty_samples_are_not_identical():
    for metric in BUILT_IN.compared.values():
        assert not metric.are_identical(np.empty(0), np.empty(0)), metric.name


def test_primary_metrics():
    primary = [name for name, metric in BUILT_IN.compared.items() if metric.primary]
    assert primary == ["rate", "isi_cv", "correlation", "synchrony", "weight", "weight_change"]


def test_values_and_what_can_tell_them_apart():
    metric = Metric("x", "ms", "", lambda subject: subject, summary=mean, distance=ks_distance)
    assert metric.values([1.0, np.nan, 2.0]).tolist() == [1, 2]
    assert metric.values(3).tolist() == [3] and metric.distance_name == "KS"
    a, b = (metric.rounded(np.array([20.0, one])) for one in (1.0, 1.0 + 1e-12))
    assert metric.are_identical(a, b)
    tolerant = Metric("x", "ms", "", np.asarray, distance=ks_distance, tolerance=0.6)
    assert tolerant.are_identical(np.array([1.0, 2.0]), np.array([1.0, 3.0]))
    assert not tolerant.are_identical(np.array([1.0, 2.0]), np.array([4.0, 3.0]))
