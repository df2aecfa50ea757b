"""Expectations: competition under the additive rule only, which regulates the output rate."""

from dataclasses import replace

import numpy as np

from pipelines.verdicts.expectations import Check, at_most, not_tested, same_on_all

from .analysis.outcome import UNIFORM, outcome_table
from .experiment import ADDITIVE, MULTIPLICATIVE

BIMODAL = "additive: weights are bimodal: 0.6 over the bimodality coefficient"
APART = (
    "additive: few weights lie between the peaks: middle over smaller outer third, at most 20 Hz"
)
HELD = "additive: output rate at the highest input rate over that at the lowest"
SET = "additive: output rate at the largest A_minus / A_plus over that at the smallest"
WON = "additive: mean weight of uncorrelated over correlated inputs"
UNIMODAL = "multiplicative: weights are unimodal: bimodality coefficient"
BALANCED = (
    "multiplicative: the mode is where potentiation and depression balance: distance, relative"
)
NOT_HELD = (
    "multiplicative: the output rate rises as the input rate, or more: factor of the inputs over it"
)

# The published limit is 5/9; 200 uniformly drawn weights have a coefficient of 0.56 +- 0.02.
LEAST_BIMODAL = 0.6
# At higher input rates most weights are in the lower peak, and the upper one is small.
TWO_PEAKS_UP_TO_HZ = 20.0
# Song et al.: the output rate hardly depends on the input rate, here from 10 to 40 Hz.
MOST_RISE = 2.0
# Song et al.: A_minus / A_plus sets the output rate; it falls at least to this share from the
# smaller to the larger ratio.
MOST_AT_LARGER_RATIO = 0.7
# The group must have twice the mean weight of the others; it has several times as much.
MOST_OF_OTHERS = 0.5
# Input spikes make output spikes more likely, which shifts the equilibrium, more so with few
# inputs.
MODE_TOLERANCE = 0.1


def check(tables) -> list[Check]:
    """Check each backend, then the agreement between the backends.

    Checks without runs in the sweep are left out. Quantities of runs that were not done are NaN,
    which meets no limit.
    """
    table = outcome_table(tables)
    checks = []
    for backend in tables.runs["backend"].unique():
        runs = table[table["backend"] == backend]
        alike = runs[runs["correlation"] == 0]
        additive = alike[alike["rule"] == ADDITIVE]
        group = runs[(runs["correlation"] > 0) & (runs["rule"] == ADDITIVE)]
        multiplicative = runs[runs["rule"] == MULTIPLICATIVE]
        checks += [
            *_largest(additive, BIMODAL, backend, LEAST_BIMODAL / additive["bimodality"], 1.0),
            *_two_peaks(additive[additive["rate"] <= TWO_PEAKS_UP_TO_HZ], backend),
            *_rate_by_input_rate(additive, HELD, backend, MOST_RISE),
            *_rate_by_depression_ratio(additive, backend),
            *_largest(group, WON, backend, group["w_others"] / group["w_group"], MOST_OF_OTHERS),
            *_largest(multiplicative, UNIMODAL, backend, multiplicative["bimodality"], UNIFORM),
            *_balance(multiplicative, backend),
            *_rate_by_input_rate(
                alike[alike["rule"] == MULTIPLICATIVE], NOT_HELD, backend, 1.0, inverse=True
            ),
        ]
    return checks + same_on_all(tables)


def _largest(runs, name, backend, values, limit):
    """Check of the largest value of all runs; the detail names the run."""
    if runs.empty:
        return []
    if values.isna().any():
        return [not_tested(name, backend, "a run was not done, or has no such number")]
    worst = runs.loc[values.idxmax()]
    detail = f"largest of {len(runs)}, at {_settings(worst)}"
    return [at_most(name, backend, values.max(), limit, "1", detail)]


def _settings(run):
    words = f"{run['rate']:g} Hz, A_minus / A_plus {run['depression_ratio']:g}"
    return words + (f", correlation {run['correlation']:g}" if run["correlation"] else "")


def _two_peaks(runs, backend):
    outer = runs[["low", "high"]].min(axis=1, skipna=False)
    return _largest(runs, APART, backend, runs["middle"] / outer, 1.0)


def _balance(runs, backend):
    """Check of the mode of the weights, as means over seeds: single modes are imprecise."""
    by = ["rate", "depression_ratio", "correlation"]
    points = runs.groupby(by, as_index=False)[["w_mode", "w_balance"]].agg(_mean_of_all)
    distance = (points["w_mode"] / points["w_balance"] - 1).abs()
    checks = _largest(points, BALANCED, backend, distance, MODE_TOLERANCE)
    if checks and checks[0].value is not None:
        worst = points.loc[distance.idxmax()]
        words = f"mode {worst['w_mode']:.3f}, balance {worst['w_balance']:.3f} of w_max"
        return [replace(checks[0], detail=f"{words}; {checks[0].detail}")]
    return checks


def _rate_by_input_rate(runs, name, backend, limit, inverse=False):
    """Checks of the output rate at the highest input rate relative to that at the lowest.

    One check for each A_minus / A_plus, with means over seeds.
    """
    checks = []
    for ratio, group in runs.groupby("depression_ratio"):
        out = group.groupby("rate")["rate_out"].agg(_mean_of_all)
        if len(out) < 2:
            continue
        rise = _ratio(out.iloc[-1], out.iloc[0])
        value = _ratio(out.index[-1] / out.index[0], rise) if inverse else rise
        rates = ", ".join(f"{rate:g} Hz in {found:.3g} Hz out" for rate, found in out.items())
        detail = f"A_minus / A_plus {ratio:g}: {rates}"
        checks.append(at_most(name, backend, value, limit, "1", detail))
    return checks


def _rate_by_depression_ratio(runs, backend):
    """Checks of the output rate at the largest A_minus / A_plus relative to the smallest.

    One check for each input rate, with means over seeds.
    """
    checks = []
    for rate, group in runs.groupby("rate"):
        out = group.groupby("depression_ratio")["rate_out"].agg(_mean_of_all)
        if len(out) < 2:
            continue
        found = ", ".join(f"{ratio:g}: {value:.3g} Hz" for ratio, value in out.items())
        value = _ratio(out.iloc[-1], out.iloc[0])
        detail = f"{rate:g} Hz in; A_minus / A_plus {found}"
        checks.append(at_most(SET, backend, value, MOST_AT_LARGER_RATIO, "1", detail))
    return checks


def _mean_of_all(values):
    """Mean of some values; NaN if one of them is missing."""
    return values.mean(skipna=False)


def _ratio(a, b):
    """Ratio a / b; NaN (which meets no limit) if b is 0."""
    return a / b if b else np.nan
