"""Rates, intervals, correlations, weights and currents before and after plasticity.

"Before" is the time from the end of the sweep's warm-up to the switch-on of plasticity, "after" the
last `window` of the run.
"""

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from pipelines.figures.sweep_points import settings
from pipelines.metrics.closed_forms import lif_rate
from pipelines.metrics.selection import ByRun, finished, population_sizes
from pipelines.metrics.spike_counts import synchrony
from pipelines.metrics.spike_trains import Trains, after, interval_cv, rates

BEFORE, AFTER = "before", "after"
PLASTIC = "inh_to_exc"
NS_PER_US = 1e3
INHIBITORY_SHARE = 0.25  # inhibitory neurons (and inputs of a neuron) per excitatory one


def measures(tables):
    """Measures of every finished run, before and after plasticity.

    Returns
    -------
    pandas.DataFrame
        Rows of the finished runs with additional columns, each with the suffixes `_before` and
        `_after`: `rate_exc` and `rate_inh` (Hz, means over the neurons), `cv` (coefficient of
        variation of the intervals of excitatory neurons, mean over those with three spikes),
        `correlation` (`mean_correlation`), `weight` (nS, mean of the plastic synapses) and
        `cancelled` (`cancelled_share`). NaN where a quantity was not recorded or is undefined.
    """
    runs = finished(tables.runs)
    spikes, weights = ByRun(runs, tables.spikes), ByRun(runs, tables.weights)
    signals = ByRun(runs, tables.signals)
    rows = []
    for (_, run), sizes in zip(runs.iterrows(), population_sizes(runs), strict=True):
        of_run = spikes[run["run_id"]]
        row = weights_of(weights[run["run_id"]])
        row = {f"weight_{phase}": w.mean() if len(w) else np.nan for phase, w in row.items()}
        for phase in (BEFORE, AFTER):
            trains = {name: train(run, of_run, sizes, name, phase) for name in sizes}
            for name, found in trains.items():
                row[f"rate_{name[:3]}_{phase}"] = rates(found).mean()
            row[f"cv_{phase}"] = mean_cv(trains["excitatory"])
            row[f"correlation_{phase}"] = mean_correlation(trains["excitatory"])
            row[f"cancelled_{phase}"] = cancelled_share(run, signals[run["run_id"]], phase)
        rows.append(row)
    return runs.join(pd.DataFrame(rows, index=runs.index, dtype=float))


def first_runs(runs, swept):
    """One finished run per backend: the first seed of the first point of a sweep."""
    first = settings(runs, swept)[:1]
    return first[0].first_seed() if first else finished(runs)


def population_size(run, population):
    """Number of neurons in a population of a run."""
    return population_sizes(pd.DataFrame([run]))[0][population]


def window(run, phase):
    """Start and end (ms) of the measured time in a phase ("before" or "after") of a run."""
    if phase == BEFORE:
        return run["warm_up_ms"], run["switch"]
    return run["duration"] - run["window"], run["duration"]


def train(run, spikes, sizes, population, phase):
    """Spike trains of a population in a phase, with times (ms) from the start of its window."""
    start, stop = window(run, phase)
    rows = spikes[(spikes["population"] == population) & (spikes["time_ms"] <= stop + 1e-6)]
    return after(Trains(rows["neuron"], rows["time_ms"], sizes[population], stop), start)


def mean_cv(trains):
    """Mean CV of intervals over the neurons for which it is defined; NaN if there are none."""
    cv = interval_cv(trains)
    cv = cv[~np.isnan(cv)]
    return cv.mean() if len(cv) else np.nan


def mean_correlation(trains):
    """Mean correlation of the spike counts of pairs of neurons, in bins of 3 ms.

    It follows from the Fano factor of the summed count of all N neurons: for N Poisson-like
    trains with pairwise correlation c, variance / mean = 1 + (N - 1) c. NaN without spikes.
    """
    return (synchrony(trains) - 1) / (trains.size - 1)


def weights_of(weights):
    """Plastic weights (nS) at the start of a run (before) and at its end (after)."""
    rows = weights[weights["projection"] == PLASTIC]
    at_start = rows["time_ms"] == 0
    return {
        BEFORE: rows.loc[at_start, "weight"].to_numpy() * NS_PER_US,
        AFTER: rows.loc[~at_start, "weight"].to_numpy() * NS_PER_US,
    }


