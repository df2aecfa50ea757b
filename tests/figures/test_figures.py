"""Every figure on synthetic tables: units on the axes, words where there is nothing, same bytes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from pipelines.errors import BadInput
from pipelines.experiment import load_experiment
from pipelines.figures import style
from pipelines.figures.distributions import cut_at_zero, draw_distributions, regular_edges
from pipelines.figures.draw import save
from pipelines.figures.gallery import caption_of, figure_path, figures_of, load_figure
from pipelines.figures.sweep_points import evenly_spaced, settings
from pipelines.metrics.measured import metrics_table
from tests import synthetic

ROOT = Path(__file__).parents[2]
DRIVE = {"i_offset": "nA", "depression_ratio": "1"}
HEAT = {"x": "i_offset", "y": "depression_ratio"}
FIGURES = {
    "fi_curve": ("lif_fi_curve", {"i_offset": "nA", "tau_refrac": "ms"}, {}),
    "window": ("stdp_window", {"delay": "ms"}, {}),
    "raster": ("stdp_recurrent", DRIVE, {"points": 2}),
    "rates": ("stdp_recurrent", DRIVE, {}),
    "weights": ("stdp_recurrent", DRIVE, {}),
    "weight_course": ("stdp_recurrent", DRIVE, {}),
    "signals": ("lif_fi_curve", {"i_offset": "nA"}, {"points": 3}),
    "heat_map": ("stdp_recurrent", DRIVE, HEAT),
}
SMALL = {"stdp_recurrent": {"n": 10, "drives": (0.0015, 2.1)}}


def drawn(name, change=None):
    experiment, swept, options = FIGURES[name]
    tables = getattr(synthetic, experiment)(**SMALL.get(experiment, {}))
    if name == "weight_course":
        tables.weights = with_course(tables.weights)
    if change is not None:
        change(tables)
    tables.metrics = metrics_table(tables)
    module = load_figure(name, load_experiment(experiment, ROOT))
    return module.draw(tables, swept, **options)


def with_course(weights):
    """Weights that were read at four times, and grow from one to the next."""
    parts = [weights.assign(time_ms=1000.0 * k, weight=weights["weight"] * k / 3) for k in range(4)]
    return pd.concat(parts, ignore_index=True)


def all_axes(figure):
    return figure.findobj(lambda artist: hasattr(artist, "get_xlabel"))


def words(figure):
    return [text.get_text() for text in figure.findobj(lambda a: hasattr(a, "get_text"))]


@pytest.mark.parametrize("name", FIGURES)
def test_units_are_on_the_axes(name):
    axes = all_axes(drawn(name))
    labels = [label for a in axes for label in (a.get_xlabel(), a.get_ylabel()) if label]
    assert len(labels) >= 2
    for label in labels:
        assert label.endswith(")") and "(" in label, label


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_tables_give_the_same_bytes(name, tmp_path):
    for turn in ("a", "b"):
        save(drawn(name), *(tmp_path / f"{turn}.{kind}" for kind in ("png", "svg", "pdf")))
    for ending in ("png", "svg", "pdf"):
        first, second = (tmp_path / f"{turn}.{ending}" for turn in ("a", "b"))
        assert first.read_bytes() == second.read_bytes()
    svg = (tmp_path / "a.svg").read_text()
    assert "<dc:date>" not in svg


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_done_is_said_in_words(name):
    def fail(tables):
        tables.runs["status"] = "failed"

    assert any("no " in text for text in words(drawn(name, fail)))


@pytest.mark.parametrize("name", ["raster", "rates", "fi_curve"])
def test_silence_is_said_in_words(name):
    def silence(tables):
        tables.spikes = tables.spikes.iloc[:0]

    text = " ".join(words(drawn(name, silence)))
    assert "no spikes" in text or "no intervals" in text


def test_backends_differ_in_colour_and_marker_and_dash():
    known = [style.style_of(name) for name in ("nest", "brian2", "other")]
    for mark in ("label", "colour", "marker", "dash"):
        assert len({getattr(item, mark) for item in known}) == 3


@pytest.mark.parametrize(
    "name", ["fi_curve", "window", "raster", "rates", "weights", "weight_course", "signals"]
)
def test_the_legend_names_the_backends(name):
    assert {"NEST", "Brian2"} <= set(words(drawn(name)))


def test_the_window_states_its_delay_convention():
    text = " ".join(" ".join(words(drawn("window"))).split())
    assert "(t_post + d_dendritic)" in text and "delay 5 ms: 5 ms dendritic, 0 ms axonal" in text


def test_weights_over_time_show_mean_spread_and_examples():
    axes = all_axes(drawn("weight_course"))[0]
    # A mean, its range over two seeds, and the spread and examples of synapses, on two backends.
    assert len(axes.lines) == 2 * 7 and len(axes.collections) == 2 * 2
    mean = axes.lines[6].get_ydata()
    assert list(axes.lines[6].get_xdata()) == [0.0, 1000.0, 2000.0, 3000.0]
    assert mean[1:] == pytest.approx(mean[3] * np.array([1, 2, 3]) / 3) and mean[0] == 0.0


def test_a_course_of_weights_has_the_range_of_the_means_of_the_seeds():
    def double_seed_2(tables):
        runs = tables.runs.loc[tables.runs["seed"] == 2, "run_id"]
        tables.weights["weight"] = np.where(tables.weights["run_id"].isin(runs), 2.0, 1.0)
        tables.weights["weight"] *= 1.0 + tables.weights["time_ms"]

    axes = all_axes(drawn("weight_course", double_seed_2))[0]
    spread, seeds = axes.collections[:2]
    assert axes.lines[6].get_ydata() == pytest.approx(1.5 * (1.0 + 1000.0 * np.arange(4)))
    assert [axes.lines[0].get_ydata()[0], axes.lines[0].get_ydata()[-1]] == [1.0, 3001.0]
    for band in (spread, seeds):
        corners = band.get_paths()[0].get_extents()
        assert (corners.y0, corners.y1) == (1.0, 6002.0)


def test_weights_that_were_read_once_have_no_course():
    def last_alone(tables):
        tables.weights = tables.weights[tables.weights["time_ms"] == 3000.0]

    assert any("no weights over time" in text for text in words(drawn("weight_course", last_alone)))


def signal_run(backend, number, shift=0.0):
    row = synthetic.run_row("lif_fi_curve", backend, number, {"i_offset": 0.4}, {"neurons": 9})
    time_ms = np.arange(0.0, 1501.0, 1.0)
    parts = [
        pd.DataFrame(
            {"run_id": row["run_id"], "population": "neurons", "neuron": neuron, "variable": "v",
             "time_ms": time_ms, "value": -65.0 + neuron + shift * (time_ms > 1200.0)}
        )
        for neuron in (0, 4, 8)
    ]  # fmt: skip
    return row | {"point_id": "p"}, parts


def test_signals_show_the_traces_of_both_backends_and_their_difference():
    rows, frames = zip(
        *(signal_run(b, 0, s) for b, s in (("nest", 0.0), ("brian2", 0.25))), strict=True
    )
    tables = synthetic.tables(rows, signals=[one for parts in frames for one in parts])
    module = load_figure("signals", load_experiment("lif_fi_curve", ROOT))
    figure = module.draw(tables, {})
    assert sum("neuron" in text for text in words(figure)) == 3
    above, below = figure.axes[1], figure.axes[4]
    assert [set(line.get_ydata()) for line in above.lines] == [{-61.0}, {-61.0, -60.75}]
    (difference,) = below.lines
    # Of a long run the last second, and the second backend less the first.
    assert difference.get_xdata()[0] == 500.0 and below.get_xlim() == (500.0, 1500.0)
    assert difference.get_ydata() == pytest.approx(np.where(difference.get_xdata() > 1200, 0.25, 0))
    assert "largest 0.25 mV" in words(figure)
    chosen = module.draw(tables, {}, neurons=[8], window=[0, 1000])
    assert len(chosen.axes) == 2 and "no difference at any time" in words(chosen)
    assert "no v recorded" in words(module.draw(synthetic.tables(rows), {}))


def test_the_raster_marks_spikes_that_one_backend_lacks():
    experiment = load_experiment("stdp_recurrent", ROOT)
    tables = synthetic.stdp_recurrent(n=10, drives=(2.1,), ratios=(1.0,), shifted=3)
    text = words(load_figure("raster", experiment).draw(tables, {"i_offset": "nA"}))
    assert {"on both backends", "on NEST only", "on Brian2 only"} <= set(text)
    assert any("6 spikes on one backend only" in line for line in text)


def test_a_raster_of_some_neurons_keeps_their_indices():
    experiment = load_experiment("stdp_recurrent", ROOT)
    tables = synthetic.stdp_recurrent(n=10, drives=(2.1,), ratios=(1.0,))
    tables.spikes = tables.spikes[tables.spikes["neuron"].isin([2, 9])]
    part = '{"neurons": {"of": 10, "spikes": [2, 5, 9]}}'
    tables.runs = tables.runs.assign(population_sizes='{"neurons": 3}', recorded_neurons=part)
    figure = load_figure("raster", experiment).draw(tables, {"i_offset": "nA"})
    assert any(text.endswith("(3 of 10 neurons recorded)") for text in words(figure))
    low, high = all_axes(figure)[0].get_ylim()
    assert low < 0 and 9 < high < 12
    rates = load_figure("rates", experiment).draw(tables, {"i_offset": "nA"})
    # Of the recorded neurons each has another rate, and the one without a spike counts.
    line = next(one for one in all_axes(rates)[0].patches if not one.get_fill())
    shares = line.get_data().values
    assert shares.sum() == pytest.approx(1.0) and shares.max() == pytest.approx(1 / 3)


def test_one_backend_alone_can_be_drawn():
    def keep_nest(tables):
        tables.runs = tables.runs[tables.runs["backend"] == "nest"].reset_index(drop=True)

    for name in FIGURES:
        drawn(name, keep_nest)


def test_a_large_sweep_is_thinned_evenly():
    assert evenly_spaced(list(range(10)), 4) == [0, 3, 6, 9]
    assert evenly_spaced([1, 2], 4) == [1, 2]


def test_settings_pool_seeds():
    tables = synthetic.stdp_recurrent(n=5, drives=(2.1,))
    labels = [setting.label for setting in settings(tables.runs, DRIVE)]
    assert labels == [
        "i_offset = 2.1 nA, depression_ratio = 0.95",
        "i_offset = 2.1 nA, depression_ratio = 1.05",
    ]


def test_figures_of_an_experiment():
    window = load_experiment("stdp_window", ROOT)
    assert list(figures_of(window, {"raster": {"points": 1}})) == ["window", "raster"]
    assert figure_path("raster", window).name == "raster.py"
    with pytest.raises(BadInput, match="did you mean 'raster'"):
        figure_path("rastr", window)


def test_wrong_names_are_refused():
    heat_map = load_figure("heat_map", load_experiment("stdp_recurrent", ROOT))
    tables = synthetic.stdp_recurrent(n=5)
    tables.metrics = metrics_table(tables)
    with pytest.raises(BadInput, match="did you mean 'rate_mean'"):
        heat_map.draw(tables, DRIVE, **HEAT, metric="rate_men")
    with pytest.raises(BadInput, match="did you mean 'i_offset'"):
        heat_map.draw(tables, DRIVE, x="i_ofset", y="depression_ratio")


def test_a_heat_map_has_the_mean_and_the_deviation_over_seeds():
    heat_map = load_figure("heat_map", load_experiment("stdp_recurrent", ROOT))
    tables = synthetic.stdp_recurrent(n=5)
    tables.metrics = metrics_table(tables)
    rates = tables.metrics["metric"] == "rate_mean"
    seeds = tables.metrics["run_id"].map(tables.runs.set_index("run_id")["seed"])
    tables.metrics.loc[rates, "value"] = 10.0 + seeds[rates]
    drawn = heat_map.draw(tables, DRIVE, **HEAT)
    assert words(drawn).count("11.5\n\N{PLUS-MINUS SIGN} 0.71") == 12
    assert words(drawn).count("0") >= 6
    told = heat_map.details(tables, DRIVE, **HEAT)
    assert told == "Largest standard deviation over seeds: 0.71 Hz."
    tables.runs = tables.runs[tables.runs["seed"] == 1]
    alone = heat_map.draw(tables, DRIVE, **HEAT)
    assert words(alone).count("11") == 12 and heat_map.details(tables, DRIVE, **HEAT) == ""


def test_a_caption_is_read_without_drawing(tmp_path):
    for name in FIGURES:
        experiment = load_experiment(FIGURES[name][0], ROOT)
        path = figure_path(name, experiment)
        assert caption_of(path) == load_figure(name, experiment).CAPTION
    made = tmp_path / "made.py"
    made.write_text('import nothing\nCAPTION = " ".join(["a", "b"])\n')
    assert caption_of(made) == ""


def colours(axes):
    """Face colours of the dots in a panel, as hex."""
    return {to_hex(dots.get_facecolor()[0]) for dots in axes.collections}


def test_spikes_on_both_backends_look_alike_and_others_have_their_backends_colour():
    draw = load_figure("raster", load_experiment("stdp_recurrent", ROOT)).draw
    same = draw(synthetic.stdp_recurrent(n=10, drives=(2.1,), ratios=(1.0,)), {"i_offset": "nA"})
    assert [colours(axes) for axes in same.axes] == [{style.COMMON}, {style.COMMON}]
    other = synthetic.stdp_recurrent(n=10, drives=(2.1,), ratios=(1.0,), shifted=3)
    own = [style.style_of(name).colour.lower() for name in ("nest", "brian2")]
    drawn_other = draw(other, {"i_offset": "nA"}).axes
    assert [colours(axes) for axes in drawn_other] == [{style.COMMON, colour} for colour in own]


def test_populations_are_stacked_in_one_panel():
    sizes = {"exc": 3, "inh": 2}
    runs = [
        synthetic.run_row("cuba_network", backend, 0, {"duration": 100.0}, sizes)
        for backend in ("nest", "brian2")
    ]
    spikes = [
        synthetic.spike_frame(run["run_id"], name, [0, 1], [10.0, 20.0])
        for run in runs
        for name in sizes
    ]
    tables = synthetic.tables(runs, spikes)
    raster = load_figure("raster", load_experiment("cuba_network", ROOT))
    for populations, heights in ((None, [0, 1, 3, 4]), (["inh", "exc"], [0, 1, 2, 3])):
        panel = raster.draw(tables, {}, populations=populations).axes[0]
        dots = [y for part in panel.collections for y in part.get_offsets()[:, 1].tolist()]
        assert dots == heights
        named = [label.get_text() for label in panel.get_yticklabels()]
        assert named == (populations or ["exc", "inh"])
    assert "3 neurons of exc and 2 neurons of inh" in raster.details(tables, {})
    with pytest.raises(BadInput, match="given beside populations"):
        raster.draw(tables, {}, population="exc", populations=["inh"])


def test_histograms_do_not_show_negative_rates():
    silent = np.array([0.0, 0.0, 2.0])
    edges = regular_edges(silent, 1.0)
    assert edges[0] == 0.0 and edges[1] == 0.5
    counts, _ = np.histogram(silent, edges)
    assert counts[0] == 2 and counts.sum() == 3
    assert regular_edges(silent - 1.0, 1.0)[0] < -1.0
    assert cut_at_zero(np.array([-3.0, -1.0, 1.0]), np.array([-2.0, 0.0])).tolist() == [-3, -1, 0]
    figure = drawn("rates")
    assert all(axes.get_xlim()[0] >= 0 for axes in all_axes(figure))


def test_seeds_have_a_band_around_their_mean():
    runs = {"nest": [np.array([1.0, 2.0]), np.array([1.0, 1.0])], "brian2": [np.array([1.0, 2.0])]}
    figure = draw_distributions(
        {"p": runs}, ["nest", "brian2"], edges={"p": np.array([0.5, 1.5, 2.5])}, x_label="x (1)",
        y_label="y (1)", empty={}, share_x=False,
    )  # fmt: skip
    band, mean, single = figure.axes[0].patches
    assert band.get_data().values.tolist() == [1.0, 0.5]
    assert np.asarray(band.get_data().baseline).tolist() == [0.5, 0.0]
    assert mean.get_data().values.tolist() == [0.75, 0.25]
    assert single.get_data().values.tolist() == [0.5, 0.5]
