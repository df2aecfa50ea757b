"""Figure of the accuracy on held-out digits over the passes, with other classifiers."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.figures import style

from ..analysis.responses import baselines, decoding_table, parameters_of

TITLE = "Accuracy over passes"

CAPTION = (
    "Share of the held-out digits that are read as what they are, after each pass over the "
    "training digits: means over the runs of a backend, with a band from the lowest to the "
    "highest where there are several. Left, all neurons speak for all classes, as often as each "
    "responded to them (naive Bayes); right, each neuron speaks for one class only. Horizontal "
    "lines are other classifiers, which learn from the same digits' pixels and are tested on the "
    "same held-out ones: k-means without a teacher, the others with one. Where a dashed coloured "
    "line leaves the solid one, the backends differ."
)

DECODERS = {"all neurons, for all classes": "accuracy", "one label a neuron": "accuracy_by_label"}
DASHES = ((1, 1), (4, 1.5), (6, 1.5, 1, 1.5))


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the accuracy over passes, one panel per decoder; reads runs and spikes."""
    table = decoding_table(tables)
    backends = style.in_order(tables.runs["backend"])
    figure, grid = style.panel_grid(85, 1, len(DECODERS), sharey=True)
    panels = grid[0]
    others = baselines(parameters_of(table.iloc[0])) if len(table) else {}
    for panel, (name, attribute) in zip(panels, DECODERS.items(), strict=True):
        panel.set_title(name)
        panel.set_xlabel("passes over the training digits")
        if table.empty:
            style.write_note(panel, "no finished run")
            continue
        for dashes, value in zip(DASHES, others.values(), strict=True):
            panel.axhline(100 * value, color=style.QUIET, linestyle=(0, dashes), linewidth=1.2)
        n_passes = 0
        for backend in backends:
            runs = table.loc[table["backend"] == backend, "decoded"]
            if len(runs):
                values = [[100 * getattr(one, attribute) for one in passes] for passes in runs]
                n_passes = len(values[0])
                style.line_with_band(panel, np.arange(1, n_passes + 1), values, backend)
        panel.set_xlim(0.7, n_passes + 0.3)
        panel.set_xticks(range(1, n_passes + 1))
    panels[0].set_ylabel("held-out digits read right (%)")
    known = [
        Line2D([], [], color=style.QUIET, linestyle=(0, dashes), label=f"{name}: {value:.1%}")
        for dashes, (name, value) in zip(DASHES, others.items(), strict=False)
    ]
    style.legend(figure, backends, line=True)
    style.place_legend(figure, known, "outside lower center")
    return figure
