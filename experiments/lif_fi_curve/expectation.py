"""Expectations: every interval within one time step of the closed form, on all backends."""

from pipelines.metrics.fi_curve import fi_table
from pipelines.verdicts.expectations import Check, at_most, not_tested

# Tolerance (ms) far above the rounding errors of summed times.
ROUNDING_MS = 1e-9


def check(tables) -> list[Check]:
    """Check intervals against the closed form, and silence below the rheobase."""
    table = fi_table(tables)
    checks = []
    for backend in tables.runs["backend"].unique():
        checks += _of_backend(table[table["backend"] == backend], backend)
    return checks


def _of_backend(table, backend):
    names = {
        "within": "mean interval within one time step of the closed form",
        "grid": "mean interval equal to the closed form rounded up to time steps",
        "count": "number of spikes equal to the closed form's on the grid of time steps",
        "silent": "no spike below the rheobase",
    }
    if table.empty:
        return [not_tested(name, backend, "no run was done") for name in names.values()]
    firing = table[table["expected_spikes"] >= 2]
    checks = []
    if firing.empty:
        checks += [not_tested(names[key], backend, "no neuron fired") for key in ("within", "grid")]
    else:
        # A silent neuron above the rheobase has an interval of NaN, which never passes.
        for key, closed, limit in (
            ("within", "closed_interval_ms", firing["timestep"].max() + ROUNDING_MS),
            ("grid", "grid_interval_ms", ROUNDING_MS),
        ):
            error = (firing["interval_ms"] - firing[closed]).abs()
            checks.append(
                at_most(names[key], backend, error.max(skipna=False), limit, "ms",
                        _at(firing, error))
            )  # fmt: skip
    wrong = (table["n_spikes"] - table["expected_spikes"]).abs()
    checks.append(at_most(names["count"], backend, wrong.max(), 0, "1", _at(table, wrong)))
    below = table[table["closed_rate_hz"] == 0]
    if not below.empty:
        checks.append(
            at_most(names["silent"], backend, below["n_spikes"].max(), 0, "1",
                    f"{len(below)} currents")
        )  # fmt: skip
    return checks


def _at(table, error):
    """Description of the run with the largest error, with the number of runs."""
    worst = table.loc[error.fillna(float("inf")).idxmax()]
    return (
        f"largest of {len(table)} runs, at i_offset {worst['i_offset']:g} nA,"
        f" tau_refrac {worst['tau_refrac']:g} ms"
    )
