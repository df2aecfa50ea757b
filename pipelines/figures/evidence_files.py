"""Folder of evidence: a picture for each metric and population, a few rasters, and an index."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from pipelines.atomic import write_bytes
from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.errors import BadInput
from pipelines.figures import divergence, evidence, style
from pipelines.figures.overlay import PairSamples
from pipelines.figures.two_rasters import View, draw_raster, split_spikes
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.measured import Recordings, Samples, measure
from pipelines.metrics.selection import ByRun, finished, timestep_ms
from pipelines.tables.reader import Tables
from pipelines.verdicts.ranking import PAIR, most_urgent, points_by_urgency
from pipelines.verdicts.seed_groups import group_of
from pipelines.verdicts.verdict_names import DIFFERENT, IDENTICAL

MOST_OTHERS = 5
"""Largest number of other seeds of a backend that are drawn beside the compared run."""

MOST_RASTERS = 3
"""Largest number of divergences that are drawn for a pair of backends."""

INDEX = "index.json"

_DPI = 135
_COLOURS = 256
# Time shown before and after a divergence, and of two runs without one.
_BEFORE_MS, _AFTER_MS, _TOGETHER_MS = 20.0, 20.0, 100.0
_MOST_NEURONS = 60


@dataclass(frozen=True)
class EvidenceImage:
    """One picture of a folder of evidence; an entry of its index.

    Attributes
    ----------
    file
        File name within the folder.
    point_id, backend_a, backend_b
        Sweep point and backends of the runs shown.
    population, metric
        Population and metric shown; the metric of a raster is empty.
    alt
        Description of the picture in words.
    """

    file: str
    point_id: str
    backend_a: str
    backend_b: str
    population: str
    metric: str
    alt: str


def write_evidence(
    tables: Tables, folder: Path, known: KnownMetrics = BUILT_IN
) -> list[EvidenceImage]:
    """Draw the evidence of an experiment into a folder.

    Parameters
    ----------
    tables
        Tables of the experiment. Runs, comparisons and verdicts are read whole; of spikes,
        weights and signals only the rows of the runs that are drawn.
    folder
        Folder to write to: a picture for each metric, population and pair of backends, at the
        point with the most urgent verdict; rasters of the most urgent points; ``index.json``.
    known
        Metrics of the experiment.

    Returns
    -------
    list of EvidenceImage
        Entries of the index.
    """
    runs = finished(tables.runs)
    rows = most_urgent(tables.comparisons, tables.verdicts)
    rasters = _points_to_draw(runs, tables.verdicts)
    groups = {key: _runs_of(runs, *key) for key in _keys(rows)}
    wanted = {run_id for group in groups.values() for run_id in group["run_id"]}
    for point in rasters:
        wanted |= set(_at_point(runs, point)["run_id"])
    chosen = runs[runs["run_id"].isin(wanted)].reset_index(drop=True)
    of_runs = SimpleNamespace(
        **{name: tables.of_runs(name, wanted) for name in ("spikes", "weights", "signals")}
    )
    recordings = Recordings(chosen, of_runs)
    spikes, weights = ByRun(chosen, of_runs.spikes), ByRun(chosen, of_runs.weights)
    drawn: list[EvidenceImage] = []
    samples: dict[str, Samples] = {}
    for _, row in rows.iterrows():
        group = groups[tuple(row[["point_id", *PAIR]])]
        for run_id in group["run_id"]:
            if run_id not in samples:
                samples[run_id] = measure(recordings[run_id], known, compare=True)[1]
        sides = _sides(row, group, samples)
        name = _name(drawn, row["metric"], row["population"], row["backend_a"], row["backend_b"])
        _save(evidence.draw(row, sides, known), folder / name)
        point = {key: str(row[key]) for key in ("point_id", *PAIR, "population", "metric")}
        drawn.append(EvidenceImage(file=name, alt=evidence.describe(row, sides, known), **point))
    for number, point in enumerate(rasters):
        pair = _pair(_at_point(runs, point), spikes, weights)
        made = _raster(pair, evidence.backend_labels(point))
        if made is not None:
            figure, population, alt = made
            name = _name(drawn, f"raster-{number + 1}", population, *point[PAIR])
            _save(figure, folder / name)
            key = {k: str(point[k]) for k in ("point_id", *PAIR)}
            drawn.append(EvidenceImage(file=name, population=population, metric="", alt=alt, **key))
    index = json.dumps([asdict(one) for one in drawn], indent=1)
    write_bytes(folder / INDEX, f"{index}\n".encode())
    return drawn


def read_index(folder: Path) -> list[EvidenceImage]:
    """Read the index of a folder of evidence.

    Returns
    -------
    list of EvidenceImage
        Entries of the index, all of whose pictures exist.

    Raises
    ------
    BadInput
        If the folder, its index or a picture is missing.
    """
    path = folder / INDEX
    if not path.is_file():
        raise BadInput(str(path), "this evidence has not been drawn")
    drawn = [EvidenceImage(**entry) for entry in json.loads(path.read_text())]
    for one in drawn:
        if not (folder / one.file).is_file():
            raise BadInput(str(folder / one.file), "this evidence has not been drawn")
    return drawn


def _keys(rows: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    yield from dict.fromkeys(rows[["point_id", *PAIR]].itertuples(index=False, name=None))


def _runs_of(runs: pd.DataFrame, point_id: str, a: str, b: str) -> pd.DataFrame:
    """Runs of two backends at a point, and up to `MOST_OTHERS` per backend with other seeds."""
    same = group_of(runs, point_id)
    parts = []
    for backend in (a, b):
        of_backend = same[same["backend"] == backend]
        at_point = of_backend["point_id"] == point_id
        parts += [of_backend[at_point], of_backend[~at_point].head(MOST_OTHERS)]
    return pd.concat(parts)


def _at_point(runs: pd.DataFrame, point: pd.Series) -> pd.DataFrame:
    """The two runs of a row of verdicts, in the order of its backends."""
    here = runs[runs["point_id"] == point["point_id"]].set_index("backend", drop=False)
    return here.reindex([b for b in point[PAIR] if b in here.index])


def _points_to_draw(runs: pd.DataFrame, verdicts: pd.DataFrame) -> list[pd.Series]:
    """For each pair of backends the most urgent divergences, or one point of identical runs.

    Points whose runs have different seeds are left out: such runs diverge from the start, so
    that only their metrics are compared.
    """
    found = []
    seeds = runs.set_index(["point_id", "backend"])["seed"]
    for _, rows in points_by_urgency(verdicts).groupby(PAIR, sort=False):
        different, identical = [], []
        for _, point in rows.iterrows():
            keys = [(point["point_id"], point[key]) for key in PAIR]
            if not all(key in seeds.index for key in keys) or len({seeds[k] for k in keys}) > 1:
                continue
            if point["verdict"] == DIFFERENT and pd.notna(point["first_difference_ms"]):
                different.append(point)
            elif point["verdict"] == IDENTICAL and (point["n_common"] or 0) > 0:
                identical.append(point)
        found += different[:MOST_RASTERS] or identical[:1]
    return found


def _sides(row: pd.Series, group: pd.DataFrame, samples: Mapping[str, Samples]) -> PairSamples:
    key = (row["population"], row["metric"])
    values, others = [], []
    for backend in row[PAIR]:
        of_backend = group[group["backend"] == backend]
        found = [samples[run_id].get(key, _NOTHING) for run_id in of_backend["run_id"]]
        values.append(found[0])
        others.append(found[1:])
    sides = PairSamples(
        (str(row["backend_a"]), str(row["backend_b"])),
        (values[0], values[1]), (others[0], others[1]),
    )  # fmt: skip
    # Of independent draws no two runs are a pair: the distributions over all seeds are compared.
    draws = group.loc[group["point_id"] == row["point_id"], "seed"].nunique() > 1
    has_distribution = row["distance_name"] == "KS" and not sides.has_single_values()
    return sides.pooled() if draws and has_distribution else sides


_NOTHING = pd.Series(dtype=float).to_numpy()


def _pair(rows: pd.DataFrame, spikes: ByRun, weights: ByRun) -> Pair:
    one, other = (
        Evidence(run.to_dict(), spikes[run["run_id"]], weights[run["run_id"]])
        for _, run in rows.iterrows()
    )
    return Pair(one, other, timestep_ms(rows.iloc[0]))


def _raster(pair: Pair, names: tuple[str, str]) -> tuple[Figure, str, str] | None:
    """Raster of two runs with its population and alternative text; None without spikes."""
    difference = pair.divergence
    if difference is not None:
        window = (max(0.0, difference.time_ms - _BEFORE_MS), difference.time_ms + _AFTER_MS)
        figure = divergence.draw(pair, [], names, window)
        last = "with no spike before it"
        if difference.last_common_ms is not None:
            last = f"after {difference.n_common_before:,} common spikes"
        return figure, difference.population, (
            f"Spikes from {window[0]:g} to {window[1]:g} ms around the first difference:"
            f" at {difference.time_ms:g} ms neuron {difference.neuron} of {difference.population}"
            f" fires on {names[difference.on]} only, {last}."
        )  # fmt: skip
    spikes = pair.a.spikes
    if spikes.empty:
        return None
    # The population with the most spikes, from its first spike on.
    counts = spikes["population"].value_counts().sort_index()
    population = str(counts.idxmax())
    rows = spikes[spikes["population"] == population]
    start = max(float(rows["time_ms"].min()) - 1.0, 0.0)
    low = int(rows["neuron"].min())
    view = View(population, low, low + _MOST_NEURONS, start, start + _TOGETHER_MS)
    n_shown = len(split_spikes(pair, view)[0])
    return draw_raster(pair, names, view), population, (
        f"{n_shown:,} spikes of {population} from {view.start:g} to {view.stop:g} ms: each is on"
        f" {names[0]} and on {names[1]} in the same time step."
    )  # fmt: skip


def _name(drawn: Collection[EvidenceImage], *parts: Any) -> str:
    """File name made of `parts` that no picture drawn before has."""
    name = "_".join(re.sub(r"[^A-Za-z0-9-]+", "-", str(part)) for part in parts)
    known = {one.file for one in drawn}
    choices = [f"{name}.png", *(f"{name}_{k}.png" for k in range(2, len(known) + 3))]
    return next(choice for choice in choices if choice not in known)


def _save(figure: Figure, path: Path) -> None:
    """Write a figure as a PNG with a palette of `_COLOURS` colours, which keeps the file small."""
    buffer = io.BytesIO()
    with style.theme():
        style.letter_panels(figure)
        figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
    image = Image.open(buffer).convert("RGB").quantize(_COLOURS)
    small = io.BytesIO()
    image.save(small, format="png", optimize=True)
    write_bytes(path, small.getvalue())
