"""Rows on connectors and on structures in space."""

from __future__ import annotations

import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from pyNN import space
from pyNN.connectors import IndexBasedExpression, haveCSA

from .program_parts import begin, cells, read, sources, trains, weights
from .row import add, row

# From 8 sources to 6 cells.
_PRE, _POST = 8, 6


def connected(sim: Any, connector: Any, synapse: Any = None) -> dict[str, Any]:
    """Pairs, weights and delays that a connector gives, and the spikes that come of them."""
    source, targets = populations(sim)
    if synapse is None:
        draw = sim.RandomDistribution("uniform", low=0.5, high=2.0, rng=sim.NumpyRNG(seed=2))
        synapse = sim.StaticSynapse(weight=draw, delay=1.0)
    projection = sim.Projection(source, targets, connector(source, targets), synapse)
    targets.record("spikes")
    sim.run(60.0)
    return weights(projection) | read(targets)


def populations(sim: Any, n: int = _POST, structure: Any = None) -> tuple[Any, Any]:
    """Sources and `n` cells, on a line if no other structure is given."""
    source = sources(sim, trains(_PRE, 150.0, seed=4), structure)
    return source, cells(sim, n, structure)


def _connector(name: str, values: dict[str, Any], sim: Any) -> dict[str, Any]:
    begin(sim)
    seeded = {"rng": sim.NumpyRNG(seed=3)} if values.get("rng") else {}
    plain = {key: value for key, value in values.items() if key != "rng"}
    return connected(sim, lambda *_: getattr(sim, name)(**plain, **seeded))


class _Near(IndexBasedExpression):
    """A probability of connections that is high for indices close to each other."""

    def __call__(self, i: Any, j: Any) -> Any:
        return np.where(np.abs(i - j) < 3, 0.7, 0.1)


def _towards(d: Any) -> Any:
    return np.where(d[0] >= 0, 0.6, 0.1)


_PAIRS = [(0, 0, 1.0, 1.0), (1, 3, 1.5, 2.0), (1, 3, 0.5, 0.4), (7, 5, 2.0, 0.1)]

for _name, _aside, _values in (
    ("AllToAllConnector", "", {}),
    ("FixedProbabilityConnector", "", {"p_connect": 0.4, "rng": True}),
    ("FixedProbabilityConnector", "no rng", {"p_connect": 0.4}),
    ("DistanceDependentProbabilityConnector", "",
     {"d_expression": "exp(-d / 3)", "rng": True}),
    ("FromListConnector", "", {"conn_list": _PAIRS, "column_names": ["weight", "delay"]}),
    ("FixedNumberPostConnector", "", {"n": 3, "rng": True}),
    ("FixedNumberPostConnector", "with replacement",
     {"n": 4, "with_replacement": True, "rng": True}),
    ("FixedNumberPreConnector", "", {"n": 3, "rng": True}),
    ("FixedTotalNumberConnector", "", {"n": 20, "rng": True}),
    ("FixedTotalNumberConnector", "without replacement",
     {"n": 20, "with_replacement": False, "rng": True}),
    ("SmallWorldConnector", "", {"degree": 2.0, "rewiring": 0.1}),
):  # fmt: skip
    add("connector", f"{_name}: {_aside}" if _aside else _name,
        partial(_connector, _name, _values), "From 8 sources to 6 cells, with drawn weights.",
        (_name,))  # fmt: skip


@row("connector", "FixedNumberPreConnector and FixedNumberPostConnector: n = 0")
def of_no_cell(sim: Any) -> dict[str, Any]:
    """Projections without a connection, between others' spikes."""
    begin(sim)
    source, targets = populations(sim)
    synapse = sim.StaticSynapse(weight=2.0, delay=1.0)
    sizes = [
        sim.Projection(source, targets, connector, synapse).size()
        for connector in (
            sim.FixedNumberPreConnector(0), sim.FixedNumberPostConnector(0),
            sim.AllToAllConnector(),
        )
    ]  # fmt: skip
    targets.record("spikes")
    sim.run(60.0)
    return {"numbers of connections": np.array(sizes)} | read(targets)


@row("connector", "OneToOneConnector", "OneToOneConnector")
def one_to_one(sim: Any) -> dict[str, Any]:
    """As many connections as the smaller population has cells."""
    begin(sim)
    source, targets = populations(sim)
    synapse = sim.StaticSynapse(weight=2.0, delay=1.0)
    projection = sim.Projection(source[:_POST], targets, sim.OneToOneConnector(), synapse)
    targets.record("spikes")
    sim.run(60.0)
    return weights(projection) | read(targets)


@row("connector", "IndexBasedProbabilityConnector", "IndexBasedProbabilityConnector")
def index_based(sim: Any) -> dict[str, Any]:
    """A probability that follows from the two indices."""
    begin(sim)
    rng = sim.NumpyRNG(seed=3)
    return connected(sim, lambda *_: sim.IndexBasedProbabilityConnector(_Near(), rng=rng))


@row("connector", "DisplacementDependentProbabilityConnector",
     "DisplacementDependentProbabilityConnector")  # fmt: skip
