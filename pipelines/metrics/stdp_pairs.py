"""STDP window measured in a run of isolated spike pairs: lags and weight changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.metrics.closed_forms import lag_at_synapse, split_delay, stdp_change
from pipelines.metrics.selection import timestep_ms

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """Measured and expected change of weight of every pair, in order of lag.

    Parameters
    ----------
    lag_ms
        Lag at the synapse, shape (n_pairs,).
    change, expected
        Change of weight in units of w_max, measured and by the closed form.
    d_dendritic, d_axonal
        The two parts of the delay in ms.
    """

    lag_ms: Floats
    change: Floats
    expected: Floats
    d_dendritic: float
    d_axonal: float

    @property
    def residual(self) -> Floats:
        """Measured minus expected change, in units of w_max."""
        return self.change - self.expected

    @property
    def worst(self) -> int:
        """Index of the pair with the largest residual."""
        return int(np.argmax(np.abs(self.residual)))


def first_spikes(spikes: pd.DataFrame, population: str, n: int) -> Floats:
    """First spike time (ms) of each of `n` neurons of a population; NaN for silent ones."""
    rows = spikes[spikes["population"] == population]
    first = np.full(n, np.inf)
    np.minimum.at(first, rows["neuron"].to_numpy(int), rows["time_ms"].to_numpy(float))
    return np.where(np.isinf(first), np.nan, first)


def stdp_window(run: pd.Series | Mapping, spikes: pd.DataFrame, weights: pd.DataFrame) -> Window:
    """Measure the STDP window in one run of the experiment `stdp_window`.

    Parameters
    ----------
    run
        Row of the runs table: the parameters of the experiment.
    spikes, weights
        Rows of this run in the tables of these names. Pair k is neuron k of the populations
        `pre` and `post`, joined by connection k -> k of the projection `plastic`.

    Returns
    -------
    Window
        With the lags computed from the recorded spikes, and the closed form at those lags.

    Raises
    ------
    ValueError
        If there are no pairs, a neuron of a pair did not fire, or a postsynaptic neuron fired
        more than once: the closed form holds for single pairs alone.
    """
    plastic = weights[weights["projection"] == "plastic"]
    # Pair k is on the diagonal; the last reading counts.
    plastic = plastic[plastic["time_ms"] == plastic["time_ms"].max()].sort_values("pre")
    index = plastic["pre"].to_numpy(int)
    if not len(index):
        raise ValueError("no weights of projection 'plastic' were recorded")
    if not np.array_equal(index, np.arange(len(index))) or not np.array_equal(
        index, plastic["post"].to_numpy(int)
    ):
        raise ValueError("projection 'plastic' is not one to one")
    t_pre = first_spikes(spikes, "pre", len(index))
    t_post = first_spikes(spikes, "post", len(index))
    if np.isnan(t_pre).any() or np.isnan(t_post).any():
        silent = int(np.isnan(t_pre).sum() + np.isnan(t_post).sum())
        raise ValueError(f"{silent} of the neurons that form the pairs did not fire")
    n_post = int((spikes["population"] == "post").sum())
    if n_post != len(index):
        raise ValueError(f"{n_post} postsynaptic spikes for {len(index)} pairs")

    w_max, w_init = float(run["w_max"]), float(run["w_init"])
    d_dendritic, d_axonal = split_delay(
        float(run["delay"]), float(run["dendritic_delay_fraction"]), timestep_ms(run)
    )
    lag = lag_at_synapse(t_pre, t_post, d_axonal, d_dendritic)
    exponents = {name: float(run[name]) for name in ("mu_plus", "mu_minus") if name in run}
    expected = stdp_change(
        lag,
        rule=str(run["weight_dependence"]),
        w_init=w_init,
        A_plus=float(run["A_plus"]),
        A_minus=float(run["A_minus"]),
        tau_plus=float(run["tau_plus"]),
        tau_minus=float(run["tau_minus"]),
        **exponents,
    )
    change = plastic["weight"].to_numpy(float) / w_max - w_init
    order = np.argsort(lag, kind="stable")
    return Window(lag[order], change[order], expected[order], d_dendritic, d_axonal)
