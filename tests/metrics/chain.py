"""A metric on its way: tables, margins, verdicts, figure, evidence, report.

Run as a program, with another `pipelines` first on the path, it says which one it used.
"""

import sys
from pathlib import Path

from pipelines.experiment import load_experiment
from pipelines.figures.draw import draw_figure, save
from pipelines.figures.evidence_files import read_index, write_evidence
from pipelines.figures.options import known_names
from pipelines.metrics import known
from pipelines.metrics.known import known_metrics
from pipelines.report.page import write_report
from pipelines.sweep import plan
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.verdicts.expectations import expectations_table
from pipelines.verdicts.metric_comparison import measure_and_compare
from pipelines.verdicts.verdict_table import compare
from tests import synthetic

EXPERIMENT, MARGIN = "lif_fi_curve", 0.17


def follow(metric: str, root: Path, results: Path) -> str:
    """Follow a metric with a summary and a distance through an experiment; gives the report."""
    experiment = load_experiment(EXPERIMENT, root)
    made = plan(EXPERIMENT, "quick", root)
    metrics = known_metrics(experiment).with_margins({metric: MARGIN})
    assert metrics[metric].margin == MARGIN
    assert metric in known_names(experiment, made.sweep.record)["metric"]
    folder = results / EXPERIMENT
    folder.mkdir(parents=True)
    written = synthetic.lif_fi_curve(currents=[0.3, 0.6, 0.9])
    for table in ("runs", "spikes", "weights", "signals"):
        write_table(table, getattr(written, table), folder / f"{table}.parquet")
    tables = Tables(folder)
    numbers, comparisons = measure_and_compare(tables, metrics)
    write_table("metrics", numbers, folder / "metrics.parquet")
    write_table("comparisons", comparisons, folder / "comparisons.parquet")
    write_table("verdicts", compare(tables, comparisons), folder / "verdicts.parquet")
    checks, _ = expectations_table(experiment, tables)
    write_table("expectations", checks, folder / "expectations.parquet")
    own = numbers[numbers["metric"] == metric]
    assert len(own) == len(tables.runs) and own["value"].notna().any()
    with_values = tables.runs["run_id"].isin(own.loc[own["value"].notna(), "run_id"])
    n_points = tables.runs.loc[with_values, "point_id"].nunique()
    assert (comparisons["metric"] == metric).sum() == n_points
    options = {"x": "i_offset", "y": "tau_refrac", "metric": metric}
    figure = draw_figure("heat_map", folder, experiment.folder, options)
    said = [text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text"))]
    assert any(metrics[metric].meaning in text for text in said)
    for name in ("fi_curve", "raster", "signals"):
        save(
            draw_figure(name, folder, experiment.folder, {}, made.swept),
            folder / f"figures/{name}.png", folder / f"figures/{name}.svg",
        )  # fmt: skip
    write_evidence(tables, folder / "evidence", metrics)
    assert metric in [one.metric for one in read_index(folder / "evidence")]
    page = write_report(results / "report.html", results, [made])
    text = page.read_text()
    assert metrics[metric].meaning in text
    return text


if __name__ == "__main__":
    follow(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    sys.stdout.write(f"{Path(known.__file__).parent}\n")
