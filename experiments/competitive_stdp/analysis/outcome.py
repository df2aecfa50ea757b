"""Final weights and output of each run, and closed forms for them."""

import numpy as np
import pandas as pd
from scipy.stats import gaussian_kde, kurtosis, skew

from pipelines.metrics.selection import ByRun, finished
from pipelines.metrics.weight_statistics import last_weights

# Bimodality coefficient of a uniform distribution, the initial one of every run; a larger one
# suggests two peaks (Pfister et al. 2013).
UNIFORM = 5 / 9
# Last part of a run, in which the output rate is measured.
LAST_PART = 1 / 3

COLUMNS = [
    "rate_out", "cv_out", "w_mean", "w_mode", "bimodality", "low", "middle", "high", "w_group",
    "w_others",
]  # fmt: skip


def outcome_table(tables):
    """Output rate and final weights of every run.

    Returns
    -------
    pandas.DataFrame
        Rows of the runs with additional columns, NaN where a run was not done: `rate_out` (Hz)
        and `cv_out` of the neuron in the last part of the run; statistics of the final weights
        in units of w_max: `w_mean`, `w_mode`, `bimodality` and the shares of weights in the
        lowest, middle and highest third (`low`, `middle`, `high`); `w_group` and `w_others`,
        the mean weights of the correlated group and of all other inputs (NaN without such
        inputs); `w_balance` (`balanced_weight`).
    """
    done = finished(tables.runs)
    spikes, weights = ByRun(done, tables.spikes), ByRun(done, tables.weights)
    rows = {}
    for _, run in done.iterrows():
        train = spikes[run["run_id"]]["time_ms"].to_numpy(float)
        w = final_weights(weights[run["run_id"]]) / run["w_max"]
        group = int(run["n_correlated"]) if run["correlation"] > 0 else 0
        rows[run["run_id"]] = output(train, run["duration"]) | of_weights(w, group)
    found = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS, dtype=float)
    table = tables.runs.join(found, on="run_id")
    return table.assign(w_balance=balanced_weight(table, table["rate_out"]))


def final_weights(rows):
    """Weights (nA) at the last reading, in the order of the inputs."""
    rows = rows[rows["projection"] == "inputs"].sort_values(["time_ms", "pre"], kind="stable")
    return last_weights(rows["weight"], rows["time_ms"])


def output(train, duration_ms):
    """Rate (Hz) and CV of the intervals of a spike train in the last part of a run."""
    late = train[train > duration_ms * (1 - LAST_PART)]
    intervals = np.diff(late)
    cv = intervals.std() / intervals.mean() if len(intervals) > 1 else np.nan
    return {"rate_out": len(late) / (duration_ms * LAST_PART) * 1e3, "cv_out": cv}


def of_weights(w, n_group):
    """Statistics of weights in units of w_max, of which the first `n_group` are the group's."""
    low, middle, high = (np.histogram(w, [0, 1 / 3, 2 / 3, 1])[0] / len(w)).tolist()
    return {
        "w_mean": w.mean(),
        "w_mode": mode(w),
        "bimodality": bimodality(w),
        "low": low,
        "middle": middle,
        "high": high,
        "w_group": w[:n_group].mean() if n_group else np.nan,
        "w_others": w[n_group:].mean() if n_group < len(w) else np.nan,
    }


def bimodality(values):
    """Bimodality coefficient of a sample: 1/3 for a normal, 5/9 for a uniform distribution.

    ``(skewness**2 + 1) / (excess kurtosis + 3 (n - 1)**2 / ((n - 2) (n - 3)))``, with the
    unbiased estimates of both (Pfister, Schwarz, Janczyk, Dale and Freeman 2013, Frontiers in
    Psychology 4:700). It is 1 for two values alone; NaN where all values are the same.
    """
    n = len(values)
    if n < 4 or np.ptp(values) == 0:
        return np.nan
    correction = 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))
    return float((skew(values, bias=False) ** 2 + 1) / (kurtosis(values, bias=False) + correction))


def mode(values):
    """Mode of a sample, by a Gaussian kernel density estimate with Scott's bandwidth."""
    if np.ptp(values) == 0:
        return float(values[0])
    grid = np.linspace(values.min(), values.max(), 401)
    return float(grid[np.argmax(gaussian_kde(values)(grid))])


def balanced_weight(parameters, rate_out):
    """Equilibrium weight (in units of w_max) of the multiplicative rule.

    A pair of spikes potentiates by ``A_plus w_max`` and depresses by ``A_minus w``, each times
    the same exponential of its lag. Where input and output are independent, both lags are equally
    likely, and the weight rests at ``w* = w_max A_plus / A_minus`` (van Rossum, Bi and Turrigiano
    2000). That is the weight before an input spike. At the spike, it is depressed by the
    preceding output spikes, of which ``rate_out tau`` are effective on average::

        w = w* (1 - A_minus tau rate_out)

    Input spikes make output spikes more likely, which shifts the equilibrium upwards by a factor
    of the order of 1 + 1 / n_inputs.

    Parameters
    ----------
    parameters
        Parameters of a run, or a table with one row per run.
    rate_out
        Output rate of the neuron, in Hz.
    """
    a_minus = parameters["A_plus"] * parameters["depression_ratio"]
    return (1 - a_minus * parameters["tau_stdp"] * rate_out * 1e-3) / parameters["depression_ratio"]
