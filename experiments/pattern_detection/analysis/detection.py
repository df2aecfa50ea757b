"""Detection of the pattern by the neuron: hits, false alarms and latency of its spikes."""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from pipelines.metrics.selection import ByRun, finished
from pipelines.metrics.weight_statistics import last_weights

from ..experiment import Parameters
from ..inputs import presentation_times

# Criteria of success in the last third of a run (Masquelier et al. 2008).
LEAST_HITS = 0.98
MOST_FALSE_ALARMS = 0
LONGEST_LATENCY_MS = 10.0


@dataclass(frozen=True)
class Detection:
    """Detection performance of the neuron in the last third of a run.

    Attributes
    ----------
    hit_rate
        Share of the pattern presentations with a spike; NaN without presentations.
    false_alarms
        Number of spikes outside of the presentations.
    latency_ms
        Mean time (ms) from pattern onset to the spikes within it; NaN without such spikes.
    """

    hit_rate: float
    false_alarms: int
    latency_ms: float

    @property
    def succeeds(self):
        """Whether the neuron found the pattern, by the criteria of the original study."""
        return bool(
            self.hit_rate > LEAST_HITS
            and self.false_alarms <= MOST_FALSE_ALARMS
            and self.latency_ms < LONGEST_LATENCY_MS
        )


def latencies(spikes, starts, length):
    """Latency of each spike from the onset of the pattern.

    Parameters
    ----------
    spikes, starts
        Spike times and pattern onsets in ms, both ascending.
    length
        Length of the pattern in ms.

    Returns
    -------
    latency : ndarray of float, shape (n_spikes,)
        Latency in ms; NaN for a spike outside of the pattern.
    shown : ndarray of int, shape (n_spikes,)
        Index of the presentation that contains each spike; -1 for none.
    """
    shown = np.searchsorted(starts, spikes, side="right") - 1
    # Index -1: spikes before the first presentation.
    latency = spikes - np.concatenate([starts, [-np.inf]])[shown]
    outside = ~(latency <= length)
    return np.where(outside, np.nan, latency), np.where(outside, -1, shown)


def detection(spikes, starts, length, duration):
    """Detection performance in a run of `duration` ms; see `latencies` for the parameters."""
    latency, shown = latencies(spikes, starts, length)
    last = spikes > duration * 2 / 3
    n_shown = np.count_nonzero(starts >= duration * 2 / 3)
    within = last & (shown >= 0)
    return Detection(
        hit_rate=len(np.unique(shown[within])) / n_shown if n_shown else np.nan,
        false_alarms=int(np.count_nonzero(last & (shown < 0))),
        latency_ms=float(latency[within].mean()) if within.any() else np.nan,
    )


def found_s(spikes, starts, length):
    """Time (s) of the last spike outside of the pattern, after which detection is reliable.

    It is 0 if all spikes are within the pattern, and NaN without spikes.
    """
    if not len(spikes):
        return np.nan
    outside = spikes[latencies(spikes, starts, length)[1] < 0]
    return float(outside[-1]) / 1e3 if len(outside) else 0.0


def parameters_of(run):
    """Parameters of a run, from its row of the table `runs`."""
    return Parameters(**{field.name: run[field.name] for field in fields(Parameters)})


def pattern_starts(run):
    """Times (ms) at which the first spikes of each presentation can reach the neuron of a run."""
    parameters = parameters_of(run)
    return presentation_times(parameters, int(run["seed"])) + parameters.delay


def neuron_spikes(table):
    """Ascending spike times (ms) of the neuron, from the rows of a run in the table `spikes`."""
    return np.sort(table.loc[table["population"] == "neuron", "time_ms"].to_numpy(float))


def final_weights(run, table):
    """Final weights of all inputs of a run in units of w_max; None if not recorded.

    `table` has the rows of the run in the table `weights`.
    """
    rows = table[table["projection"] == "synapses"].sort_values(["time_ms", "pre"])
    if rows.empty:
        return None
    return last_weights(rows["weight"], rows["time_ms"]) / parameters_of(run).w_max


def detection_table(tables):
    """Detection performance, rate and weights of every finished run.

    Returns
    -------
    pandas.DataFrame
        Rows of the finished runs with the fields of `Detection`; `success`; `found_s` (function
        `found_s`); `rate_hz` in the last third; `last_spike_s`, 0 without spikes; and
        `weight_others`, the mean weight of inputs outside of the pattern at the end relative to
        the start (NaN without such inputs or weights).
    """
    runs = finished(tables.runs)
    spikes, weights = ByRun(runs, tables.spikes), ByRun(runs, tables.weights)
    rows = []
    for _, run in runs.iterrows():
        times, starts = neuron_spikes(spikes[run["run_id"]]), pattern_starts(run)
        found = detection(times, starts, run["pattern_length"], run["duration"])
        final = final_weights(run, weights[run["run_id"]])
        parameters = parameters_of(run)
        others = final[parameters.n_pattern :] if final is not None else []
        rows.append(
            {
                "hit_rate": found.hit_rate,
                "false_alarms": found.false_alarms,
                "latency_ms": found.latency_ms,
                "success": found.succeeds,
                "rate_hz": np.count_nonzero(times > run["duration"] * 2 / 3)
                / (run["duration"] / 3e3),
                "found_s": found_s(times, starts, run["pattern_length"]),
                "last_spike_s": float(times[-1]) / 1e3 if len(times) else 0.0,
                "weight_others": (
                    np.mean(others) * parameters.w_max / parameters.w_init
                    if len(others)
                    else np.nan
                ),
            }
        )
    return runs.join(pd.DataFrame(rows, index=runs.index))
