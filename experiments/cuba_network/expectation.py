"""Expectations: sustained irregular activity at the reference rate, the same on all backends."""

import numpy as np

from pipelines.metrics.selection import ByRun, finished
from pipelines.verdicts.expectations import Check, at_most, not_tested, same_on_all

# Mean rates (Hz) of reference implementations, by inhibitory weight (nA); see README.md.
REFERENCE_HZ = {-0.09: 5.7, -0.1395: 4.5}
# Rates differ between random networks by 0.3 Hz, more in small networks or short runs.
RATE_TOLERANCE_HZ = 1.5
# Active networks have several spikes per millisecond.
LONGEST_SILENCE_MS = 20.0
# The mean CV of a Poisson process is 0.71 from two intervals and 1 from many; periodic firing
# has 0.
REGULARITY = 0.75

SUSTAINED = "the network keeps itself active to the end: longest silence"
RATE = "mean rate of each population near the reference's: largest distance"
IRREGULAR = "intervals are irregular: 1 - CV, the largest of all runs"


def check(tables) -> list[Check]:
    """Check each backend, then the agreement between the backends."""
    runs = finished(tables.runs)
    spikes = ByRun(runs, tables.spikes)
    checks = []
    for backend in tables.runs["backend"].unique():
        done = runs[runs["backend"] == backend]
        if done.empty:
            checks += [
                not_tested(name, backend, "no run was done")
                for name in (SUSTAINED, RATE, IRREGULAR)
            ]
            continue
        values = done.merge(tables.metrics, on="run_id")
        checks += [
            _sustained(done, spikes, backend),
            _rate(values[values["metric"] == "rate_mean"], backend),
            _irregular(values[values["metric"] == "isi_cv_mean"], backend),
        ]
    return checks + same_on_all(tables)


def _sustained(runs, spikes, backend):
    silence = [
        np.diff(np.sort(spikes[run_id]["time_ms"]), prepend=0.0, append=duration).max()
        for run_id, duration in zip(runs["run_id"], runs["duration"], strict=True)
    ]
    return at_most(
        SUSTAINED,
        backend,
        np.max(silence),
        LONGEST_SILENCE_MS,
        "ms",
        f"largest of {len(runs)} runs",
    )


def _rate(rates, backend):
    expected = rates["weight_inh"].map(REFERENCE_HZ)
    if expected.isna().all():
        return not_tested(RATE, backend, "no run with a reference's inhibitory weight", "Hz")
    distance = (rates["value"] - expected).abs()
    worst = rates.loc[distance.idxmax()]
    return at_most(
        RATE, backend, distance.max(), RATE_TOLERANCE_HZ, "Hz",
        f"{worst['value']:.3g} Hz, {worst['population']}, weight_inh {worst['weight_inh']:g} nA,"
        f" seed {worst['seed']}",
    )  # fmt: skip


def _irregular(cv, backend):
    regularity = (1 - cv["value"]).max(skipna=False)
    detail = f"mean CV {cv['value'].mean():.3g}"
    return at_most(IRREGULAR, backend, regularity, REGULARITY, "1", detail)
