"""Receptive fields: the input weights of every neuron as images."""

import numpy as np
from matplotlib.figure import Figure

from pipelines.figures import style

from ..analysis.responses import decoding_table
from ..digits import PIXELS

TITLE = "Receptive fields"

CAPTION = (
    "Weights of the neurons at the end of the first finished run, drawn as images of 8 x 8 pixels, "
    "dark where the weight is large: a square is one neuron. They are in the order of their "
    "labels, which are written beside them: the class of training digits to which a neuron "
    "responds most; a dash is a neuron that does not respond. The network was never told the class "
    "of a digit. Look for squares that look like a digit of their label, in several handwritings."
)

SIDE = 8
GAP = 3  # pixels between two images, with space for the label


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the receptive fields of one run; reads runs, spikes and weights."""
    table = decoding_table(tables)
    figure = style.new_figure(105, share=0.66)
    axes = figure.subplots()
    axes.set_axis_off()
    if table.empty:
        style.write_note(axes, "no finished run")
        return figure
    run = table.iloc[0]
    label = run["decoded"][-1].label
    weights = weights_of(tables, run["run_id"], len(label))
    # Neurons without a label last.
    order = np.argsort(np.where(label < 0, label.max() + 1, label), kind="stable")
    columns = int(np.ceil(np.sqrt(len(order))))
    rows = -(-len(order) // columns)
    step = SIDE + GAP
    picture = np.full((rows * step, columns * step), np.nan)
    for place, neuron in enumerate(order):
        top, left = (place // columns) * step, (place % columns) * step + GAP
        picture[top : top + SIDE, left : left + SIDE] = weights[:, neuron].reshape(SIDE, SIDE)
        name = str(label[neuron]) if label[neuron] >= 0 else "\N{EN DASH}"
        axes.text(left - 1.7, top, name, ha="center", va="top", fontsize="small")
    image = axes.imshow(picture, cmap="Greys", vmin=0.0)
    figure.colorbar(image, ax=axes, label="weight (nA)", shrink=0.7, aspect=30)
    axes.set_title(f"{len(order)} neurons on {style.style_of(run['backend']).label}")
    return figure


def weights_of(tables, run_id, n_neurons):
    """Final weights (nA) of one run, shape (64, n_neurons)."""
    found = tables.weights
    found = found[(found["run_id"] == run_id) & (found["projection"] == "learned")]
    weights = np.zeros((PIXELS, n_neurons))
    weights[found["pre"].to_numpy(int), found["post"].to_numpy(int)] = found["weight"]
    return weights
