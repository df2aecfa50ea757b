"""Expectation: weight changes equal the closed form to 1e-9 w_max, on all backends."""

from pipelines.metrics.selection import ByRun, finished
from pipelines.metrics.stdp_pairs import stdp_window
from pipelines.verdicts.expectations import Check, at_most, not_tested

LIMIT_W_MAX = 1e-9

# Parameters by which runs are grouped into separate checks.
SPLIT = ["backend", "weight_dependence", "delay", "dendritic_delay_fraction"]


def check(tables) -> list[Check]:
    """One check per backend, weight dependence and dendritic share of the delay."""
    done = finished(tables.runs)
    spikes, weights = ByRun(done, tables.spikes), ByRun(done, tables.weights)
    checks = []
    for (backend, rule, delay, fraction), runs in tables.runs.groupby(SPLIT, sort=False):
        name = (
            f"weight change equal to the closed form at every lag: {rule} rule,"
            f" delay {delay:g} ms, of which {fraction:g} dendritic"
        )
        runs = finished(runs)
        if runs.empty:
            checks.append(not_tested(name, backend, "no run was done", "w_max"))
            continue
        found = []
        for _, run in runs.iterrows():
            try:
                found.append(stdp_window(run, spikes[run["run_id"]], weights[run["run_id"]]))
            except ValueError as error:
                checks.append(not_tested(name, backend, str(error), "w_max"))
        if len(found) < len(runs):
            continue
        worst = max(found, key=lambda window: abs(window.residual[window.worst]))
        checks.append(
            at_most(name, backend, abs(worst.residual[worst.worst]), LIMIT_W_MAX, "w_max",
                    f"largest of {sum(len(w.lag_ms) for w in found)} pairs,"
                    f" at lag {worst.lag_ms[worst.worst]:g} ms")
        )  # fmt: skip
    return checks
