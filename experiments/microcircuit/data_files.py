"""Reader of the published tables in the folder `data`."""

import csv
from math import isnan
from pathlib import Path

FOLDER = Path(__file__).parent / "data"

# Observation time from which on the CV is near that of many seconds (`expectation.SHORTFALL`).
LONG_MS = 1000.0


def rows(name):
    """Rows of a CSV file as dicts of text; lines that begin with # are comments."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def published(name, **where):
    """Published values of all populations in the rows that match some conditions.

    Parameters
    ----------
    name
        Name of the file: "published_rates" (Hz) or "published_cv".
    where
        Required values by column, such as ``input="DC"``. Numbers are compared as numbers.

    Returns
    -------
    list of list of float
        For each matching row the values in the order of the populations; NaN where missing.
    """

    def fits(row):
        return all(
            float(row[key]) == wanted if isinstance(wanted, float) else row[key] == wanted
            for key, wanted in where.items()
        )

    return [[float(row[one] or "nan") for one in NAMES] for row in rows(name) if fits(row)]


_POPULATIONS = rows("populations")
NAMES = tuple(row["population"] for row in _POPULATIONS)
"""Populations by layer, excitatory before inhibitory: the order of all lists of values."""

SIZES = {row["population"]: int(row["size"]) for row in _POPULATIONS}
"""Cells of each population at full scale."""

EXTERNAL_INDEGREES = {row["population"]: int(row["external_indegree"]) for row in _POPULATIONS}
"""Number of external synapses onto each cell at full scale."""

INITIAL_POTENTIALS = {
    row["population"]: (float(row["v_mean"]), float(row["v_sd"])) for row in _POPULATIONS
}
"""Mean and standard deviation of the initial potentials in mV."""

CONNECTION_PROBABILITIES = {
    (row["target"], source): float(row[source])
    for row in rows("connection_probabilities")
    for source in NAMES
}
"""Probability that a pair of cells has at least one synapse, by target and source."""

FULL_SCALE_RATES = dict(
    zip(
        NAMES,
        published("published_rates", source="microcircuit-PD14-model repository")[0],
        strict=True,
    )
)
"""Published mean rates (Hz) at full scale, used to compensate the input of smaller networks."""


def published_range(quantity, scale, name, observed_ms):
    """Lowest and highest reference value of a population at a scale; None if there is none.

    Parameters
    ----------
    quantity
        "rate" (Hz) or "cv"; from the published values and `data/original_code.csv`.
    scale
        Size of the network relative to the full one.
    name
        Name of the population.
    observed_ms
        Observation time in ms. It matters for the CV of intervals only: a short time excludes
        long intervals, and published values are from many seconds.
    """
    if quantity == "rate":
        found = published("published_rates", scale=scale)
        found += published("original_code", scale=scale, quantity="rate")
    else:
        found = published("original_code", scale=scale, quantity=f"cv in {observed_ms:g} ms")
        if observed_ms >= LONG_MS:
            found += published("published_cv", scale=scale)
    values = [row[NAMES.index(name)] for row in found]
    values = [value for value in values if not isnan(value)]
    return (min(values), max(values)) if values else None
