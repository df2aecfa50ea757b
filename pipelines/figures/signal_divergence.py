"""Figure of one neuron's signal in two runs, around the first difference."""

from __future__ import annotations

from matplotlib.figure import Figure

from pipelines.diagnosis.run_pair import Pair
from pipelines.figures import style
from pipelines.figures.two_rasters import pair_styles
from pipelines.figures.variables import label_of
from pipelines.verdicts.signal_comparison import Traces


@style.styled
def draw(pair: Pair, traces: Traces, names: tuple[str, str], window: tuple[float, float]) -> Figure:
    """Draw one neuron's signal in both runs.

    Parameters
    ----------
    pair
        Two runs.
    traces
        Samples of the signal in both runs, and their first difference.
    names
        Labels of the two runs.
    window
        First and last time to show, in ms.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    difference = traces.difference
    population, variable = difference.key
    figure = style.new_figure(61)
    axes = figure.subplots()
    axes.axvline(difference.time_ms, color=style.QUIET, linewidth=0.8, zorder=0)
    for (time_ms, value), mark, name in zip(
        (traces.a, traces.b), pair_styles(pair), names, strict=True
    ):
        inside = (time_ms >= window[0]) & (time_ms <= window[1])
        axes.plot(
            time_ms[inside], value[inside], color=mark.colour, linewidth=mark.width,
            dashes=mark.dash or (None, None), label=name,
        )  # fmt: skip
    axes.set_xlim(window)
    axes.set_xlabel("time (ms)")
    axes.set_ylabel(label_of(variable))
    title = (
        f"{variable} of neuron {difference.neuron} of {population} differs from"
        f" {difference.time_ms:g} ms on"
    )
    figure.suptitle(style.wrap(title), x=0.01, ha="left")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure
