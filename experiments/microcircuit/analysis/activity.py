"""Rate, irregularity and correlation of each population of each run, with standard errors."""

from functools import cache

import numpy as np
import pandas as pd

from pipelines.metrics.correlation import correlations
from pipelines.metrics.selection import ByRun, finished, population_sizes
from pipelines.metrics.spike_counts import population_counts
from pipelines.metrics.spike_trains import Trains, after, interval_cv, intervals, rates

from ..data_files import NAMES

# A run and a published simulation are two networks, seen for some time: so many standard errors.
ERRORS = 3.0
# Number of evenly spaced neurons of a population whose pairwise correlations are computed.
PAIRED = 200
# Windows longer than the oscillations of the activity, so that their rates are independent.
WINDOW_MS = 50.0
# Smallest number of neurons for an estimate of the irregularity of a population.
FEWEST = 10

_MOST_INTERVALS = 100
_DRAWS = 4000


def activity_table(tables):
    """Activity of every population of every finished run, after its warm-up.

    Returns
    -------
    pandas.DataFrame
        One row per run and population, with the columns of the run, `population` and

        - `rate`, `rate_error`: mean firing rate and its standard error in Hz (`rate_error`);
        - `cv`, `cv_error`: irregularity and its standard error (`irregularity`);
        - `correlation`, `correlation_error`: mean correlation of the spike counts in 2 ms over
          all pairs of 200 neurons, and its standard error for independent pairs.
    """
    runs = finished(tables.runs)
    rows = []
    for index, trains in trains_of_runs(runs, tables.spikes):
        for name, one in trains.items():
            pairs = correlations(one, PAIRED)
            rows.append(
                {
                    "run": index,
                    "population": name,
                    "rate": rates(one).mean(),
                    "rate_error": rate_error(one),
                    **dict(zip(("cv", "cv_error"), irregularity(one), strict=True)),
                    "correlation": pairs.mean() if len(pairs) else np.nan,
                    "correlation_error": _standard_error(pairs),
                }
            )
    columns = ["run", "population", "rate", "rate_error", "cv", "cv_error", "correlation",
               "correlation_error"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).join(runs, on="run").drop(columns="run")


def mean_with_error(rows, quantity):
    """Mean over seeds and its standard error of a column of `activity_table`; one row per seed."""
    known = rows[[quantity, f"{quantity}_error"]].dropna()
    if known.empty:
        return np.nan, np.nan
    return known[quantity].mean(), np.sqrt((known[f"{quantity}_error"] ** 2).sum()) / len(known)


def trains_of_runs(runs, spikes):
    """Yield the index of each run and its spike trains after the warm-up, by population."""
    by_run = ByRun(runs, spikes)
    for (index, run), sizes in zip(runs.iterrows(), population_sizes(runs), strict=True):
        own = by_run[run["run_id"]]
        yield (
            index,
            {
                name: after(
                    Trains(part["neuron"], part["time_ms"], sizes[name], run["duration"]),
                    run["warm_up_ms"],
                )
                for name in NAMES
                if name in sizes
                for part in [own[own["population"] == name]]
            },
        )


def rate_error(trains):
    """Standard error (Hz) of the mean rate of a population over network realisations and time.

        e^2 = s_n^2 / N + s_w^2 / W

    with the variances s_n^2 of the rates of the N neurons, which differ in their connections,
    and s_w^2 of the population rate in W windows of `WINDOW_MS`.
    """
    of_neurons = rates(trains)
    counts = population_counts(trains, WINDOW_MS)
    if not len(counts) or not len(trains.time_ms):
        return _standard_error(of_neurons)
    of_windows = counts / trains.size / WINDOW_MS * 1e3
    return np.hypot(_standard_error(of_neurons), _standard_error(of_windows))


def irregularity(trains):
    """Mean coefficient of variation of intervals, corrected for its bias in short trains.

    The CV of few intervals is biased downwards: that of two intervals of a Poisson process is
    0.71 on average. The mean CV of the neurons with at least two intervals is therefore divided
    by its expectation for exponential intervals, which is 1 for long trains.

    Returns
    -------
    float, float
        Corrected CV and its standard error; NaN if fewer than `FEWEST` neurons have two
        intervals.
    """
    cv = interval_cv(trains)
    known = ~np.isnan(cv)
    if known.sum() < FEWEST:
        return np.nan, np.nan
    n_intervals = np.bincount(intervals(trains)[0], minlength=trains.size)
    numbers, which = np.unique(n_intervals[known], return_inverse=True)
    expected = np.array([_exponential_cv(int(n)) for n in numbers])[which].mean()
    return cv[known].mean() / expected, _standard_error(cv[known]) / expected


@cache
def _exponential_cv(number):
    """Mean coefficient of variation of `number` exponential intervals, by random sampling."""
    if number > _MOST_INTERVALS:
        return 1.0
    drawn = np.random.default_rng(number).exponential(size=(_DRAWS, number))
    return float((drawn.std(axis=1, ddof=1) / drawn.mean(axis=1)).mean())


def _standard_error(values):
    return values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
