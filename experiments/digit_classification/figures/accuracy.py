"""Figure of the accuracy on held-out digits over the passes, with other classifiers."""

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.figures import style

from ..analysis.responses import baselines, decoding_table, parameters_of

TITLE = "Accuracy over passes"

CAPTION = (
    "Share of the held-out digits that are read as what they are, after each pass over the "
    "training digits, a line a run. Left, all neurons speak for all classes, as often as each "
    "responded to them (naive Bayes); right, each neuron speaks for one class only. Horizontal "
    "lines are other classifiers, which learn from the same digits' pixels and are tested on the "
    "same held-out ones: k-means without a teacher, the others with one. Look for lines of one "
    "backend that leave those of the other."
)

DECODERS = {"all neurons, for all classes": "accuracy", "one label a neuron": "accuracy_by_label"}
DASHES = ((1, 1), (4, 1.5), (6, 1.5, 1, 1.5))


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the accuracy over passes, one panel per decoder; reads runs and spikes."""
    table = decoding_table(tables)
    backends = style.in_order(tables.runs["backend"])
    figure = Figure(figsize=(style.WIDTH_IN, 4.2), layout="constrained")
    panels = figure.subplots(1, len(DECODERS), sharey=True)
    others = baselines(parameters_of(table.iloc[0])) if len(table) else {}
    for panel, (name, attribute) in zip(panels, DECODERS.items(), strict=True):
        panel.set_title(name)
        panel.set_xlabel("passes over the training digits")
        if table.empty:
            style.write_note(panel, "no finished run")
            continue
        rows = [
            (run["backend"], run["run_id"], number, 100 * getattr(decoded, attribute))
            for _, run in table.iterrows()
            for number, decoded in enumerate(run["decoded"], start=1)
        ]
        frame = pd.DataFrame(rows, columns=["backend", "run", "number", "accuracy"])
        for dashes, value in zip(DASHES, others.values(), strict=True):
            panel.axhline(100 * value, color=style.QUIET, linestyle=(0, dashes), linewidth=1.2)
        sns.lineplot(
            data=frame,
            x="number",
            y="accuracy",
            units="run",
            ax=panel,
            **style.line_style(backends),
        )
        panel.set_xlim(0.7, frame["number"].max() + 0.3)
        panel.set_xticks(sorted(frame["number"].unique()))
        panel.set(xlabel="passes over the training digits", ylabel="held-out digits read right (%)")
    known = [
        Line2D([], [], color=style.QUIET, linestyle=(0, dashes), label=f"{name}: {value:.1%}")
        for dashes, (name, value) in zip(DASHES, others.items(), strict=False)
    ]
    style.legend(figure, backends, line=True)
    figure.legend(handles=known, loc="outside lower center", ncols=len(known) or 1, frameon=False)
    return figure
