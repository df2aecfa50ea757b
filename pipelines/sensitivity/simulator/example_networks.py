"""The networks of the study: plastic, feed-forward, and one with recorded signals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipelines.sensitivity.simulator.network import Network, Rule, cells, connect, poisson_trains

_STEP = 0.1


def plastic(seed: int = 1, duration: float = 500.0, **changed: float) -> Network:
    """A plastic network of 60 cells with Poisson input and four projections.

    Parameters
    ----------
    seed
        Seed of inputs, connections and initial potentials.
    duration
        Simulated time (ms).
    changed
        Parameters other than their defaults: rate (Hz), w_max, w_input (nA), p.
    """
    asked = {"rate": 60.0, "w_input": 1.2, "w_max": 0.06, "p": 0.2} | changed
    rng = np.random.default_rng(seed)
    network = _new(asked, seed, duration)
    sizes = {"exc": 48, "inh": 12}
    start = rng.uniform(-65.0, -52.0, 60)
    network.cells = {"exc": cells(48, start[:48]), "inh": cells(12, start[48:])}
    for name, n in sizes.items():
        source = f"input_{name}"
        network.sources[source] = poisson_trains(rng, n, asked["rate"], duration, _STEP)
        each = np.column_stack([np.arange(n)] * 2)
        network.synapses[source] = connect(source, name, each, asked["w_input"], 1.0)
    w_max = asked["w_max"]
    rule = Rule(A_plus=0.02, A_minus=0.021, w_max=w_max)
    for name, source, target, weight, delay in (
        ("plastic", "exc", "exc", 0.9 * w_max, 1.5),
        ("exc_inh", "exc", "inh", w_max, 1.5),
        ("inh_exc", "inh", "exc", -4 * w_max, 0.8),
        ("inh_inh", "inh", "inh", -4 * w_max, 0.8),
    ):
        chosen = rng.random((sizes[source], sizes[target])) < asked["p"]
        if source == target:
            np.fill_diagonal(chosen, False)
        plasticity = rule if name == "plastic" else None
        pairs = np.argwhere(chosen)
        network.synapses[name] = connect(source, target, pairs, weight, delay, plasticity)
    return network


def plastic_read_once(seed: int = 1, duration: float = 500.0, **changed: float) -> Network:
    """The network of `plastic`, whose weights are read at the end alone, as is usual."""
    network = plastic(seed, duration, **changed)
    network.initial_reading = False
    return network


def feed_forward(seed: int = 1, duration: float = 500.0, **changed: float) -> Network:
    """40 cells with excitatory, inhibitory and constant input, and 10 with constant input alone.

    Synapses are static, weights and delays vary. Parameters are as for `plastic`: rate (Hz),
    drive (nA), w_exc, w_inh (nA).
    """
    asked = {"rate": 30.0, "drive": 0.16, "w_exc": 0.25, "w_inh": -0.2} | changed
    rng = np.random.default_rng([seed, 7])
    network = _new(asked, seed, duration)
    offset = asked["drive"] + rng.uniform(-0.03, 0.06, 40)
    network.cells["cells"] = cells(40, rng.uniform(-65.0, -55.0, 40), i_offset=offset)
    network.cells["driven"] = cells(10, np.full(10, -65.0), i_offset=np.linspace(0.2, 0.65, 10))
    for name, n, weight in (("input_exc", 30, asked["w_exc"]), ("input_inh", 12, asked["w_inh"])):
        network.sources[name] = poisson_trains(rng, n, asked["rate"], duration, _STEP)
        pairs = np.argwhere(rng.random((n, 40)) < 0.2)
        made = connect(name, "cells", pairs, weight, 1.0)
        made.weight = made.weight * rng.uniform(0.5, 1.5, len(pairs))
        made.delay_ms = np.round(_STEP * rng.integers(8, 25, len(pairs)), 10)
        network.synapses[f"{name}_cells"] = made
    network.initial_reading = False
    return network


def with_signals(seed: int = 1, duration: float = 300.0, **changed: float) -> Network:
    """The network of `feed_forward`, with the state of three cells recorded."""
    network = feed_forward(seed, duration, **changed)
    network.recorded_signals = {"cells": (0, 1), "driven": (9,)}
    return network


def _new(asked: dict[str, float], seed: int, duration: float) -> Network:
    return Network({**asked, "duration": duration, "timestep": _STEP}, seed, _STEP, duration)


NETWORKS: dict[str, Callable[..., Network]] = {
    "plastic": plastic,
    "plastic_read_once": plastic_read_once,
    "feed_forward": feed_forward,
    "with_signals": with_signals,
}
"""Networks of the study, by name; each is a function of a seed."""
