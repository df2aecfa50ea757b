"""What is drawn without a generator of the script's follows from the seed of `setup`."""

import json
import os
import random
import subprocess
import sys

import numpy as np
import pytest
from pyNN import connectors as pynn
from pyNN.core import IndexBasedExpression
from pyNN.parameters import LazyArray
from pyNN.random import NativeRNG, NumpyRNG, RandomDistribution
from pyNN.space import RandomStructure, Sphere

from pipelines import backends
from pipelines.errors import Unsupported


def drawn(sim, seed, uniform=None):
    """Parameters, initial values, positions, weights and changes of them, as numbers."""
    sim.setup(timestep=0.1, rng_seed=seed)
    uniform = uniform or RandomDistribution("uniform", low=1.0, high=2.0)
    pre, post = (
        sim.Population(
            4, sim.IF_curr_exp(cm=uniform), structure=RandomStructure(Sphere(radius=3.0))
        )
        for _ in range(2)
    )
    post.set(tau_m=RandomDistribution("uniform", low=10.0, high=20.0))
    post[1:3].set(tau_m=RandomDistribution("uniform", low=30.0, high=40.0))
    pre.initialize(v=RandomDistribution("uniform", low=-65.0, high=-55.0))
    made = sim.Projection(pre, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=uniform))
    first = made.get("weight", format="array")
    made.set(weight=RandomDistribution("uniform", low=1.0, high=2.0))
    return np.concatenate([
        *(np.ravel(one.get("cm", simplify=False)) for one in (pre, post)),
        np.ravel(post.get("tau_m", simplify=False)),
        np.ravel(pre.initial_values["v"].evaluate(simplify=False)),
        np.ravel(pre.positions), np.ravel(first), np.ravel(made.get("weight", format="array")),
    ])  # fmt: skip


@pytest.mark.parametrize("backend", backends.names())
def test_the_seed_of_setup_gives_the_same_numbers(backend):
    sim = backends.load(backend)
    once, again, other = drawn(sim, 3), drawn(sim, 3), drawn(sim, 4)
    assert np.array_equal(once, again)
    assert not np.any(once == other)
    assert np.allclose(once, drawn(backends.load("reference"), 3), rtol=1e-12)


@pytest.mark.parametrize("backend", backends.names())
def test_a_distribution_may_serve_two_networks(backend):
    sim = backends.load(backend)
    uniform = RandomDistribution("uniform", low=1.0, high=2.0)
    assert np.array_equal(drawn(sim, 3, uniform), drawn(sim, 3, uniform))


@pytest.mark.parametrize("backend", backends.names())
def test_a_generator_of_the_script_is_left_alone(backend):
    mine, twin = NumpyRNG(seed=12), NumpyRNG(seed=12)
    before = np.random.get_state()[1].tolist()
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(5, sim.IF_curr_exp(cm=RandomDistribution("uniform", (1, 2), rng=mine)))
    assert np.allclose(
        cells.get("cm", simplify=False), twin.next(5, "uniform", dict(low=1, high=2))
    )
    assert np.random.get_state()[1].tolist() == before


def pairs(made):
    return [row[:2] for row in made.get("weight", format="list")]


CONNECTORS = {
    "FixedProbability": lambda sim, **rng: sim.FixedProbabilityConnector(0.4, **rng),
    "DistanceDependent": lambda sim, **rng: sim.DistanceDependentProbabilityConnector(
        "0.4 * (d < 100)", **rng
    ),
    "IndexBased": lambda sim, **rng: sim.IndexBasedProbabilityConnector(Often(), **rng),
    "DisplacementDependent": lambda sim, **rng: sim.DisplacementDependentProbabilityConnector(
        lambda d: 0.4 + 0 * d[0], **rng
    ),
    "FixedNumberPre": lambda sim, **rng: sim.FixedNumberPreConnector(4, **rng),
    "FixedNumberPost": lambda sim, **rng: sim.FixedNumberPostConnector(4, **rng),
    "FixedTotalNumber": lambda sim, **rng: sim.FixedTotalNumberConnector(40, **rng),
    "number drawn": lambda sim, **rng: sim.FixedNumberPostConnector(
        RandomDistribution("uniform_int", low=2, high=6), **rng
    ),
    "PyNN's own": lambda sim, **rng: pynn.FixedProbabilityConnector(0.4, **rng),
}


class Often(IndexBasedExpression):
    def __call__(self, i, j):
        return 0.4 + 0 * (i + j)


def connected(sim, seed, make):
    """Pairs of two projections that are made alike, and of one by the second's connector again."""
    sim.setup(timestep=0.1, rng_seed=seed)
    cells = sim.Population(10, sim.IF_curr_exp())
    connectors = [make(sim), make(sim)]
    return [pairs(sim.Projection(cells, cells, c)) for c in (*connectors, connectors[1])]


