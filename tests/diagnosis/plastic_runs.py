"""Runs of a small plastic network, whose rule of plasticity can be changed in one respect."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from pyNN.parameters import Sequence

from pipelines import backends
from pipelines.backends import collect
from pipelines.diagnosis.run_pair import Evidence
from tests import synthetic

DT = 0.1
N = 16
CONSTANTS = {"A_plus": 0.02, "A_minus": 0.021, "tau_plus": 20.0, "tau_minus": 25.0}
DEPENDENCES = {
    "additive": "AdditiveWeightDependence",
    "multiplicative": "MultiplicativeWeightDependence",
    "additive potentiation, multiplicative depression": (
        "AdditivePotentiationMultiplicativeDepression"
    ),
    "Gütig": "GutigWeightDependence",
}


def trains(n, duration, rate=45.0, seed=3):
    """Poisson trains on the grid, one a neuron."""
    rng = np.random.default_rng(seed)
    drawn = rng.random((n, round(duration / DT))) < rate * DT * 1e-3
    return [np.round(np.flatnonzero(one)[np.flatnonzero(one) > 25] * DT, 10) for one in drawn]


def plastic_run(
    w_max=0.06,
    w_min=0.0,
    initial=0.5,
    delay=1.5,
    fraction=1.0,
    dependence="additive",
    rule="SpikePairRule",
    exponents=None,
    static=False,
    duration=400.0,
    backend="reference",
    read=("initial",),
    when="transmitted",
    known=True,
    source=0,
    **constants,
):
    """A recurrent network of `N` cells with plastic synapses among them, on one backend.

    Parameters
    ----------
    w_max, w_min
        Bounds of the weights in nA; with `w_max` of 1e-6 the spikes do not depend on the weights.
    initial
        Weight at time 0 in units of 0.06 nA, or of `w_max` if that is smaller.
    read
        ``("initial",)`` to read weights at time 0, too; times in ms for further readings.
    known
        Whether the record names the projection's populations and the rule's constants.
    source
        Seed of the inputs.
    """
    sim = backends.load(backend)
    sim.setup(timestep=DT, min_delay=DT)
    rng = np.random.default_rng(1)
    cell = sim.IF_curr_exp(
        cm=0.25, tau_m=20.0, v_rest=-65.0, v_reset=-65.0, v_thresh=-50.0, tau_refrac=2.0,
        tau_syn_E=3.0, tau_syn_I=8.0,
    )  # fmt: skip
    cells = sim.Population(N, cell, initial_values={"v": rng.uniform(-65.0, -52.0, N)})
    drawn = [Sequence(train) for train in trains(N, duration, seed=3 + source)]
    inputs = sim.Population(N, sim.SpikeSourceArray(spike_times=drawn))
    sim.Projection(inputs, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=2.2, delay=1.0))
    pairs = np.argwhere((rng.random((N, N)) < 0.5) & ~np.eye(N, dtype=bool))
    weight = initial * min(0.06, abs(w_max)) * np.sign(w_max)
    timing = (CONSTANTS if rule != "Vogels2011Rule" else {}) | constants
    synapse = sim.StaticSynapse(weight=weight, delay=delay)
    if not static:
        named = dict(zip(("mu_plus", "mu_minus"), exponents, strict=True)) if exponents else {}
        synapse = sim.STDPMechanism(
            timing_dependence=getattr(sim, rule)(**timing),
            weight_dependence=getattr(sim, DEPENDENCES[dependence])(
                w_min=w_min, w_max=w_max, **named
            ),
            dendritic_delay_fraction=fraction, weight=weight, delay=delay,
        )  # fmt: skip
    plastic = sim.Projection(
        cells, cells, sim.FromListConnector(pairs), synapse,
        receptor_type="excitatory" if w_max > 0 else "inhibitory",
    )  # fmt: skip
    cells.record("spikes")
    readings = []

    def read_at(time):
        found = collect.weights(plastic, when if time else "transmitted")
        readings.append(synthetic.weight_frame("r", "plastic", found["pre"], found["post"],
                        found["weight"], found["delay_ms"], time))  # fmt: skip

    if "initial" in read:
        read_at(0.0)
    for time in [*(t for t in read if t != "initial"), duration]:
        sim.run_until(time)
        read_at(time)
    spikes = synthetic.spike_frame("r", "cells", *collect.spikes(cells))
    sim.end()
    record = {"seed": 1, "backend": backend}
    if known:
        ends = {"pre": "cells", "post": "cells", "receptor": "", "synapse": "", "plastic": True}
        record["projections"] = json.dumps({"plastic": ends})
        record["parameters"] = {"w_max": 0.06} | CONSTANTS
    return Evidence(record, spikes, pd.concat(readings, ignore_index=True))
