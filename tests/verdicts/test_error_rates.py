"""Error rates of verdicts: equal backends, and a rate that differs by a tenth.

Trains are gamma processes of a network whose level, like that of real ones, differs from seed to
seed, and whose neurons are modulated together.
"""

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.known import BUILT_IN
from pipelines.metrics.measured import measure
from pipelines.metrics.metric import Metric
from pipelines.metrics.recorded import Run
from pipelines.verdicts.decision import over_groups
from pipelines.verdicts.group_verdict import Observed, group_verdict
from pipelines.verdicts.metric_statistics import statistics

N, DURATION, SPREAD, MODULATION = 80, 2000.0, 0.02, 0.15
SEEDS = 20


def run(rng, rate):
    """Samples of one run; `rate` in Hz."""
    level = rate * np.exp(rng.normal(0, SPREAD))
    activity = np.exp(MODULATION * rng.normal(size=int(DURATION / 20)))
    passed = np.concatenate([[0], np.cumsum(activity / activity.mean() * level * 0.02)])
    neuron, time = [], []
    for k, share in enumerate(rng.gamma(4, 0.25, N)):
        events = np.cumsum(rng.gamma(2, 0.5, int(3 * share * passed[-1]) + 30)) - rng.uniform()
        at = np.interp(events, share * passed, np.arange(len(passed)) * 20.0, right=-1.0)
        at = np.round(at[at > 0.05], 1)
        neuron.append(np.full(len(at), k))
        time.append(at)
    spikes = {"p": (np.concatenate(neuron), np.concatenate(time))}
    return measure(Run({}, DURATION, 0.0, {"p": N}, spikes), compare=True)[1]


class Cached(Metric):
    """A metric whose distances of two samples are computed once."""

    def distance_of(self, a, b):
        key, known = tuple(sorted((id(a), id(b)))), self.__dict__.setdefault("_known", {})
        if key not in known:
            known[key] = super().distance_of(a, b)
        return known[key]


def draws(pools, n_draws, divisions, seed=1):
    """Verdicts of `n_draws` sweeps, shape (n_draws, n_points); a pool is of one or two backends."""
    rng, found = np.random.default_rng(seed), []
    metrics = {name: Cached(**vars(metric)) for name, metric in BUILT_IN.compared.items()}
    for _ in range(n_draws):
        groups = []
        for one, other in pools:
            chosen = [rng.permutation(len(pool)) for pool in (one, other)]
            if one is other:
                chosen = [chosen[0][:SEEDS], chosen[0][SEEDS : 2 * SEEDS]]
            a, b = (
                [pool[k] for k in ks[:SEEDS]] for pool, ks in zip((one, other), chosen, strict=True)
            )
            groups.append(statistics(a, b, metrics, int(rng.integers(1 << 30)), divisions))
        found.append([verdict(group) for group in over_groups(groups, divisions)])
    return np.array(found)


def verdict(found):
    rows = pd.DataFrame(
        [
            {"population": population, "metric": metric, "distance_name": "", "backend_a": "a",
             "backend_b": "b", "statistics": one.verdict, **vars(one)}
            for (population, metric), one in found.items()
        ]
    )  # fmt: skip
    return group_verdict(rows, Observed(("a", "b"), ["p"], (SEEDS, SEEDS)))[0]


def pool(rate, n, seed):
    rng = np.random.default_rng([int(rate * 100), seed])
    return [run(rng, rate) for _ in range(n)]


def rates_of_verdicts(rates, n_pool, n_draws, divisions):
    equal = [pool(rate, n_pool, 1) for rate in rates]
    of_equal = draws([(one, one) for one in equal], n_draws, divisions)
    changed = [
        draws([(equal[0], pool(rates[0] * factor, n_pool // 2, 2))], n_draws, divisions)
        for factor in (0.9, 1.1)
    ]
    return of_equal, np.concatenate(changed)


def test_equal_backends_are_equivalent_and_a_tenth_more_or_less_is_not():
    equal, changed = rates_of_verdicts((8.0, 20.0), n_pool=44, n_draws=10, divisions=499)
    assert (equal == "equivalent").all(axis=1).mean() >= 0.8
    assert not (equal == "different").any()
    assert not (changed == "equivalent").any()


@pytest.mark.slow
def test_error_rates_over_the_points_of_a_sweep():
    rates = (5.0, 8.0, 12.0, 20.0)
    equal, changed = rates_of_verdicts(rates, n_pool=80, n_draws=30, divisions=1999)
    assert (equal == "equivalent").all(axis=1).mean() >= 0.8
    assert (equal == "different").any(axis=1).mean() <= 0.05
    assert (changed == "equivalent").mean() <= 0.05
