"""Figure and text description of the comparison of one metric between two backends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from pipelines.figures import style
from pipelines.figures.overlay import (
    PairSamples,
    draw_distribution_functions,
    draw_histogram,
    draw_runs,
    draw_spectra,
    legend_handles,
)
from pipelines.figures.seed_floor_panels import draw_distances, draw_means, has_floor, has_margin
from pipelines.figures.variables import words_for
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.metric import Scale
from pipelines.tables.signal_samples import unit_of_variable


@style.styled
def draw(row: Mapping[str, Any], sides: PairSamples, known: KnownMetrics = BUILT_IN) -> Figure:
    """Draw the distributions of one metric on two backends, and their distance.

    Parameters
    ----------
    row
        Row of the table `comparisons`.
    sides
        Values of the metric in the compared runs and in runs with other seeds.
    known
        Metrics of the experiment.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    # Mathtext in tick labels takes a quarter of the time of a picture, and an experiment has
    # dozens of pictures; `styled` restores the setting at the end.
    mpl.rcParams["axes.formatter.use_mathtext"] = False
    metric = str(row["metric"])
    quantity, unit = _quantity(row, known)
    names = backend_labels(row)
    below = [draw_distances] * has_floor(row)
    margin = has_margin(row)
    figure = style.new_figure(92 if below or margin else 55)
    rows = np.ravel(
        np.asarray(
            figure.subfigures(2, 1, height_ratios=[1.6, 1.0]) if below or margin else figure,
            dtype=object,
        )
    )
    label = style.with_unit(quantity, unit)
    if not len(np.concatenate(sides.values)):
        style.write_note(rows[0].subplots(), "no values on either backend")
    elif sides.has_single_values():
        draw_runs(rows[0].subplots(), sides, label)
    else:
        left, right = rows[0].subplots(1, 2)
        if metric == "spectrum":
            draw_spectra(left, sides, as_shares=False)
            draw_spectra(right, sides, as_shares=True)
        else:
            draw_histogram(left, sides, label)
            draw_distribution_functions(right, sides, label)
    if below and margin:
        left, right = rows[1].subplots(1, 2)
        draw_distances(left, row, names)
        draw_means(right, row, names, unit)
    elif below:
        draw_distances(rows[1].subplots(), row, names)
    elif margin:
        draw_means(rows[1].subplots(), row, names, unit)
    dots = sides.has_single_values()
    style.legend(rows[0], sides.backends, legend_handles(sides, metric), line=not dots, marker=dots)
    return figure


def describe(row: Mapping[str, Any], sides: PairSamples, known: KnownMetrics = BUILT_IN) -> str:
    """Describe the figure in text (the alternative text of the picture)."""
    metric, name = str(row["metric"]), str(row["distance_name"])
    quantity, unit = _quantity(row, known)
    unit = f" {unit}" if unit not in ("", "1") else ""
    sentences = [f"{quantity} of {row['population']}, one backend over the other"]
    for backend, values in zip(backend_labels(row), sides.values, strict=True):
        if not len(values):
            sentences.append(f"{backend} has no values")
            continue
        if len(values) == 1:
            sentences.append(f"{backend} has one value, {values[0]:.4g}{unit}")
            continue
        low, middle, high = np.quantile(values, [0.0, 0.5, 1.0])
        many = f"{len(values):,} values"
        sentences.append(
            f"{backend} has {many}, {low:.4g} to {high:.4g}{unit}, median {middle:.4g}"
        )
    n_others = min(len(others) for others in sides.other_seeds)
    if n_others:
        shown = "in a band" if metric == "spectrum" else "faint"
        sentences.append(f"{n_others} more seed{'s' * (n_others > 1)} of each are {shown}")
    if np.isfinite(float(row["distance"])):
        sentences.append(f"the {name} distance of these two runs is {row['distance']:.3g}")
    if has_floor(row):
        sentences.append(
            f"the mean {name} distance of all runs across the backends is {row['between']:.3g},"
            f" the seed floor {row['seed_floor']:.3g} ({row['floor_low']:.3g} to"
            f" {row['floor_high']:.3g})"
        )
    if has_margin(row):
        margin = float(row["margin"])
        inside = -margin <= row["difference_low"] and row["difference_high"] <= margin
        what = f"the means differ by {row['difference']:.3g}{unit}"
        if row.get("scale") == Scale.LOG.value:
            what = f"the logarithms of the means differ by {row['difference']:.3g}"
        sentences.append(
            f"{what} ({row['difference_low']:.3g} to"
            f" {row['difference_high']:.3g}), which is {'within' if inside else 'not within'} the"
            f" margin of {margin:.3g}"
        )
    return f"{sentences[0][0].upper()}{sentences[0][1:]}. {'; '.join(sentences[1:])}."


def backend_labels(row: Mapping[str, Any]) -> tuple[str, str]:
    """Labels of the two backends of a row of `comparisons` or `verdicts`."""
    first, second = (style.style_of(str(row[key])).label for key in ("backend_a", "backend_b"))
    return first, second


def _quantity(row: Mapping[str, Any], known: KnownMetrics) -> tuple[str, str]:
    """Quantity of a metric and its unit: "firing rate" from the meaning "firing rate, a neuron".

    Metrics of signals have the quantity and the unit of the recorded variable.
    """
    metric = known[str(row["metric"])]
    if metric.unit:
        return metric.meaning.rpartition(", a ")[0] or metric.meaning, metric.unit
    variable = str(row["population"]).rpartition(".")[2]
    return words_for(variable), unit_of_variable(variable)
