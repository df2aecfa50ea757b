"""Networks on chips, simulated on every backend in this process."""

from __future__ import annotations

import numpy as np

from pipelines import backends
from pipelines.backends import collect
from pipelines.hardware.chip import Chip
from pipelines.hardware.constrained_module import ConstrainedModule
from pipelines.hardware.variants import Variant

BACKENDS = ("reference", "nest", "brian2")


def loss(share):
    """The loss of a share of all synapses."""
    return {"share": share, "of_sources": True}


# A constraint of each kind, as plain numbers and names.
LEVELS = {"bits": 4, "plastic": "at_times", "interval_ms": 20, "rounding": "nearest"}
SPREAD = {"distribution": "normal", "cv": 0.2}
BROAD = {"distribution": "lognormal", "cv": 0.3}
CONSTRAINTS = {
    "time_step": {"step_ms": 0.5},
    "weight_levels": LEVELS,
    "shared_parameters": {"neurons": 8, "parameters": "all"},
    "fixed_pattern": {
        "cells": {
            "tau_m": SPREAD,
            "tau_refrac": {"distribution": "normal", "sd": 1},
            "v_thresh": {"distribution": "normal", "sd": 1.5},
            "v_reset": {"distribution": "normal", "sd": 4},
        },
        "weights": BROAD,
    },
    "trial_to_trial": {"cells": {"all": {"distribution": "lognormal", "cv": 0.1}}},
    "delays": {"minimum_ms": 1, "step_ms": 2, "bits": 2},
    "synapse_loss": loss(0.2),
    "fan_in": {"inputs": 15},
    "spike_loss": {"share": 0.1, "spikes_per_s": 2000},
}
VARIANTS = {
    **{name: {name: value} for name, value in CONSTRAINTS.items()},
    "stochastic": {"weight_levels": LEVELS | {"bits": 2, "rounding": "stochastic"}},
    "common delay": {"delays": {"common_ms": 3.3}},
    "mismatch of all": {
        "fixed_pattern": {"cells": {"all": BROAD}, "weights": BROAD},
        "weight_levels": LEVELS | {"rounding": "stochastic"},
    },
    "all": CONSTRAINTS,
}


def variant_of(active, number=1):
    """A variant with these constraints in force."""
    return Variant("chip", "all", number=number, active=active)


def module_of(backend, active, seed=1, number=1):
    """A backend on a chip; the backend itself without constraints (None)."""
    sim = backends.load(backend)
    if active is None:
        return sim
    return ConstrainedModule(sim, Chip(variant_of(active, number), seed))


def setup(sim, seed=1, timestep=0.1, **more):
    sim.setup(timestep=timestep, rng_seed=seed, **more)


def cell_of(sim, conductances=False, tau_m=20.0):
    """A cell that fires in the networks of this module."""
    common = {"tau_m": tau_m, "cm": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0}
    common |= {"tau_refrac": 2.0, "tau_syn_E": 5.0, "tau_syn_I": 5.0}
    if conductances:
        return sim.IF_cond_exp(**common, e_rev_E=0.0, e_rev_I=-80.0)
    return sim.IF_curr_exp(**common)


