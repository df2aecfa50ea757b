"""Expectations: regular firing before plasticity, irregular firing at the target rate after it."""

from dataclasses import fields

import numpy as np

from pipelines.verdicts.expectations import Check, at_most, not_tested, same_on_all

from .analysis.measures import measures, uninhibited_rate, weight_at_threshold
from .experiment import Parameters

# The number of inputs varies from neuron to neuron, and spike times lie on the time grid.
RATE_BEFORE_TOLERANCE = 0.05
# Rates approach the target slowly, and inhibitory spikes suppress coincident excitatory ones,
# which biases the rule's estimate of the rate downwards.
RATE_AFTER_TOLERANCE = 1 / 3
# The CV is 1 for a Poisson process and 0 for periodic firing; a short window excludes long
# intervals.
IRREGULARITY = 0.4
REGULARITY = 0.1
# The correlation is 1 for synchronous and 0 for independent neurons; neurons of small networks
# share more input.
CORRELATION = 0.03
# Resets and refractoriness account for the rest of the mean current.
CANCELLED_TOLERANCE = 0.15

BEFORE = "before plasticity: distance of the excitatory rate from the closed form, over it"
REGULAR = "before plasticity: CV of excitatory intervals"
AFTER = "at the end: distance of the excitatory rate from the target, over it"
IRREGULAR = "at the end: 1 - CV of excitatory intervals"
ASYNCHRONOUS = "at the end: mean correlation of the spike counts of two excitatory neurons"
GROWN = "at the end: weight that holds a neuron at its threshold over the mean plastic weight"
BALANCED = "at the end: share of the mean depolarising current that inhibition does not cancel"


def check(tables) -> list[Check]:
    """Check each backend against closed forms and the target rate, then the backends together."""
    found = measures(tables)
    names = [field.name for field in fields(Parameters)]
    checks = []
    for backend in tables.runs["backend"].unique():
        # Means over seeds, one row per sweep point: small networks differ from seed to seed.
        runs = found[found["backend"] == backend].groupby(names, as_index=False)
        runs = runs.mean(numeric_only=True).assign(n_seeds=runs.size()["size"])
        for name, one in CHECKS.items():
            if runs.empty:
                checks.append(not_tested(name, backend, "no run was done"))
            else:
                checks.append(one(runs, backend))
    return checks + same_on_all(tables)


def _before(runs, backend):
    expected = np.array([uninhibited_rate(run) for _, run in runs.iterrows()])
    return _largest(
        BEFORE, backend, runs, abs(runs["rate_exc_before"] / expected - 1), RATE_BEFORE_TOLERANCE,
        lambda k: f"{runs['rate_exc_before'].iloc[k]:.4g} Hz, closed form {expected[k]:.4g} Hz",
    )  # fmt: skip


def _regular(runs, backend):
    return _largest(
        REGULAR, backend, runs, runs["cv_before"], REGULARITY,
        lambda k: f"CV {runs['cv_after'].iloc[k]:.3g} at the end",
    )  # fmt: skip


def _after(runs, backend):
    distance = abs(runs["rate_exc_after"] / runs["rho"] - 1)
    return _largest(
        AFTER, backend, runs, distance, RATE_AFTER_TOLERANCE,
        lambda k: f"{runs['rate_exc_after'].iloc[k]:.3g} Hz",
    )  # fmt: skip


def _irregular(runs, backend):
    return _largest(
        IRREGULAR, backend, runs, 1 - runs["cv_after"], IRREGULARITY,
        lambda k: f"CV {runs['cv_after'].iloc[k]:.3g}",
    )  # fmt: skip


def _asynchronous(runs, backend):
    return _largest(
        ASYNCHRONOUS, backend, runs, runs["correlation_after"], CORRELATION,
        lambda k: f"{runs['correlation_before'].iloc[k]:.2g} before",
    )  # fmt: skip


def _weights_above_threshold(runs, backend):
    needed = np.array(
        [
            weight_at_threshold(r, r["rate_exc_after"], r["rate_inh_after"])
            for _, r in runs.iterrows()
        ]
    )
    return _largest(
        GROWN, backend, runs, needed / runs["weight_after"].where(runs["weight_after"] > 0), 1.0,
        lambda k: f"{needed[k]:.3g} nS; from {runs['weight_before'].iloc[k]:.3g} nS to"
        f" {runs['weight_after'].iloc[k]:.3g} nS",
    )  # fmt: skip


def _balanced(runs, backend):
    left = abs(1 - runs["cancelled_after"])
    return _largest(
        BALANCED, backend, runs, left, CANCELLED_TOLERANCE,
        lambda k: f"cancelled: {runs['cancelled_before'].iloc[k]:.3g} before,"
        f" {runs['cancelled_after'].iloc[k]:.3g} at the end",
    )  # fmt: skip


def _largest(name, backend, runs, values, limit, detail):
    """Check of the largest value of all points; a NaN counts as largest and meets no limit."""
    values = np.asarray(values, float)
    k = int(np.argmax(np.where(np.isnan(values), np.inf, values)))
    words = f"target {runs['rho'].iloc[k]:g} Hz, seeds: {runs['n_seeds'].iloc[k]}"
    return at_most(name, backend, values[k], limit, "1", f"{words}: {detail(k)}")


CHECKS = {
    BEFORE: _before,
    REGULAR: _regular,
    AFTER: _after,
    IRREGULAR: _irregular,
    ASYNCHRONOUS: _asynchronous,
    GROWN: _weights_above_threshold,
    BALANCED: _balanced,
}