@pytest.mark.parametrize("name", CONNECTORS)
@pytest.mark.parametrize("backend", backends.names())
def test_connectors_draw_from_the_seed_of_setup(backend, name):
    sim, make = backends.load(backend), CONNECTORS[name]
    drawn = connected(sim, 3, make)
    assert drawn == connected(sim, 3, make) == connected(backends.load("reference"), 3, make)
    assert len(drawn[0]) > 10
    first, second, third = drawn
    assert first != second and second != third and first != third
    assert connected(sim, 4, make)[0] != first
    # The seed of nobody is the default.
    sim.setup(timestep=0.1)
    cells = sim.Population(10, sim.IF_curr_exp())
    assert pairs(sim.Projection(cells, cells, make(sim))) == connected(sim, 42, make)[0]


@pytest.mark.parametrize("name", CONNECTORS)
def test_connectors_with_a_generator_of_the_script_draw_from_it(name):
    sim, make = backends.load("reference"), CONNECTORS[name]

    def made(seed):
        sim.setup(timestep=0.1, rng_seed=seed)
        cells = sim.Population(10, sim.IF_curr_exp())
        return pairs(sim.Projection(cells, cells, make(sim, rng=NumpyRNG(seed=7))))

    # How many there are is drawn without one.
    assert (made(1) == made(2)) == (name != "number drawn")


SCRIPT = """
import sys
import numpy as np
from pipelines import backends
from pyNN.space import Grid2D, RandomStructure, Cuboid
sim = backends.load(sys.argv[1])
sim.setup(timestep=0.1, rng_seed=11)
cells = sim.Population(9, sim.IF_curr_exp(), structure=Grid2D(fill_order="random"))
other = sim.Population(9, sim.IF_curr_exp())
other.structure = RandomStructure(Cuboid(1.0, 2.0, 3.0))
drawn = [cells.positions, other.positions]
drawn += [cells.sample(4).all_cells - cells[0], cells[2:8].sample(3).all_cells - cells[0]]
drawn += [np.sort((cells + other).sample(5).all_cells - cells[0]) for _ in range(2)]
drawn += [sim.RandomDistribution("normal", mu=0.0, sigma=1.0).next(3), sim.NumpyRNG().next(2)]
drawn += [sim.NumpyRNG().permutation(np.arange(9)), sim.NumpyRNG(seed=3).next(2)]
other.rset("tau_m", sim.RandomDistribution("uniform", (10, 20)))
drawn += [other.get("tau_m")]
source = sim.Population(9, sim.SpikeSourcePoisson(rate=sim.RandomDistribution("uniform", (5, 99))))
noise = [sim.NoisyCurrentSource(mean=0.5, stdev=0.2, start=0.0, stop=5.0) for _ in range(2)]
for one in noise:
    one.inject_into(cells)
    one.record()
made = sim.Projection(source, cells, sim.FromListConnector([(0, 0), (0, 1), (1, 1), (1, 2)]),
                      sim.StaticSynapse(weight=sim.RandomDistribution("uniform", (0, 1))))
source.record("spikes")
cells.record("v")
sim.run(20.0)
drawn += [row[2] for row in made.get("weight", format="list")]
drawn += [one._get_data()[1] for one in noise] + [source.get("rate")]
drawn += [train.magnitude for train in source.get_data().segments[0].spiketrains]
drawn += [cells.get_data().segments[0].analogsignals[0].magnitude]
print([np.round(np.ravel(np.array(one, dtype=float)), 8).tolist() for one in drawn])
"""


def test_everything_that_is_drawn_is_the_same_in_every_process():
    said = []
    for hash_seed, backend in enumerate([*backends.names(), "reference"]):
        run = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SCRIPT, backend], capture_output=True, text=True,
            env=os.environ | {"PYTHONHASHSEED": str(hash_seed)}, timeout=300,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr[-2000:]
        said.append(json.loads(run.stdout.strip().splitlines()[-1]))
    for other in said[1:]:
        assert len(other) == len(said[0])
        for one, two in zip(said[0], other, strict=True):
            assert np.allclose(one, two, rtol=1e-7, atol=1e-7)
    weights = [one[0] for one in said[0][11:15]]
    assert len(set(weights)) == 4
    assert said[0][15] != said[0][16], "two noises are copies"


@pytest.mark.parametrize("backend", backends.names())
@pytest.mark.usefixtures("interpreted")
def test_generators_of_numpy_and_python_are_not_touched(backend):
    np.random.seed(5)
    random.seed(5)
    before = np.random.get_state()[1].tolist(), np.random.get_state()[2], random.getstate()
    sim = backends.load(backend)
    drawn(sim, 3)
    sim.setup(timestep=0.1, t_flush=200.0)
    cells = sim.Population(4, sim.IF_curr_exp())
    source = sim.Population(4, sim.SpikeSourcePoisson(rate=100.0))
    noise = sim.NoisyCurrentSource(mean=0.5, stdev=0.2, start=0.0, stop=5.0)
    cells.inject(noise)
    sim.Projection(source, cells, sim.FixedNumberPreConnector(0), sim.StaticSynapse(weight=1.0))
    sim.Projection(source, cells, sim.FixedProbabilityConnector(0.5), sim.StaticSynapse(weight=1.0))
    cells.sample(2)
    sim.run(10.0)
    sim.reset()
    sim.run(5.0)
    after = np.random.get_state()[1].tolist(), np.random.get_state()[2], random.getstate()
    assert before == after


