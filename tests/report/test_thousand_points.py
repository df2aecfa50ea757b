"""A report on a thousand points: small enough to send, and there before one looks away."""

from statistics import median

import numpy as np
import pandas as pd
import pytest

from pipelines.figures.draw import draw_figure, save
from pipelines.figures.evidence_files import write_evidence
from pipelines.figures.gallery import figures_of
from pipelines.metrics.measured import metrics_table
from pipelines.metrics.spike_metrics import SPIKE_METRICS
from pipelines.report.page import write_report
from pipelines.sweep import plan
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.tables.schemas import SCHEMAS
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, IDENTICAL, UNDECIDED, VERDICTS
from pipelines.verdicts.verdict_table import compare
from tests import synthetic
from tests.report.chromium import BROWSER, WHY_NOT, Chromium
from tests.report.test_page import ROOT

pytestmark = pytest.mark.slow

N_POINTS = 1000
COMPARED = [metric.name for metric in SPIKE_METRICS if metric.distance]
KINDS = (IDENTICAL, EQUIVALENT, DIFFERENT, UNDECIDED)
POPULATIONS = {"excitatory": 8, "inhibitory": 2}
DURATION_MS = 200.0
SWEEP = """
description: A thousand points
record: {populations: {excitatory: [spikes], inhibitory: [spikes]}}
figures: {raster: {}, rates: {}}
profiles:
  quick: {grid: {i_offset: {linspace: [0.1, 1.0, 500]}, tau_refrac: [2.0, 5.0]}}
"""


# What the network of `lif_fi_curve` returns, and what this one does.
RETURNED = ('return {"neurons": ', 'return {"inhibitory": None, "excitatory": ')


def tables_of(points):
    """Runs and spikes: in turn the same, of other seeds, a step late, and of one backend alone."""
    runs, spikes = [], []
    rng = np.random.default_rng(1)
    for k, parameters in enumerate(points):
        kind = KINDS[k % 4]
        trains = {name: rng.integers(1, 2000, (n, 20)) for name, n in POPULATIONS.items()}
        for backend in ("nest", "brian2"):
            second = backend == "brian2"
            failed = second and kind == UNDECIDED
            row = synthetic.run_row(
                "thousand", backend, k, parameters, POPULATIONS,
                seed=1001 if second and kind == EQUIVALENT else 1,
                status="failed" if failed else "done",
            )  # fmt: skip
            runs.append(row)
            if failed:
                continue
            if second and kind == EQUIVALENT:
                trains = {
                    name: rng.integers(1, 2000, steps.shape) for name, steps in trains.items()
                }
            late = int(second and kind == DIFFERENT)
            for name, steps in trains.items():
                steps = [np.unique(row) + late for row in steps]
                neuron = np.repeat(np.arange(len(steps)), [len(train) for train in steps])
                times = np.concatenate(steps) * 0.1
                spikes.append(synthetic.spike_frame(row["run_id"], name, neuron, times))
    return synthetic.tables(runs, spikes)


def comparisons_of(runs):
    """A row a point, population and metric, with every number, as of ten seeds."""
    rng = np.random.default_rng(2)
    rows = []
    for k, point_id in enumerate(runs["point_id"].unique()):
        for population in POPULATIONS:
            for metric in COMPARED:
                low, floor, high, between, distance = np.sort(rng.uniform(0.01, 0.2, 5))
                mean, margin = rng.uniform(1, 50), 2.0
                rows.append(
                    {
                        "experiment": "thousand", "point_id": point_id, "backend_a": "nest",
                        "backend_b": "brian2", "population": population, "metric": metric,
                        "distance_name": "KS", "distance": distance, "between": between,
                        "seed_floor": floor, "floor_low": low, "floor_high": high,
                        "p_value": rng.uniform(0.06, 1), "mean_a": mean, "mean_b": mean + 0.1,
                        "difference": 0.1, "difference_low": -0.5, "difference_high": 0.7,
                        "margin": margin, "n_a": 10, "n_b": 10, "runs_needed": None,
                        "verdict": KINDS[k % 4], "statistics": KINDS[k % 4],
                        "scale": "linear", "primary": metric != COMPARED[-1],
                    }
                )  # fmt: skip
    frame = pd.DataFrame(rows, columns=SCHEMAS["comparisons"].names)
    return frame.astype({"runs_needed": "Int64"})


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    root = tmp_path_factory.mktemp("thousand")
    experiment = root / "experiments" / "thousand"
    experiment.mkdir(parents=True)
    source = (ROOT / "experiments/lif_fi_curve/experiment.py").read_text()
    (experiment / "experiment.py").write_text(source.replace(*RETURNED))
    (experiment / "sweep.yaml").write_text(SWEEP)
    made = plan("thousand", "quick", root)
    points = [
        {**run.parameters, "duration": DURATION_MS} for run in made.runs if run.backend == "nest"
    ]
    assert len(points) == N_POINTS
    folder = root / "results" / "thousand"
    tables = tables_of(points)
    for table in ("runs", "spikes", "weights", "signals"):
        write_table(table, getattr(tables, table), folder / f"{table}.parquet")
    stored = Tables(folder)
    comparisons = comparisons_of(stored.runs)
    write_table("comparisons", comparisons, folder / "comparisons.parquet")
    write_table("verdicts", compare(stored, comparisons), folder / "verdicts.parquet")
    write_table("metrics", metrics_table(stored), folder / "metrics.parquet")
    write_table("expectations", synthetic.empty("expectations"), folder / "expectations.parquet")
    for figure, options in figures_of(made.experiment, made.sweep.figures).items():
        drawing = draw_figure(figure, folder, experiment, options, made.swept)
        save(drawing, folder / f"figures/{figure}.png", folder / f"figures/{figure}.svg")
    write_evidence(Tables(folder), folder / "evidence")
    path = root / "results" / "report.html"
    return write_report(path, path.parent, [made])


def test_it_is_small_and_has_every_point(page):
    text = page.read_text()
    assert text.count('<td data-order="') == N_POINTS + 2 * len(COMPARED)
    for verdict in VERDICTS:
        assert f"{N_POINTS // 4} {verdict}" in text
    # A picture a metric and population, the first divergences, the figures, and one at full size.
    assert text.count("<img ") == 2 * len(COMPARED) + 3 + 2 + 1
    assert page.stat().st_size < 20_000_000


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason=WHY_NOT)
def test_it_opens_fast(page):
    with Chromium() as browser:
        loads = []
        for _ in range(3):
            browser.open("about:blank")
            browser.open(page.as_uri())
            browser.settle()
            loads.append(
                browser.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
            )
        assert browser.evaluate("document.querySelectorAll('.tools').length") == 2
    print(f"{page.stat().st_size / 1e6:.2f} MB, loaded in {loads} ms")
    assert 0 < median(loads) < 3000, loads
