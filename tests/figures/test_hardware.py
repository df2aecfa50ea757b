"""The figure on hardware: what is drawn where, from runs whose values are known."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pipelines.errors import BadInput
from pipelines.experiment import load_experiment
from pipelines.figures import hardware, style
from pipelines.figures.captions import what_was_run
from pipelines.figures.gallery import figures_of
from pipelines.figures.heat_map import draw as heat_map
from pipelines.figures.sweep_points import settings
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.measured import metrics_table
from pipelines.tables.some_runs import ideal_runs
from pipelines.verdicts.hardware_tables import hardware_tables
from tests import hardware_runs as runs_of

ROOT = Path(__file__).parents[2]
KNOWN = KnownMetrics(
    tuple(one for one in BUILT_IN.metrics if one.name.startswith(("rate", "isi_cv")))
)
VARIANTS = {
    ("chip", "all"): runs_of.lost(0.5),
    ("chip", "only delays"): runs_of.lost(0.5),
    ("chip", "only fan_in"): runs_of.unchanged,
    ("chip", "without delays"): runs_of.unchanged,
    ("chip", "without fan_in"): runs_of.lost(0.5),
    ("big", "all"): runs_of.unfit("too large"),
}


def tables_of(variants=VARIANTS, tmp_path=None, **how):
    tables = runs_of.tables_of(variants, **{"n_seeds": 4} | how)
    no_energy = SimpleNamespace(energy=None, sources={})
    experiment = SimpleNamespace(folder=tmp_path, name="e")
    tables.hardware, tables.hardware_verdicts = hardware_tables(
        experiment, tables, lambda name: no_energy, KNOWN
    )
    tables.known = KNOWN
    return tables


def labels(axes):
    return [text.get_text() for text in axes.get_yticklabels()]


def rates_of(tables, constraints, backend="nest"):
    """Mean rates of the runs of a variant, one number a run."""
    runs = tables.runs[
        (tables.runs["constraints"] == constraints) & (tables.runs["hardware"] != "big")
    ]
    runs = runs[runs["backend"] == backend]
    n_spikes = tables.spikes["run_id"].value_counts().reindex(runs["run_id"])
    return n_spikes.to_numpy() / runs_of.N / runs_of.DURATION * 1e3


def marks(axes, hollow):
    """x and y of the marks of NEST that are filled or hollow."""
    colour = style.style_of("nest").colour
    return [
        (line.get_xdata()[0], line.get_ydata()[0])
        for line in axes.lines
        if line.get_marker() == style.style_of("nest").marker
        and line.get_markerfacecolor() == ("white" if hollow else colour)
    ]


def test_each_line_has_its_means_and_its_range(tmp_path):
    tables = tables_of(tmp_path=tmp_path)
    figure = hardware.draw(tables, ["hardware", "constraints"], metrics=["rate"])
    (axes,) = figure.axes
    assert labels(axes) == ["chip: changed", "delays", "fan_in", "big: unfit"]
    assert [text.get_fontweight() for text in axes.get_yticklabels()] == [
        "bold", "normal", "normal", "bold",
    ]  # fmt: skip
    whole, broken, same = (
        rates_of(tables, name).mean() for name in ("all", "only delays", "only fan_in")
    )
    filled = [(whole, 0.0), (broken, 1 - 0.17), (same, 2 - 0.17)]
    assert np.allclose(marks(axes, hollow=False), filled)
    assert np.allclose(marks(axes, hollow=True), [(same, 1.17), (whole, 2.17)])
    bars = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2]
    found = rates_of(tables, "all")
    assert any(np.allclose(bar, [found.min(), found.max()]) for bar in bars)
    ideal = rates_of(tables, "").mean()
    assert any(np.allclose(line.get_xdata(), ideal) for line in axes.lines)
    (band,) = [patch for patch in axes.patches if patch.get_width() > 0]
    edges = band.get_x(), band.get_x() + band.get_width()
    assert edges == pytest.approx((ideal / 1.1, ideal * 1.1))
    assert [text.get_text() for text in axes.texts] == ["does not fit"]
    assert axes.get_xlabel() == "rate of exc (Hz)"


def test_primary_metrics_come_in_the_order_in_which_they_moved(tmp_path):
    tables = tables_of(tmp_path=tmp_path)
    figure = hardware.draw(tables, ["hardware", "constraints"])
    assert [axes.get_xlabel() for axes in figure.axes] == ["rate of exc (Hz)", "ISI CV of exc"]
    assert "Shown: the 1 of 2 primary metrics" in hardware.details(tables, [], panels=1)
    entries = [text.get_text() for text in figure.legends[0].get_texts()]
    assert entries[-2:] == ["a constraint alone", "all but this one"]


def test_strengths_have_an_axis_of_their_own(tmp_path):
    variants = {
        ("generic", "all", bits, mismatch): runs_of.lost(1 / 2**bits)
        for bits in (1, 2, 3)
        for mismatch in (0.0, 0.2)
    }
    tables = tables_of(variants, tmp_path)
    figure = hardware.draw(tables, ["weight_bits", "mismatch"], metrics=["rate"])
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["generic, mismatch 0 %", "generic, mismatch 20 %"]
    first = figure.axes[0]
    (line,) = [
        one for one in first.lines
        if len(one.get_xdata()) == 3 and one.get_marker() == style.style_of("nest").marker
    ]  # fmt: skip
    assert line.get_xdata().tolist() == [1, 2, 3]
    means = [20 * (1 - 1 / 2**bits) for bits in (1, 2, 3)]
    assert line.get_ydata() == pytest.approx(means, rel=0.05)
    assert first.get_xlabel() == "bits of a weight"
    one_bit = {key: change for key, change in variants.items() if key[2] == 1}
    (axes,) = hardware.draw(tables_of(one_bit, tmp_path), ["mismatch"], metrics=["rate"]).axes
    assert axes.get_title(loc="left") == "generic, 1 bit a weight"
    assert axes.get_xlabel() == "mismatch (%)" and axes.get_xticks().tolist() == [0, 20]


def test_settings_have_blocks_of_their_own_with_their_parameters(tmp_path):
    tables = tables_of({("chip", "all"): runs_of.unchanged}, tmp_path, settings=(1.0, 2.0, 3.0))
    figure = hardware.draw(tables, {"g": "mV", "hardware": ""}, metrics=["rate"])
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["g = 1 mV", "g = 3 mV"]
    assert "2 of 3 settings" in hardware.details(tables, ["g"], metrics=["rate"])


def test_an_unknown_metric_gets_a_clear_line(tmp_path):
    with pytest.raises(BadInput, match=r"no metric 'rat'.*rate"):
        hardware.draw(tables_of(tmp_path=tmp_path), [], metrics=["rat"])


def test_it_is_drawn_where_there_is_hardware_alone():
    experiment = load_experiment("stdp_recurrent", ROOT)
    asked = {"raster": {}, "hardware": {"panels": 1}}
    assert figures_of(experiment, asked) == {"raster": {}}
    assert figures_of(experiment, asked, has_hardware=True) == asked
    assert figures_of(experiment, {}, has_hardware=True) == {"hardware": {}}


def test_other_figures_show_the_ideal_network_and_whole_profiles():
    tables = runs_of.tables_of(VARIANTS, n_seeds=2)
    swept = ["hardware", "constraints"]
    assert [one.label for one in settings(tables.runs, swept)] == ["ideal network", "chip"]
    assert len(settings(tables.runs, swept, parts=True)) == 6
    assert "at each of 6 sweep points" in what_was_run(tables.runs, swept)
    assert set(ideal_runs(tables).runs["hardware"]) == {"none"}


def test_a_heat_map_of_parameters_leaves_constrained_runs_out_and_one_of_strengths_the_ideal():
    variants = {("generic", "all", bits, 0.1): runs_of.lost(1 / 2**bits) for bits in (1, 2)}
    tables = runs_of.tables_of(variants, n_seeds=2, settings=(1.0, 2.0))
    tables.known, tables.metrics = KNOWN, metrics_table(tables, KNOWN)
    numbers = {}
    for x, y in (("g", "seed"), ("weight_bits", "g")):
        figure = heat_map(tables, [x, y], x=x, y=y)
        numbers[x] = [float(text.get_text().split()[0]) for text in figure.axes[0].texts]
    ideal = tables.runs[tables.runs["hardware"] == "none"].merge(tables.metrics, on="run_id")
    means = ideal[(ideal["metric"] == "rate_mean") & (ideal["backend"] == "nest")]["value"]
    assert sorted(numbers["g"]) == pytest.approx(sorted(means), rel=5e-3)
    assert sorted(numbers["weight_bits"]) == pytest.approx([10, 15, 20, 30], rel=0.05)
