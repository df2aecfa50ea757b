"""Captions say what was run: backends, seeds, points, duration, time step and profile."""

from pathlib import Path

import pandas as pd

from pipelines.experiment import describe, load_experiment
from pipelines.figures.captions import caption, what_was_run
from pipelines.figures.gallery import load_figure
from pipelines.figures.sweep_points import Swept, axis_label, settings, words_of
from tests import synthetic

EXPERIMENT = load_experiment("stdp_recurrent", Path(__file__).parents[2])
FIELDS = describe(EXPERIMENT.parameters)
SWEPT = Swept(["i_offset", "depression_ratio"], FIELDS)


def made(seeds=(1,)):
    tables = synthetic.stdp_recurrent(n=10, drives=(2.1, 2.4), ratios=(1.0,))
    runs = tables.runs[tables.runs["seed"] == tables.runs["seed"].min()]
    parts = [runs.assign(seed=seed, run_id=runs["run_id"] + str(seed)) for seed in seeds]
    tables.runs = pd.concat(parts, ignore_index=True)
    return tables


def test_what_was_run_is_said_in_a_sentence():
    runs = made((1, 2)).runs
    assert what_was_run(runs, SWEPT, "quick") == (
        "NEST and Brian2; n = 2 seeds (1, 2) at each of 2 sweep points; 1000 ms simulated;"
        " 0.1 ms time step; profile quick."
    )
    assert "n = 20 seeds at each" in what_was_run(made(range(1, 21)).runs, SWEPT)


def test_runs_that_failed_and_hardware_profiles_are_named():
    runs = made((1, 2)).runs
    runs["hardware"] = "four_levels"
    runs.loc[0, "status"] = "failed"
    text = what_was_run(runs, SWEPT)
    assert "hardware profile four_levels" in text and "1 of 8 runs not finished" in text
    assert "n = 2 seeds" in text
    runs["status"] = "failed"
    assert what_was_run(runs, SWEPT) == "No run was done."


def test_a_caption_is_the_figures_own_text_its_details_and_what_was_run():
    module = load_figure("raster", EXPERIMENT)
    text = caption(module, made(), SWEPT, {"window": [100, 200.5]}, "smoke")
    assert text.startswith(module.CAPTION)
    assert "Shown: 100 to 200.5 ms of seed 1, 10 neurons of neurons." in text
    assert text.endswith("profile smoke.")
    window = load_figure("weights", EXPERIMENT)
    assert caption(window, made(), SWEPT, {}).startswith(f"{window.CAPTION} NEST and Brian2; ")


def test_labels_are_words_with_units():
    assert axis_label(SWEPT, "i_offset") == "constant drive (nA)"
    assert axis_label(SWEPT, "tau_m") == "membrane time constant (ms)"
    assert settings(made().runs, SWEPT)[0].label == (
        "constant drive = 2.1 nA, depression / potentiation = 1"
    )


def test_a_name_stays_where_words_do_not_fit_or_tell_two_parameters_apart():
    assert words_of(Swept(["n"], FIELDS), "n", longest=5) == "n"
    assert words_of({"i_offset": "nA"}, "i_offset") == "i_offset"
    both = Swept(["a", "b"], {"a": FIELDS["delay"], "b": FIELDS["delay"]})
    assert words_of(both, "a") == "a" and words_of(both, "b") == "b"
