"""What the results must show: weights change only once the stimulus begins, on all backends."""

from pipelines.verdicts.expectations import at_most, same_on_all


def check(tables):
    """Check that no weight changes before the stimulus, and then that the backends agree."""
    checks = []
    weights = tables.weights.merge(tables.runs[["run_id", "backend", "rest"]])
    before = weights[weights["time_ms"] <= weights["rest"]]
    for backend, of_backend in before.groupby("backend"):
        of_synapse = of_backend.groupby(["run_id", "pre", "post"])["weight"]
        largest = (of_synapse.max() - of_synapse.min()).max()
        detail = f"{len(of_synapse)} synapses"
        checks.append(at_most("change of a weight at rest", backend, largest, 0.0, "nA", detail))
    return checks + same_on_all(tables)
