"""A plastic network of excitatory and inhibitory neurons, as an ordinary PyNN script."""

import numpy as np
from pyNN.parameters import Sequence

from pipelines.backends import collect

DT = 0.1


def trains(seed, number, duration, rate_hz):
    """Poisson trains on the grid, drawn once, as PyNN's sequences."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(number):
        fired = np.flatnonzero(rng.random(round(duration / DT)) < rate_hz * DT * 1e-3)
        drawn.append(Sequence(np.round(fired[fired > 20] * DT, 4)))
    return drawn


def play(
    sim,
    *,
    number=100,
    duration=300.0,
    seed=1,
    fraction=1.0,
    rule="additive",
    delay=None,
    setup=None,
):
    """Build and run the network; return spikes, and weights as transmitted and now."""
    sim.setup(**(setup or {"timestep": DT}))
    n_exc = round(0.8 * number)
    cell = sim.IF_curr_exp(
        cm=0.25, tau_m=20.0, v_rest=-65.0, v_reset=-65.0, v_thresh=-50.0, tau_refrac=2.0
    )
    exc = sim.Population(n_exc, cell, initial_values={"v": -65.0}, label="exc")
    inh = sim.Population(number - n_exc, cell, initial_values={"v": -65.0}, label="inh")
    source = sim.Population(
        number, sim.SpikeSourceArray(spike_times=trains(seed, number, duration, 60.0))
    )
    drive = sim.StaticSynapse(weight=0.9, delay=1.0)
    sim.Projection(source[:n_exc], exc, sim.OneToOneConnector(), drive)
    sim.Projection(source[n_exc:], inh, sim.OneToOneConnector(), drive)
    w_max = 0.05
    dependence = {
        "additive": lambda: sim.AdditiveWeightDependence(0.0, w_max),
        "multiplicative": lambda: sim.MultiplicativeWeightDependence(0.0, w_max),
        "gutig": lambda: sim.GutigWeightDependence(0.0, w_max, 0.2, 0.8),
    }[rule]()
    drawn = np.round(np.random.default_rng(seed).integers(5, 51, (n_exc, n_exc)) * DT, 4)
    plastic = sim.Projection(
        exc,
        exc,
        sim.FixedProbabilityConnector(
            0.2, allow_self_connections=False, rng=sim.NumpyRNG(seed=seed)
        ),
        sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(20.0, 20.0, 0.02, 0.021),
            weight_dependence=dependence,
            dendritic_delay_fraction=fraction,
            weight=0.5 * w_max,
            delay=drawn if delay is None else delay,
        ),
        receptor_type="excitatory",
    )
    for pre, post, weight, delay, receptor in (
        (exc, inh, 0.05, 1.5, "excitatory"),
        (inh, exc, -0.2, 0.8, "inhibitory"),
        (inh, inh, -0.2, 0.5, "inhibitory"),
    ):
        sim.Projection(
            pre, post, sim.FixedProbabilityConnector(0.2, rng=sim.NumpyRNG(seed=seed + 1)),
            sim.StaticSynapse(weight=weight, delay=delay), receptor_type=receptor,
        )  # fmt: skip
    exc.record("spikes")
    inh.record("spikes")
    sim.run(duration)
    return {
        "exc": collect.spikes(exc),
        "inh": collect.spikes(inh),
        "weights": collect.weights(plastic),
        "now": collect.weights(plastic, when="now") if hasattr(sim, "registry") else None,
        "connectivity": collect.connectivity_sha256(sim),
        "input": collect.input_sha256(sim),
    }


def same(one, other):
    """Whether two results are the same spikes, pairs and weights (to 1e-9 of w_max)."""
    spikes = all(
        np.array_equal(a, b)
        for key in ("exc", "inh")
        for a, b in zip(one[key], other[key], strict=True)
    )
    exact = all(
        np.array_equal(one["weights"][key], other["weights"][key])
        for key in ("pre", "post", "delay_ms")
    )
    close = all(
        np.allclose(one[key]["weight"], other[key]["weight"], rtol=0, atol=1e-9 * 0.05)
        for key in ("weights", "now")
    )
    hashes = all(one[key] == other[key] for key in ("connectivity", "input"))
    return spikes and exact and close and hashes
