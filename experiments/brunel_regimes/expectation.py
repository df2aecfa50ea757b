"""Expectations: rates, synchrony and regularity of the four regimes as published."""

import numpy as np

from pipelines.verdicts.expectations import Check, at_most, not_tested, same_on_all

from .analysis.activity import activity_table, of_regime
from .metrics import METRICS

# Mean rates (Hz) in the paper's simulations (SR: in a replication), in this order.
PUBLISHED_HZ = {"SR": 312.5, "SI fast": 60.7, "AI": 37.7, "SI slow": 5.5}

# Synapses differ from the paper's, and a short run has few spikes in the slowest regime.
RATE_FACTOR = 2.0
# From each regime to the next, the published rates fall to 0.62 of the faster one or less.
RATE_STEP = 0.8
# A finite network has damped oscillations in AI too; at full size their spectral peak is a tenth
# of that in SI fast.
SYNCHRONY_SHARE = 0.6
# CV of intervals in the replication: 0.001 in SR, 0.41 in AI.
CV_SHARE = 0.2
# In the paper's SR, intervals are 3.2 ms, of which 2 ms are refractory.
REFRACTORY_PERIODS = 2.0


def check(tables) -> list[Check]:
    """Check each backend against the paper, then the backends against each other."""
    table = activity_table(tables)
    planned = [name for name in PUBLISHED_HZ if len(of_regime(tables.runs, name))]
    checks = []
    for backend in tables.runs["backend"].unique():
        runs = table[table["backend"] == backend]
        if runs.empty:
            checks.append(not_tested("rates and synchrony", backend, "no run was done"))
            continue
        # Means over seeds; NaN (which meets no limit) if no run was done.
        found = {
            name: of_regime(runs, name)[[*(m.name for m in METRICS), "tau_refrac"]].mean()
            for name in planned
        }
        checks += _rates(found, backend) + _synchrony(found, backend) + _regularity(found, backend)
    return checks + same_on_all(tables)


def _rates(found, backend):
    if not found:
        return [not_tested("published mean rates", backend, "no regime is in this sweep", "Hz")]
    rate = {name: values["network_rate"] for name, values in found.items()}
    detail = _listed(rate, "Hz")
    above = [rate[name] / PUBLISHED_HZ[name] for name in rate]
    factor = [np.maximum(ratio, _ratio(1, ratio)) for ratio in above]
    step = [
        _ratio(rate[slow], rate[fast]) for fast, slow in zip(rate, list(rate)[1:], strict=False)
    ]
    checks = [
        at_most("mean rate over the published one, or its inverse: the largest", backend,
                np.max(factor), RATE_FACTOR, "1", detail)
    ]  # fmt: skip
    if step:
        checks.append(
            at_most(f"mean rates fall in the order {', '.join(rate)}: the largest quotient of two",
                    backend, np.max(step), RATE_STEP, "1", detail)
        )  # fmt: skip
    return checks


def _synchrony(found, backend):
    height = {name: values["network_synchrony"] for name, values in found.items()}
    others = [name for name in height if name != "AI"]
    if "AI" not in height or not others:
        return []
    return [
        at_most(f"synchrony of AI over that of {name}", backend,
                _ratio(height["AI"], height[name]), SYNCHRONY_SHARE, "1", _listed(height, "ms"))
        for name in others
    ]  # fmt: skip


def _regularity(found, backend):
    checks = []
    if "SR" in found:
        interval_ms = _ratio(1000.0, found["SR"]["network_rate"])
        checks.append(
            at_most("SR fires near its limit: mean interval over the refractory period", backend,
                    _ratio(interval_ms, found["SR"]["tau_refrac"]), REFRACTORY_PERIODS, "1",
                    f"mean interval {interval_ms:.3g} ms")
        )  # fmt: skip
    if "SR" in found and "AI" in found:
        cv = {name: found[name]["network_isi_cv"] for name in ("SR", "AI")}
        checks.append(
            at_most("SR is regular, AI is not: CV of intervals of SR over that of AI", backend,
                    _ratio(cv["SR"], cv["AI"]), CV_SHARE, "1", _listed(cv))
        )  # fmt: skip
    return checks


def _ratio(a, b):
    """Ratio a / b; NaN (which meets no limit) if b is 0."""
    return a / b if b else np.nan


def _listed(values, unit=""):
    return ", ".join(f"{name} {value:.3g} {unit}".strip() for name, value in values.items())