@pytest.mark.parametrize("backend", backends.names())
def test_a_generator_of_the_simulator_is_refused(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    native = RandomDistribution("uniform", (1.0, 2.0), rng=NativeRNG(seed=1))
    cells = sim.Population(2, sim.IF_curr_exp())
    uses = (
        lambda: sim.Population(2, sim.IF_curr_exp(tau_m=native)),
        lambda: cells.initialize(v=native),
        lambda: cells.set(tau_m=native),
        lambda: sim.Projection(
            cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=native)
        ),
        lambda: sim.Projection(
            cells, cells, sim.FixedProbabilityConnector(0.5, rng=NativeRNG(seed=1))
        ),
        lambda: cells.sample(1, rng=NativeRNG(seed=1)),
    )
    for use in uses:
        with pytest.raises(Unsupported, match="NativeRNG"):
            use()


@pytest.mark.parametrize("backend", backends.names())
def test_the_receptor_of_a_drawn_weight_is_the_same_each_time(backend):
    sim = backends.load(backend)

    def receptors():
        sim.setup(timestep=0.1, rng_seed=8)
        cells = sim.Population(1, sim.IF_curr_exp())
        made = []
        for _ in range(12):
            weight = RandomDistribution("normal", mu=0.0, sigma=1.0)
            try:
                made.append(
                    sim.Projection(
                        cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight)
                    ).receptor_type
                )
            except Unsupported:
                made.append("refused")
        return made

    once = receptors()
    assert once == receptors() and len(set(once)) == 2 and "refused" not in once


@pytest.mark.parametrize("backend", backends.names())
def test_clipped_distributions_keep_to_their_bounds(backend):
    sim = backends.load(backend)
    # Mass of the two tails of a normal distribution at -0.4 and +1 standard deviations.
    for name, tails in (("normal_clipped", 0.0), ("normal_clipped_to_boundary", 0.3446 + 0.1587)):
        sim.setup(timestep=0.1)
        cells = sim.Population(20, sim.IF_curr_exp())
        weight = sim.RandomDistribution(name, mu=1.0, sigma=0.5, low=0.8, high=1.5)
        synapse = sim.StaticSynapse(weight=weight, delay=1.0)
        drawn = sim.Projection(cells, cells, sim.AllToAllConnector(), synapse).get(
            "weight", "array"
        )
        assert np.all((drawn > 0.8 - 1e-12) & (drawn < 1.5 + 1e-12))
        share = np.mean((np.abs(drawn - 0.8) < 1e-9) | (np.abs(drawn - 1.5) < 1e-9))
        assert abs(share - tails) <= 5 * np.sqrt(tails * (1 - tails) / drawn.size)


@pytest.mark.parametrize("backend", backends.names())
def test_a_distribution_on_a_view_leaves_the_other_cells_alone(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(12, sim.IF_curr_exp())
    cells[3:6].set(tau_m=sim.RandomDistribution("uniform", low=5.0, high=9.0))
    tau_m = np.array(cells.get("tau_m"))
    assert np.all(np.delete(tau_m, [3, 4, 5]) == 20.0)
    assert len(set(tau_m[3:6])) == 3 and np.all((tau_m[3:6] >= 5) & (tau_m[3:6] <= 9))
    assert np.array_equal(cells.get("tau_m"), tau_m)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("backend", backends.names())
def test_what_shares_a_distribution_is_no_copy(backend, own):
    """PyNN draws from a copy of a distribution: cells and synapses of one type would be alike."""

    def values(sim):
        sim.setup(timestep=0.1)
        uniform = (sim.RandomDistribution if own else RandomDistribution)("uniform", (1.0, 2.0))
        celltype = sim.IF_curr_exp(tau_m=uniform)
        pair = [sim.Population(3, celltype) for _ in range(2)]
        found = [[np.array(cells.get("tau_m")) for cells in pair]]
        for cells in pair:
            cells.initialize(v=uniform)
        found.append([np.array(cells.initial_values["v"].evaluate()) for cells in pair])
        rule = sim.SpikePairRule(tau_plus=uniform, A_plus=0.1, A_minus=0.1)
        types = {
            "weight": sim.StaticSynapse(weight=LazyArray(uniform) * 2),
            "U": sim.TsodyksMarkramSynapse(U=LazyArray(uniform) - 1),
            "tau_plus": sim.STDPMechanism(rule, sim.AdditiveWeightDependence(w_max=1.0)),
        }
        for name, synapse in types.items():
            two = [sim.Projection(*pair, sim.AllToAllConnector(), synapse) for _ in range(2)]
            found.append([one.get(name, "array") for one in two])
        return found

    found = values(backends.load(backend))
    assert not any(np.any(one == two) for one, two in found)
    for pair, right in zip(found, values(backends.load("reference")), strict=True):
        assert np.allclose(pair, right, rtol=1e-12)
