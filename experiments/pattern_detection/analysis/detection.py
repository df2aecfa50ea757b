"""Whether a neuron has found the pattern: hits, false alarms and latency, from its spikes."""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from pipelines.metrics.selection import ByRun, finished
from pipelines.metrics.weight_statistics import last_weights

from ..experiment import Parameters
from ..inputs import presentation_times

# A run succeeds (Masquelier et al. 2008) by these, in the last third of its time.
LEAST_HITS = 0.98
MOST_FALSE_ALARMS = 0
LONGEST_LATENCY_MS = 10.0


@dataclass(frozen=True)
class Detection:
    """What a neuron did in the last third of a run.

    Attributes
    ----------
    hit_rate
        Share of the presentations of the pattern in which it fired; NaN without any.
    false_alarms
        Spikes outside of them.
    latency_ms
        Mean time from the beginning of the pattern to a spike within it; NaN without any.
    """

    hit_rate: float
    false_alarms: int
    latency_ms: float

    @property
    def succeeds(self):
        """Whether the pattern was found, as the original has it."""
        return bool(
            self.hit_rate > LEAST_HITS
            and self.false_alarms <= MOST_FALSE_ALARMS
            and self.latency_ms < LONGEST_LATENCY_MS
        )


def latencies(spikes, starts, length):
    """Time from the beginning of the pattern to each spike.

    Parameters
    ----------
    spikes, starts
        Times (ms) of the spikes, and at which the pattern begins, both ascending.
    length
        Of the pattern, in ms.

    Returns
    -------
    latency : ndarray of float, shape (n_spikes,)
        In ms; NaN for a spike outside of the pattern.
    shown : ndarray of int, shape (n_spikes,)
        Which presentation each spike is in; -1 for none.
    """
    shown = np.searchsorted(starts, spikes, side="right") - 1
    # Before the first presentation there is none.
    latency = spikes - np.concatenate([starts, [-np.inf]])[shown]
    outside = ~(latency <= length)
    return np.where(outside, np.nan, latency), np.where(outside, -1, shown)


def detection(spikes, starts, length, duration):
    """The `Detection` of a run of `duration` ms; arguments as those of `latencies`."""
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
    """Time (s) of the last spike outside of the pattern: from then on the neuron knows it.

    0 where all spikes are within it; NaN without spikes.
    """
    if not len(spikes):
        return np.nan
    outside = spikes[latencies(spikes, starts, length)[1] < 0]
    return float(outside[-1]) / 1e3 if len(outside) else 0.0


def parameters_of(run):
    """The parameters of a row of the table of runs."""
    return Parameters(**{field.name: run[field.name] for field in fields(Parameters)})


def pattern_starts(run):
    """Times (ms) at which the pattern begins to reach the neuron of a run."""
    parameters = parameters_of(run)
    return presentation_times(parameters, int(run["seed"])) + parameters.delay


def neuron_spikes(table):
    """Times (ms) of the neuron's spikes in a run's rows of the table of spikes, ascending."""
    return np.sort(table.loc[table["population"] == "neuron", "time_ms"].to_numpy(float))


def final_weights(run, table):
    """Weights at the end of a run, over the largest, of each input in turn; None if not recorded.

    `table` has the rows of the run in the table of weights.
    """
    rows = table[table["projection"] == "synapses"].sort_values(["time_ms", "pre"])
    if rows.empty:
        return None
    return last_weights(rows["weight"], rows["time_ms"]) / parameters_of(run).w_max


def detection_table(tables):
    """What the neuron did in every finished run.

    Returns
    -------
    pandas.DataFrame
        Rows of the finished runs with the fields of `Detection`; `success`; `found_s` as above;
        `rate_hz` in the last third; `last_spike_s`, 0 without spikes; and `weight_others`, the mean
        weight of inputs that take no part in the pattern, at the end over that at the start (NaN
        without such inputs or weights).
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
