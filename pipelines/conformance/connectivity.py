"""Checks of who is connected to whom, with which weight and delay."""

from __future__ import annotations

from typing import Any

import numpy as np

from .check import check
from .neurons import DT, begin, cell, samples, samples_of_run


def weights(projection: Any) -> np.ndarray:
    """Rows of (pre, post, weight, delay), ascending."""
    rows = np.asarray(projection.get(["weight", "delay"], format="list"), dtype=float)
    return rows[np.lexsort(rows.T[::-1])]


@check("multapses with different weights")
def two_synapses_of_one_pair(sim: Any) -> tuple[Any, Any]:
    """Two synapses between the same cells keep a weight each."""
    begin(sim)
    pre, post = cell(sim, 2), cell(sim, 2)
    pairs = [(0, 1, 0.1, 1.0), (0, 1, 0.2, 1.0), (1, 0, 0.3, 2.0)]
    projection = sim.Projection(
        pre, post, sim.FromListConnector(pairs), sim.StaticSynapse(),
        receptor_type="excitatory",
    )  # fmt: skip
    return weights(projection), np.array(pairs)


@check("Assembly as source")
def assembly_as_source(sim: Any) -> tuple[Any, Any]:
    """Each population of an assembly acts with weights of its own."""
    begin(sim)
    first = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    second = sim.Population(1, sim.SpikeSourceArray(spike_times=[15.0]))
    target = cell(sim)
    sim.Projection(
        sim.Assembly(first, second),
        target,
        sim.FromListConnector([(0, 0, 1.0, 1.0), (1, 0, 0.5, 1.0)]),
        sim.StaticSynapse(),
        receptor_type="excitatory",
    )
    v = samples_of_run(sim, target, "v", 20.0)[:, 0] + 65
    step = 20 * 5 / (0.25 * 15) * (np.exp(-DT / 20) - np.exp(-DT / 5))
    added = v[161] - _free(v, 160)
    return [v[61], added], [step, 0.5 * step]


def _free(v: np.ndarray, k: int) -> float:
    """Voltage one step after sample k if nothing new arrived, from the two samples before."""
    decay, fall = np.exp(-DT / 20), np.exp(-DT / 5)
    current_part = v[k] - decay * v[k - 1]
    return float(decay * v[k] + fall * current_part)


@check("get() after another projection was made")
def weights_after_another_projection(sim: Any) -> tuple[Any, Any]:
    """What a projection returns does not depend on what is made and read after it."""
    begin(sim)
    pre, post = cell(sim, 3), cell(sim, 3)
    given = np.arange(9).reshape(3, 3) * 0.01 + 0.01

    def joined(weight: Any) -> Any:
        return sim.Projection(
            pre, post, sim.ArrayConnector(np.ones((3, 3), dtype=bool)),
            sim.StaticSynapse(weight=weight, delay=1.0), receptor_type="excitatory",
        )  # fmt: skip

    projections = [joined(given), joined(given + 1)]
    measured = [projection.get("weight", format="array") for projection in projections]
    projections.append(joined(given + 2))
    measured += [projection.get("weight", format="array") for projection in projections]
    return measured, [given, given + 1, given, given + 1, given + 2]


@check("OneToOne of 1 x 1")
def one_to_one_of_single_cells(sim: Any) -> tuple[Any, Any]:
    """The smallest projection there is."""
    begin(sim)
    projection = sim.Projection(
        cell(sim), cell(sim), sim.OneToOneConnector(), sim.StaticSynapse(weight=0.5, delay=1.0)
    )
    return weights(projection), [[0.0, 0.0, 0.5, 1.0]]


@check("delay off grid", refusable=True)
def delay_between_two_steps(sim: Any) -> tuple[Any, Any]:
    """0.25 ms is not a whole number of steps: no spike can arrive then."""
    begin(sim)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[5.0]))
    target = cell(sim, 2)
    sim.Projection(
        source, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=0.25)
    )
    target.record("v")
    sim.run(10.0)
    moved = int(np.argmax(samples(target, "v")[:, 0] > -65.0))
    return [(moved - 1) * DT - 5.0], [0.25]


@check("delay outside min/max", refusable=True)
def delay_below_the_smallest(sim: Any) -> tuple[Any, Any]:
    """0.3 ms where `setup` was told that no delay is below 0.5 ms."""
    begin(sim, min_delay=0.5)
    return _one_delay(sim, 0.3), [np.nan]