def network(sim, conductances=False, seed=1):
    """A network driven by Poisson trains: plastic and static, excitatory and inhibitory."""
    scale = 0.02 if conductances else 1.0
    rng = sim.NumpyRNG(seed=seed)
    start = sim.RandomDistribution("uniform", low=-65.0, high=-50.0, rng=rng)
    drawn = sim.RandomDistribution("uniform", low=15.0, high=25.0, rng=rng)
    cell = cell_of(sim, conductances, drawn)
    made = {"inputs": sim.Population(50, sim.SpikeSourcePoisson(rate=60.0), label="inputs")}
    for label, size in (("exc", 30), ("inh", 10)):
        made[label] = sim.Population(size, cell, initial_values={"v": start}, label=label)
    pairs = sim.FixedProbabilityConnector(0.3, rng=rng)
    plastic = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(20.0, 20.0, 0.05, 0.06),
        weight_dependence=sim.AdditiveWeightDependence(0.0, 0.4 * scale),
        dendritic_delay_fraction=1.0,
        weight=sim.RandomDistribution("uniform", low=0.0, high=0.4 * scale, rng=rng),
        delay=sim.RandomDistribution("uniform", low=0.5, high=6.0, rng=rng),
    )
    static = {
        "exc_to_inh": ("exc", "inh", "excitatory", 0.2),
        "inh_to_exc": ("inh", "exc", "inhibitory", 0.4 if conductances else -0.3),
    }
    made["plastic"] = sim.Projection(
        made["inputs"], made["exc"], pairs, plastic, receptor_type="excitatory", label="plastic"
    )
    for label, (pre, post, receptor, weight) in static.items():
        ends = sorted((0.5 * weight * scale, weight * scale))
        drawn = sim.RandomDistribution("uniform", low=ends[0], high=ends[1], rng=rng)
        made[label] = sim.Projection(
            made[pre], made[post], pairs, sim.StaticSynapse(weight=drawn, delay=1.5),
            receptor_type=receptor, label=label,
        )  # fmt: skip
    return made


def populations(made):
    return {name: one for name, one in made.items() if hasattr(one, "can_record")}


def projections(made):
    return {name: one for name, one in made.items() if hasattr(one, "synapse_type")}


def seen(made):
    """Spikes of populations, and weights and delays of projections as a script reads them."""
    spikes = {name: collect.spikes(one) for name, one in populations(made).items()}
    weights = {name: collect.weights(one, "now") for name, one in projections(made).items()}
    return {"spikes": spikes, "weights": weights}


def play(backend, active, build=network, run=lambda sim, made: sim.run(100.0), seed=1, **options):
    """Build and run a network: what was seen, with ``sim`` and the network itself (``made``)."""
    sim = module_of(backend, active, seed)
    setup(sim, seed, options.pop("timestep", 0.1))
    made = build(sim, **options)
    if active is None:
        for one in populations(made).values():
            one.record("spikes")
    run(sim, made)
    found = seen(made) | {"sim": sim, "made": made}
    if active is not None:
        sim.note_events()
        found["mapping"] = sim.chip.mapping(made)
    sim.end()
    return found


def assert_same(one, other):
    """Same spikes to the step, same synapses, and weights to a billionth of the largest."""
    for name, (neuron, time) in one["spikes"].items():
        np.testing.assert_array_equal(neuron, other["spikes"][name][0], err_msg=name)
        np.testing.assert_allclose(time, other["spikes"][name][1], rtol=0, atol=1e-7, err_msg=name)
    for name, synapses in one["weights"].items():
        largest = np.abs(synapses["weight"]).max(initial=0)
        for key, tolerance in (("pre", 0), ("post", 0), ("delay_ms", 1e-9), ("weight", largest)):
            np.testing.assert_allclose(
                synapses[key], other["weights"][name][key], rtol=0, atol=1e-9 * tolerance,
                err_msg=f"{name}: {key}",
            )  # fmt: skip


def assert_same_mapping(one, other):
    """Same rows of the table `mapping`, numbers to rounding errors."""
    names = ("constraint", "target", "quantity")
    assert [[row[n] for n in names] for row in one] == [[row[n] for n in names] for row in other]
    for a, b in zip(one, other, strict=True):
        assert (a["asked"] is None) == (b["asked"] is None)
        for key in ("asked", "realised"):
            np.testing.assert_allclose(
                a[key] or 0.0, b[key] or 0.0, rtol=1e-9, atol=1e-12, err_msg=str(a)
            )


def number_of_spikes(result, name="exc"):
    return len(result["spikes"][name][0])


def rows_of(mapping, constraint, target=None):
    """Rows of the table `mapping` of a constraint, as ``{quantity: (asked, realised)}``."""
    return {
        row["quantity"]: (row["asked"], row["realised"])
        for row in mapping
        if row["constraint"] == constraint and target in (None, row["target"])
    }