def currents(run, signals, neuron=None):
    """Currents (nA) into the recorded neurons; depolarising currents are positive.

    Parameters
    ----------
    run
        Row of the table `runs`, with the parameters.
    signals
        Samples of v (mV), gsyn_exc and gsyn_inh (uS) of this run.
    neuron
        Index of one neuron; all neurons by default.

    Returns
    -------
    pandas.DataFrame
        Columns neuron, time_ms, v, and the currents `excitation` (excitatory synapses plus
        constant current minus leak) and `inhibition`.
    """
    if neuron is not None:
        signals = signals[signals["neuron"] == neuron]
    samples = signals.pivot(index=["neuron", "time_ms"], columns="variable", values="value")
    v = samples["v"]
    leak = run["cm"] / run["tau_m"] * (v - run["v_rest"])
    synapses = samples["gsyn_exc"] * (run["e_rev_E"] - v)
    return pd.DataFrame(
        {
            "v": v,
            "excitation": synapses + run["i_offset"] - leak,
            "inhibition": samples["gsyn_inh"] * (run["e_rev_I"] - v),
        }
    ).reset_index()


def cancelled_share(run, signals, phase):
    """Share of the mean depolarising current that inhibition cancels, in the window of a phase.

    It is 0 without inhibition and 1 in balance, where fluctuations about the mean drive the
    neuron. NaN if no signals were recorded.
    """
    start, stop = window(run, phase)
    inside = signals[(signals["time_ms"] > start) & (signals["time_ms"] <= stop + 1e-6)]
    if inside.empty:
        return np.nan
    mean = currents(run, inside)[["excitation", "inhibition"]].mean()
    return -mean["inhibition"] / mean["excitation"]


def uninhibited_rate(run):
    """Self-consistent rate (Hz) of the excitatory neurons without inhibition.

    C_E inputs of rate r cause a mean conductance g = C_E w tau_E r. With constant g, a neuron is
    a leaky integrate-and-fire neuron of conductance g_L + g, whose rate is known in closed form;
    r is the fixed point. There the conductance is large and varies little, and the neurons fire
    near the limit set by refractoriness.
    """
    leak = run["cm"] / run["tau_m"]  # uS
    inputs = run["epsilon"] * run["n_exc"]

    def rate(r):
        g = inputs * run["weight_exc"] / NS_PER_US * run["tau_syn_E"] * r * 1e-3
        total = leak + g
        rest = (leak * run["v_rest"] + g * run["e_rev_E"] + run["i_offset"]) / total
        return lif_rate(
            0.0, tau_m=run["cm"] / total, cm=run["cm"], v_rest=rest, v_reset=run["v_rest"],
            v_thresh=run["v_thresh"], tau_refrac=run["tau_refrac"],
        )  # fmt: skip

    return brentq(lambda r: float(rate(r)) - r, 0.0, 1e3 / run["tau_refrac"])


def weight_at_threshold(run, rate_exc, rate_inh):
    """Inhibitory weight (nS) at which the mean currents at the threshold cancel.

    It solves, for C_E and C_I inputs of the given rates (Hz),

        g_L (E_L - theta) + I + C_E w_E tau_E r_E (E_E - theta) = C_I w tau_I r_I (theta - E_I)

    Larger weights mean that fluctuations drive the network. Infinite if no inhibitory neuron
    fires.
    """
    theta = run["v_thresh"]
    inputs = run["epsilon"] * run["n_exc"]
    excitation = inputs * run["weight_exc"] / NS_PER_US * run["tau_syn_E"] * rate_exc * 1e-3
    drive = (
        run["cm"] / run["tau_m"] * (run["v_rest"] - theta)
        + run["i_offset"]
        + excitation * (run["e_rev_E"] - theta)
    )
    per_weight = INHIBITORY_SHARE * inputs * run["tau_syn_I"] * rate_inh * 1e-3
    return np.divide(drive * NS_PER_US, per_weight * (theta - run["e_rev_I"]))