@check("delay outside min/max", refusable=True)
def delay_above_the_largest(sim: Any) -> tuple[Any, Any]:
    """3 ms where `setup` was told that no delay is above 2 ms."""
    begin(sim, max_delay=2.0)
    return _one_delay(sim, 3.0), [np.nan]


def _one_delay(sim: Any, delay: float) -> Any:
    """The delay that a projection took."""
    projection = sim.Projection(
        cell(sim, 2), cell(sim, 2), sim.AllToAllConnector(),
        sim.StaticSynapse(weight=0.5, delay=delay),
    )  # fmt: skip
    return projection.get("delay", format="list", with_address=False)[:1]


@check("FixedTotalNumber with_replacement=False")
def total_number_without_replacement(sim: Any) -> tuple[Any, Any]:
    """15 synapses among 16 pairs, none of which is taken twice."""
    begin(sim)
    connector = sim.FixedTotalNumberConnector(15, with_replacement=False, rng=sim.NumpyRNG(seed=3))
    projection = sim.Projection(
        cell(sim, 4), cell(sim, 4), connector, sim.StaticSynapse(weight=0.5, delay=1.0)
    )
    pairs = weights(projection)[:, :2]
    return [len(pairs), len(np.unique(pairs, axis=0))], [15, 15]


@check("wrong-sign weight in FromList", refusable=True)
def negative_weight_on_the_excitatory_receptor(sim: Any) -> tuple[Any, Any]:
    """A weight has the sign of its receptor, or is refused."""
    begin(sim)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    target = cell(sim, tau_syn_I=10.0)
    sim.Projection(
        source, target, sim.FromListConnector([(0, 0, -1.0, 1.0)]), sim.StaticSynapse(),
        receptor_type="excitatory",
    )  # fmt: skip
    target.record("v")
    sim.run(10.0)
    fall = -20 * 5 / (0.25 * 15) * (np.exp(-DT / 20) - np.exp(-DT / 5))
    return samples(target, "v")[61], [-65 + fall]


def _expected_pairs(connector: str, seed: int) -> np.ndarray:
    """Pairs that PyNN's connector makes, from its backend without a simulator."""
    import pyNN.mock as mock

    mock.setup(timestep=DT, min_delay=DT)
    return _pairs(mock, connector, seed)


def _pairs(sim: Any, connector: str, seed: int) -> np.ndarray:
    rng = sim.NumpyRNG(seed=seed)
    pre = sim.Population(20, sim.IF_curr_exp())
    post = sim.Population(15, sim.IF_curr_exp())
    made = {
        "fixed_probability": lambda: sim.FixedProbabilityConnector(0.3, rng=rng),
        "fixed_number_pre": lambda: sim.FixedNumberPreConnector(4, rng=rng),
        "fixed_number_post": lambda: sim.FixedNumberPostConnector(4, rng=rng),
        "fixed_total_number": lambda: sim.FixedTotalNumberConnector(40, rng=rng),
        "all_to_all": lambda: sim.AllToAllConnector(),
    }[connector]()
    weight = sim.RandomDistribution("uniform", low=0.1, high=0.2, rng=sim.NumpyRNG(seed=seed + 1))
    projection = sim.Projection(
        pre, post, connector=made, synapse_type=sim.StaticSynapse(weight=weight, delay=1.0),
        receptor_type="excitatory",
    )  # fmt: skip
    return weights(projection)


def _same_pairs(connector: str) -> Any:
    def measure(sim: Any) -> tuple[Any, Any]:
        begin(sim)
        return _pairs(sim, connector, 5), _expected_pairs(connector, 5)

    measure.__name__ = f"pairs_of_{connector}"
    measure.__doc__ = f"{connector}: pairs and weights of a seed are those of the connector."
    return measure


for _connector, _row in (
    ("fixed_probability", "same seed, same connections"),
    ("fixed_number_pre", "same seed, same connections"),
    ("fixed_number_post", "same seed, same connections"),
    # With replacement: some pairs have two synapses, of different weights.
    ("fixed_total_number", "multapses with different weights"),
    ("all_to_all", "same seed, same connections"),
):
    check(_row)(_same_pairs(_connector))
