"""Runs under hardware profiles that nobody simulated: each variant does a known thing to spikes."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd

from tests import synthetic

N, DURATION, RATE = 40, 1500.0, 20.0
IDEAL = ("none", "")


def trains(rng, rate=RATE, order=3.0):
    """Renewal trains of N neurons (neuron, time in ms), the more regular the higher the order."""
    neurons, times = [], []
    for neuron in range(N):
        count = int(3 * rate * DURATION / 1e3) + 20
        time = np.cumsum(rng.gamma(order, 1000.0 / rate / order, count)) - rng.uniform(0, 50)
        time = np.round(time[(time > 0) & (time <= DURATION)], 1)
        neurons.append(np.full(len(time), neuron))
        times.append(time)
    return np.concatenate(neurons), np.concatenate(times)


def unchanged(seed, neuron, time):
    """The spikes of the ideal network."""
    return neuron, time


def lost(share):
    """Spikes of the ideal network without a share of them."""

    def change(seed, neuron, time):
        kept = np.random.default_rng(seed).uniform(size=len(time)) >= share
        return neuron[kept], time[kept]

    return change


def redrawn(rate=RATE, order=3.0, offset=5000):
    """Spikes of a network that has diverged: other ones of the same process, or of another one."""

    def change(seed, neuron, time):
        return trains(np.random.default_rng(seed + offset), rate, order)

    return change


def unfit(why):
    """A network that does not fit."""
    return SimpleNamespace(status="unfit", error=why)


def failed(why, seeds=(1,)):
    """A network whose runs fail with some seeds."""
    return SimpleNamespace(status="failed", error=why, seeds=seeds)


def tables_of(variants, n_seeds=6, backends=("nest", "brian2"), settings=(1.0,), strengths=None):
    """Tables of an experiment under hardware variants.

    Parameters
    ----------
    variants
        What each pair of hardware and constraints does: `unchanged`, `lost(0.5)`, `unfit(...)`.
        The ideal network is always there. With three or four entries, a key has the strengths
        weight_bits and mismatch, too.
    """
    runs, spikes, mapping, number = [], [], [], 0
    for setting in settings:
        for key, change in {IDEAL: unchanged, **variants}.items():
            hardware, constraints, bits, mismatch = (*key, None, None)[:4]
            for seed in range(1, n_seeds + 1):
                number += 1
                for backend in backends:
                    row = synthetic.run_row(
                        "e", backend, number, {"g": setting, "duration": DURATION, "timestep": 0.1},
                        {"exc": N}, seed,
                    )  # fmt: skip
                    row |= {
                        "hardware": hardware, "constraints": constraints, "weight_bits": bits,
                        "mismatch": mismatch,
                    }  # fmt: skip
                    stopped = isinstance(change, SimpleNamespace)
                    if stopped and seed in getattr(change, "seeds", (seed,)):
                        row |= vars(change) | {"population_sizes": json.dumps({})}
                        row.pop("seeds", None)
                        runs.append(row)
                        continue
                    runs.append(row)
                    how = unchanged if stopped else change
                    neuron, time = how(seed, *trains(np.random.default_rng(seed), RATE * setting))
                    spikes.append(synthetic.spike_frame(row["run_id"], "exc", neuron, time))
                    if hardware != "none":
                        counts = {"spikes": len(time), "synaptic_events": 10 * len(time)}
                        mapping += [
                            (row["run_id"], "events", "", name, np.nan, float(count))
                            for name, count in counts.items()
                        ]
    frame = pd.DataFrame(
        mapping, columns=["run_id", "constraint", "target", "quantity", "asked", "realised"]
    )
    made = synthetic.tables(runs, spikes, mapping=frame)
    made.runs = made.runs.astype({"weight_bits": "Int64", "mismatch": float})
    return made
