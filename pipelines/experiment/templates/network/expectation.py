"""What the results must show: neurons fire at a plausible rate, and backends give the same."""

from pipelines.verdicts.expectations import at_most, same_on_all

LARGEST_RATE_HZ = 100.0


def check(tables):
    """Check the rate on each backend, and then that the backends agree."""
    runs = tables.runs.set_index("run_id")
    metrics = tables.metrics
    rates = metrics[(metrics["metric"] == "rate_mean") & (metrics["population"] == "excitatory")]
    checks = []
    for backend, of_backend in rates.groupby(rates["run_id"].map(runs["backend"])):
        largest, silent = of_backend["value"].max(), int((of_backend["value"] == 0).sum())
        detail = f"largest of {len(of_backend)} runs"
        checks += [
            at_most("excitatory rate", backend, largest, LARGEST_RATE_HZ, "Hz", detail),
            at_most("silent runs", backend, silent, 0, "1"),
        ]
    return checks + same_on_all(tables)
