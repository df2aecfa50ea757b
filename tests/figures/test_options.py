"""What sweep.yaml may say about a figure: names, types and values, before anything runs."""

import inspect
import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Annotated

import pytest
from pydantic import Field

from pipelines.errors import BadInput
from pipelines.experiment import load_experiment
from pipelines.figures.gallery import GENERIC, load_figure
from pipelines.figures.options import ParameterName, PopulationName, check_options, known_names
from pipelines.sweep import load_sweep

EXPERIMENT = load_experiment("stdp_recurrent", Path(__file__).parents[2])
KNOWN = known_names(EXPERIMENT, load_sweep(EXPERIMENT, "quick").record)
HEAT = {"x": "i_offset", "y": "depression_ratio"}


@pytest.mark.parametrize(
    ("figure", "options", "expected"),
    [
        ("heat_map", HEAT | {"metrik": "rate_mean"}, ["no option 'metrik'", "mean 'metric'?"]),
        ("heat_map", {"x": "i_offset"}, ["needs the option 'y'"]),
        ("heat_map", HEAT | {"x": "i_ofset"}, ["heat_map.x", "'i_ofset'", "mean 'i_offset'?"]),
        ("heat_map", HEAT | {"x": 3}, ["heat_map.x: 3 is not accepted", "string"]),
        ("heat_map", HEAT | {"x": "seed"}, ["there is no parameter 'seed'"]),
        ("heat_map", HEAT | {"x": HEAT["y"]}, ["heat_map.y", "'depression_ratio' is already 'x'"]),
        ("heat_map", HEAT | {"metric": "rate_men"}, ["metric 'rate_men'", "mean 'rate_mean'?"]),
        ("heat_map", HEAT | {"population": "neuron"}, ["'neuron'", "neurons, recurrent"]),
        ("raster", {"population": "recurrent"}, ["population 'recurrent'", "allowed: neurons"]),
        ("raster", {"points": 0}, ["raster.points: 0 is not accepted", "greater than"]),
        ("raster", {"points": "four"}, ["raster.points: 'four'", "integer"]),
        ("raster", {"window": [100]}, ["raster.window: [100]", "at least 2"]),
        ("raster", {"window": 100}, ["raster.window: 100"]),
        ("rates", {"points": 2.5}, ["rates.points: 2.5"]),
        ("weights", {"projection": "recurent"}, ["projection 'recurent'", "mean 'recurrent'?"]),
        ("signals", {"population": "recurrent"}, ["population with signals 'recurrent'"]),
        ("signals", {"variable": "u"}, ["there is no signal 'u'", "allowed: v"]),
        ("signals", {"neurons": 0}, ["signals.neurons: 0 is not accepted"]),
        ("weights", {"unit": 1}, ["weights.unit: 1 is not accepted"]),
        ("weights", {"width": "colum"}, ["weights.width: 'colum'", "column, page or a number"]),
        ("weights", {"width": 20}, ["weights.width: 20 is not", "from 40 to 500"]),
        ("weights", {"letters": "no"}, ["weights.letters: 'no'", "true, false"]),
        ("weights", {"widht": "page"}, ["no option 'widht'", "mean 'width'?"]),
        ("raster", {"populations": ["neurons", "neuron"]}, ["population 'neuron'", "'neurons'"]),
        ("raster", {"populations": []}, ["raster.populations: []"]),
    ],
)
def test_one_line_for_a_wrong_option(figure, options, expected):
    with pytest.raises(BadInput) as caught:
        check_options(load_figure(figure, EXPERIMENT), options, f"figures.{figure}", KNOWN)
    line = str(caught.value)
    assert line.startswith(f"figures.{figure}") and "\n" not in line
    for part in expected:
        assert part in line


@pytest.mark.parametrize(
    ("figure", "options"),
    [
        ("heat_map", HEAT | {"metric": "weight_mean", "population": "recurrent"}),
        ("raster", {"population": "neurons", "points": 1, "window": [0, 99.5]}),
        ("rates", {"population": None}),
        ("raster", {"populations": ["neurons"], "width": "column", "letters": False}),
        ("rates", {"width": 89}),
        ("weights", {"projection": "recurrent", "unit": "uS", "points": 9}),
        ("weight_course", {"projection": "recurrent", "examples": 0}),
        ("signals", {"population": "neurons", "variable": "v", "neurons": [3, 5]}),
    ],
)
def test_right_options_are_accepted(figure, options):
    check_options(load_figure(figure, EXPERIMENT), options, "here", KNOWN)


@pytest.mark.parametrize("name", GENERIC)
def test_every_generic_figure_declares_the_type_of_its_options(name):
    module = load_figure(name, EXPERIMENT)
    needed = HEAT if name == "heat_map" else {}
    for option in list(inspect.signature(module.draw).parameters)[2:]:
        with pytest.raises(BadInput, match=f"here.{option}: .* is not accepted"):
            check_options(module, {**needed, option: object()}, "here", KNOWN)


def test_nothing_recorded_is_said():
    module = load_figure("raster", EXPERIMENT)
    with pytest.raises(BadInput, match="allowed: none: no population is recorded"):
        check_options(module, {"population": "a"}, "here", KNOWN | {"population": []})


def test_a_figure_of_an_experiment_may_declare_as_much_as_it_likes():
    def draw(tables, swept, *, name: ParameterName = "x", any_value=None, odd: "Missing" = 1):  # noqa: F821
        pass

    def typed(
        tables,
        swept,
        *,
        of: Annotated[Sequence[PopulationName], Field(min_length=1)] = ("neurons",),
    ):
        pass

    check_options(SimpleNamespace(draw=draw), {"any_value": object(), "odd": 3}, "here", KNOWN)
    check_options(SimpleNamespace(draw=lambda t, s, **o: None), {"free": 1}, "here", KNOWN)
    check_options(SimpleNamespace(draw=typed), {"of": ["neurons"]}, "here", KNOWN)
    with pytest.raises(BadInput, match="at least 1"):
        check_options(SimpleNamespace(draw=typed), {"of": []}, "here", KNOWN)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([300, 100], "no window of time"), ([100, 100], "no window of time"),
        ([-5, 100], "no window of time"), ([100], "no window of time"),
        (["a", 3], "no window of time"), ({"a": 1}, "no window of time"),
        ([200, 300], "begins after the end of every run; allowed: below 200 ms"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("option", ["window", "first_window"])
def test_a_window_in_which_nothing_can_be_shown_is_refused(option, value, words):
    module = ModuleType("own")
    exec(f"def draw(tables, swept, {option}=None): pass", vars(module))
    with pytest.raises(BadInput, match=re.escape(words)) as found:
        check_options(module, {option: value}, "figures.own", duration_ms=200.0)
    assert str(found.value).startswith(f"figures.own.{option}: ")
    for good in ([0, 100], [100.5, 300], None):
        check_options(module, {option: good}, "figures.own", duration_ms=200.0)
    check_options(module, {option: [900, 1000]}, "figures.own")
