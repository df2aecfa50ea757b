"""Confusion matrices of the held-out digits after the last pass."""

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix

from pipelines.figures import style

from ..analysis.responses import decoding_table
from ..digits import CLASSES

TITLE = "Confusion matrix"

CAPTION = (
    "Held-out digits after the last pass, summed over the finished runs of a backend, a panel "
    "each: a row is what they are, a column what is read from the spikes; a digit without any "
    "spike is in no column. Numbers are digits, colours their share of the row. Look for dark "
    "cells beside the diagonal, and for a number that differs between the panels: there the "
    "backends differ."
)


@style.styled
def draw(tables, swept) -> Figure:
    """Draw one confusion matrix per backend; reads runs and spikes."""
    table = decoding_table(tables)
    backends = style.in_order(tables.runs["backend"])
    figure, grid = style.panel_grid(89, 1, len(backends))
    panels = grid[0]
    classes = np.arange(CLASSES)
    for panel, backend in zip(panels, backends, strict=True):
        last = [found[-1] for found in table.loc[table["backend"] == backend, "decoded"]]
        panel.set_title(style.style_of(backend).label)
        if not last:
            style.write_note(panel, "no finished run")
            continue
        matrix = sum(confusion_matrix(one.true, one.decoded, labels=classes) for one in last)
        shown = sum(np.bincount(one.true, minlength=CLASSES) for one in last)
        share = matrix / np.maximum(shown, 1)[:, None]
        image = panel.imshow(share, cmap="Blues", vmin=0.0, vmax=1.0)
        for row, column in zip(*np.nonzero(matrix), strict=True):
            text_colour = "white" if share[row, column] > 0.5 else "black"
            panel.text(
                column, row, matrix[row, column], ha="center", va="center", color=text_colour
            )
        panel.set(xlabel="class read from the spikes", xticks=classes, yticks=classes)
        panel.spines[:].set_visible(False)
        accuracy = np.mean([one.accuracy for one in last])
        panel.set_title(f"{accuracy:.1%} right", loc="right")
    panels[0].set_ylabel("true class")
    if len(table):
        figure.colorbar(
            image, ax=list(panels), label="share of the true class", shrink=0.8, aspect=30
        )
    return figure
