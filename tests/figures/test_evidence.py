"""The evidence for verdicts: what is drawn is what is compared, in few bytes, always the same."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.errors import BadInput
from pipelines.figures import divergence, evidence
from pipelines.figures.evidence_files import MOST_RASTERS, _save, read_index, write_evidence
from pipelines.figures.overlay import PairSamples, _edges, largest_gap
from pipelines.figures.two_rasters import View, split_spikes
from pipelines.metrics.distances import ks_distance
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.verdicts.metric_comparison import measure_and_compare
from pipelines.verdicts.verdict_table import compare
from tests import synthetic

NONE = np.empty(0)


def stored(folder, made):
    """Tables of an experiment with their comparisons and verdicts, in files."""
    for table in ("runs", "spikes", "weights", "signals"):
        write_table(table, getattr(made, table), folder / f"{table}.parquet")
    tables = Tables(folder)
    _, comparisons = measure_and_compare(tables)
    write_table("comparisons", comparisons, folder / "comparisons.parquet")
    write_table("verdicts", compare(tables, comparisons), folder / "verdicts.parquet")
    return tables


def row(metric="rate", **given):
    """A row of comparisons with every number, unless some are given."""
    return {
        "point_id": "p", "backend_a": "nest", "backend_b": "brian2", "population": "neurons",
        "metric": metric, "distance_name": "KS", "distance": 0.06, "between": 0.034,
        "seed_floor": 0.0337, "floor_low": 0.029, "floor_high": 0.038, "p_value": 0.9,
        "difference": -0.09, "difference_low": -0.2, "difference_high": 0.03, "margin": 0.5,
        "verdict": "equivalent",
    } | given  # fmt: skip


def sides(seed=1, n=200, others=3):
    """Values of two backends, and of other seeds of each."""
    rng = np.random.default_rng(seed)
    values = [rng.gamma(2.0, 3.0, n) for _ in range(2 + 2 * others)]
    return PairSamples(
        ("nest", "brian2"), (values[0], values[1]), (values[2 : 2 + others], values[2 + others :])
    )


def words(figure):
    return [text.get_text() for text in figure.findobj(lambda a: hasattr(a, "get_text"))]


def labels(figure):
    axes = figure.findobj(lambda artist: hasattr(artist, "get_xlabel"))
    return [label for a in axes for label in (a.get_xlabel(), a.get_ylabel()) if label]


def test_the_gap_that_is_marked_is_the_distance():
    for seed in range(20):
        a, b = sides(seed, n=30).values
        _, low, high = largest_gap(a, b)
        assert high - low == pytest.approx(ks_distance(a, b), abs=1e-12)
    assert largest_gap(a, NONE) is None


@pytest.mark.parametrize("step", [1.0, 3.3333, 0.01])
def test_no_bin_holds_more_possible_values_than_another(step):
    for n in (2, 29, 31, 97, 400):
        possible = 5.0 + step * np.arange(n)
        counts, _ = np.histogram(possible, _edges(possible))
        assert counts.sum() == n and len(counts) <= 30
        # The last one may reach beyond the values.
        assert len(set(counts[:-1])) <= 1 and counts[-1] <= counts[0]


def test_one_value_is_in_the_middle_of_one_bin():
    for value in (0.0, 0.01, -65.0):
        edges = _edges(np.full(7, value))
        assert len(edges) == 2 and edges.mean() == pytest.approx(value)


def test_every_axis_has_its_unit_and_the_legend_what_is_drawn():
    figure = evidence.draw(row(), sides())
    found = labels(figure)
    assert len(found) == 6
    assert all(label.endswith(")") for label in found), found
    assert {"NEST", "Brian2", "other seeds", "largest gap", "these two runs"} <= set(words(figure))
    assert any("over the seed floor" in text for text in words(figure))
    assert any("over the margin" in text for text in words(figure))


def test_without_seeds_there_is_no_floor_and_no_empty_panel():
    nothing = dict.fromkeys(
        ("between", "seed_floor", "floor_low", "floor_high", "difference", "difference_low",
         "difference_high", "margin"), np.nan)  # fmt: skip
    figure = evidence.draw(row(**nothing), sides(others=0))
    assert len(labels(figure)) == 4
    assert not any("floor" in text or "other seeds" in text for text in words(figure))


def test_a_spectrum_is_drawn_over_frequency_and_a_single_value_as_a_dot():
    power = np.abs(np.random.default_rng(3).normal(1.0, 0.1, 250))
    spectra = PairSamples(("nest", "brian2"), (power, power[::-1]), ([], []))
    drawn = evidence.draw(row("spectrum"), spectra)
    assert labels(drawn).count("frequency (Hz)") == 2
    power_axes, share_axes = drawn.findobj(lambda a: hasattr(a, "get_xscale"))[:2]
    assert (power_axes.get_xscale(), power_axes.get_yscale()) == ("log", "log")
    # On linear axes the area between the curves is their distance.
    assert (share_axes.get_xscale(), share_axes.get_yscale()) == ("linear", "linear")
    seeds = PairSamples(("nest", "brian2"), (power, power), ([2 * power], []))
    band = evidence.draw(row("spectrum"), seeds)
    assert "all seeds" in words(band) and len(band.axes[0].collections) == 1
    one = PairSamples(
        ("nest", "brian2"), (np.array([3.0]), np.array([4.0])), ([np.array([5.0])], [])
    )
    figure = evidence.draw(row("synchrony"), one)
    assert not any("share" in label for label in labels(figure))
    assert "other seeds" in words(figure)


def test_independent_draws_have_no_distance_of_two_runs():
    figure = evidence.draw(row(distance=np.nan), sides())
    assert "these two runs" not in words(figure)
    assert any("over the seed floor" in text for text in words(figure))
    assert "these two runs" not in evidence.describe(row(distance=np.nan), sides())


def test_on_a_logarithmic_scale_the_difference_is_that_of_logarithms():
    figure = evidence.draw(row("latency", scale="log"), sides())
    assert "logarithm of NEST / Brian2 (1)" in labels(figure)
    text = evidence.describe(row("latency", scale="log"), sides())
    assert "the logarithms of the means differ by -0.09 (-0.2 to 0.03), which is within" in text


def test_nothing_to_show_is_said_in_words():
    empty = PairSamples(("nest", "brian2"), (NONE, NONE), ([], []))
    assert "no values on either backend" in words(evidence.draw(row(), empty))
    assert "NEST has no values; Brian2 has no values" in evidence.describe(row(), empty)
    # One silent backend alone is a curve alone.
    evidence.draw(row(), replace(sides(), values=(NONE, sides().values[1])))


def test_the_text_says_what_the_figure_shows():
    text = evidence.describe(row("isi_cv"), sides())
    assert text.startswith(
        "Coefficient of variation of intervals of neurons, one backend over the other. NEST has 200"
        " values, "
    )
    assert "3 more seeds of each are faint" in text
    assert "the KS distance of these two runs is 0.06" in text
    assert "the seed floor 0.0337 (0.029 to 0.038)" in text
    assert "which is within the margin of 0.5" in text
    assert "not within the margin" in evidence.describe(row(difference_low=-0.6), sides())


def test_spikes_in_common_and_alone_are_told_apart():
    def run(backend, steps):
        frame = synthetic.spike_frame(backend, "p", [0, 1, 2], np.array(steps) * 0.1)
        return Evidence({"backend": backend}, frame, frame.iloc[:0])

    pair = Pair(run("nest", [10, 20, 30]), run("brian2", [10, 21, 30]), 0.1)
    common, first, second = split_spikes(pair, View("p", 0, 1, 0.0, 10.0))
    # Neuron 2 is not in view.
    assert common[["time_ms", "neuron"]].to_numpy().tolist() == [[1.0, 0]]
    assert first[["time_ms", "neuron"]].to_numpy().tolist() == [[2.0, 1]]
    assert second[["time_ms", "neuron"]].to_numpy().tolist() == [[2.1, 1]]


def test_spikes_between_the_steps_are_drawn_where_they_are():
    def run(backend, times):
        frame = synthetic.spike_frame(backend, "p", [0] * len(times), np.array(times))
        return Evidence({"backend": backend}, frame, frame.iloc[:0])

    pair = Pair(run("stock_nest", [4.137, 9.0]), run("stock_brian2", [4.1, 9.0]), 0.1)
    times = [part["time_ms"].tolist() for part in split_spikes(pair, View("p", 0, 0, 0.0, 10.0))]
    assert times == [[9.0], [pytest.approx(4.137, abs=1e-3)], [4.1]]


def test_the_ring_is_around_the_spike_that_one_run_has_alone():
    def run(backend, steps):
        frame = synthetic.spike_frame(backend, "p", [3] * len(steps), np.array(steps) * 0.1)
        return Evidence({"backend": backend}, frame, frame.iloc[:0])

    pair = Pair(run("nest", [10, 21]), run("brian2", [10, 20]), 0.1)
    figure = divergence.draw(pair, [], ("NEST", "Brian2"), (0.0, 5.0))
    common, first, second, ring = (
        dots.get_offsets().tolist() for dots in figure.axes[0].collections
    )
    assert len(common) == len(first) == 1
    assert second == ring and ring[0][0] == pytest.approx(2.0)
    assert {"on both", "on NEST only", "on Brian2 only"} <= set(words(figure))


def test_pictures_have_letters_on_their_panels(tmp_path):
    figure = evidence.draw(row(), sides())
    _save(figure, tmp_path / "rate.png")
    assert {"A", "B", "C", "D"} <= set(words(figure))


def test_a_recorded_variable_is_named_with_its_unit():
    given = row("signal_largest", population="neurons.v", distance_name="largest")
    known = labels(evidence.draw(given, sides()))
    assert {"membrane potential (mV)", "NEST \N{MINUS SIGN} Brian2 (mV)"} <= set(known)
    assert "Membrane potential of neurons.v" in evidence.describe(given, sides())


def test_a_folder_of_evidence_is_small_and_its_bytes_never_change(tmp_path):
    tables = stored(tmp_path, synthetic.stdp_recurrent(n=20, drives=(0.0015, 2.1), ratios=(1.0,)))
    drawn = write_evidence(tables, tmp_path / "one")
    write_evidence(Tables(tmp_path), tmp_path / "two")
    metrics = [one.metric for one in drawn]
    assert metrics[:2] == ["rate", "isi"] and metrics[-2:] == ["weight", ""]
    assert read_index(tmp_path / "one") == drawn
    for one in drawn:
        content = (tmp_path / "one" / one.file).read_bytes()
        assert content == (tmp_path / "two" / one.file).read_bytes()
        assert len(content) < 60_000
        # Neither a blank sheet nor a smudge.
        with Image.open(tmp_path / "one" / one.file) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 20)) > 20
        assert len(one.alt) > 40
    # The silent points have nothing to show: the point that is drawn is another one.
    silent = tables.runs.loc[tables.runs["i_offset"] < 1, "point_id"]
    assert not set(silent) & {one.point_id for one in drawn}
    assert drawn[-1].alt.endswith("each is on NEST and on Brian2 in the same time step.")


def test_the_first_divergences_are_drawn(tmp_path):
    tables = stored(tmp_path, synthetic.lif_fi_curve(late_steps=1))
    drawn = write_evidence(tables, tmp_path / "evidence")
    rasters = [one for one in drawn if not one.metric]
    assert len(rasters) == MOST_RASTERS
    verdicts = tables.verdicts.set_index("point_id")["first_difference_ms"]
    times = [verdicts[one.point_id] for one in rasters]
    assert times == sorted(verdicts.dropna())[:MOST_RASTERS]
    assert f"at {times[0]:g} ms neuron 0 of neurons fires on NEST only" in rasters[0].alt


def test_runs_of_different_seeds_are_held_together_by_their_metrics_alone(tmp_path):
    made = synthetic.lif_fi_curve(late_steps=1)
    made.runs.loc[made.runs["backend"] == "brian2", "seed"] += 1000
    drawn = write_evidence(stored(tmp_path, made), tmp_path / "evidence")
    assert drawn and all(one.metric for one in drawn)


def test_an_experiment_without_results_has_an_empty_index(tmp_path):
    made = synthetic.lif_fi_curve(currents=[0.8], refractory=(2.0,))
    made.runs["status"] = "failed"
    assert write_evidence(stored(tmp_path, made), tmp_path / "evidence") == []
    assert json.loads((tmp_path / "evidence" / "index.json").read_text()) == []


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"index\.json: this evidence has not been drawn"):
        read_index(tmp_path)
    tables = stored(tmp_path, synthetic.lif_fi_curve(currents=[0.8], refractory=(2.0,)))
    first, *_ = write_evidence(tables, tmp_path / "evidence")
    (tmp_path / "evidence" / first.file).unlink()
    with pytest.raises(BadInput, match=first.file):
        read_index(tmp_path / "evidence")