def displaced(sim: Any) -> dict[str, Any]:
    """A probability that follows from the direction."""
    begin(sim)
    rng = sim.NumpyRNG(seed=3)
    return connected(
        sim, lambda *_: sim.DisplacementDependentProbabilityConnector(_towards, rng=rng)
    )


@row("connector", "ArrayConnector", "ArrayConnector")
def from_array(sim: Any) -> dict[str, Any]:
    """A matrix that says which pairs are connected."""
    begin(sim)
    pairs = np.random.default_rng(1).random((_PRE, _POST)) < 0.4
    return connected(sim, lambda *_: sim.ArrayConnector(pairs))


@row("connector", "CloneConnector", "CloneConnector")
def cloned(sim: Any) -> dict[str, Any]:
    """The pairs of another projection."""
    begin(sim)
    rng = sim.NumpyRNG(seed=3)

    def clone(source: Any, targets: Any) -> Any:
        first = sim.FixedProbabilityConnector(0.4, rng=rng)
        synapse = sim.StaticSynapse(weight=1.0, delay=2.0)
        return sim.CloneConnector(sim.Projection(source, targets, first, synapse))

    return connected(sim, clone)


@row("connector", "CSAConnector", "CSAConnector")
def connection_set(sim: Any) -> dict[str, Any]:
    """A connection set, which needs the package csa."""
    begin(sim)
    if not haveCSA:
        return connected(sim, lambda *_: sim.CSAConnector(None))
    sets = import_module("csa")
    return connected(sim, lambda *_: sim.CSAConnector(sets.oneToOne))


@row("connector", "FromFileConnector", "FromFileConnector")
def saved(sim: Any) -> dict[str, Any]:
    """Connections that another projection saved."""
    begin(sim)
    rng = sim.NumpyRNG(seed=3)

    def load(source: Any, targets: Any) -> Any:
        connector = sim.FixedProbabilityConnector(0.4, rng=rng)
        synapse = sim.StaticSynapse(weight=1.5, delay=2.0)
        sim.Projection(source, targets, connector, synapse).save("connections", str(file))
        return sim.FromFileConnector(str(file))

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "connections.txt")
        return connected(sim, load)


@row("connector", "connections within a population, none with itself")
def recurrent(sim: Any) -> dict[str, Any]:
    """Four connectors between a population and views of it, without self-connections."""
    begin(sim)
    targets = cells(sim, 10, i_offset=list(np.linspace(0.3, 0.5, 10)))
    synapse = sim.StaticSynapse(weight=0.2, delay=1.0)
    found: dict[str, Any] = {}
    for name, values in (
        ("AllToAllConnector", {}), ("FixedProbabilityConnector", {"p_connect": 0.4}),
        ("FixedNumberPreConnector", {"n": 2}), ("FixedNumberPostConnector", {"n": 2}),
    ):  # fmt: skip
        connector = getattr(sim, name)(allow_self_connections=False, **values)
        projection = sim.Projection(targets[2:8], targets[4:10], connector, synapse)
        found |= {f"{key} by {name}": value for key, value in weights(projection).items()}
    targets.record("spikes")
    sim.run(60.0)
    return found | read(targets)


@row("connector", "weights and delays that depend on distance")
def by_distance(sim: Any) -> dict[str, Any]:
    """Functions of the distance."""
    begin(sim)
    synapse = sim.StaticSynapse(
        weight=lambda d: 0.5 + np.exp(-d), delay=lambda d: 0.1 * np.floor(5 + 3 * d)
    )
    return connected(sim, lambda *_: sim.AllToAllConnector(), synapse)


def _placed(make: Any, sim: Any) -> dict[str, Any]:
    begin(sim)
    # As many cells as sources, since a grid must be full.
    source, targets = populations(sim, _PRE, make(sim))
    distances = space.Space(axes="xyz", periodic_boundaries=((0.0, 8.0), None, None))
    connector = sim.DistanceDependentProbabilityConnector("exp(-d / 3)", rng=sim.NumpyRNG(seed=3))
    synapse = sim.StaticSynapse(weight=1.5, delay=1.0)
    projection = sim.Projection(source, targets, connector, synapse, space=distances)
    targets.record("spikes")
    sim.run(60.0)
    return {"positions": np.array(source.positions)} | weights(projection) | read(targets)


for _name, _classes, _make in (
    ("Line", (), lambda _: space.Line(dx=2.0)),
    ("Grid2D", (), lambda _: space.Grid2D(aspect_ratio=2.0)),
    ("Grid3D", (), lambda _: space.Grid3D(aspect_ratioXY=1.0)),
    ("RandomStructure in a Cuboid", ("RandomStructure", "Cuboid"),
     lambda sim: space.RandomStructure(space.Cuboid(4, 4, 4), rng=sim.NumpyRNG(seed=4))),
    ("RandomStructure in a Sphere", ("RandomStructure", "Sphere"),
     lambda sim: space.RandomStructure(space.Sphere(4.0), rng=sim.NumpyRNG(seed=4))),
):  # fmt: skip
    add("structure", _name, partial(_placed, _make),
        "Positions, and connections whose probability falls with the distance in a space.",
        ("Space", *(_classes or (_name,))))  # fmt: skip
