"""Every cell type on every backend: its parameters, initial values and what is recorded of it.

Right is PyNN's documentation: a value that is set acts as one that is given, each cell has its own,
and what is read is in PyNN's unit. What the cells do with them is in `reference`, in one program.
"""

from functools import cache

import numpy as np
import pytest

from pipelines import backends
from pipelines.errors import Unsupported
from tests.backends.cells import (
    KINDS,
    assert_same,
    begin,
    celltype,
    documented,
    drive,
    recorded,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.usefixtures("interpreted"),
]

every = pytest.mark.parametrize("kind", KINDS)
on_all = pytest.mark.parametrize("backend", backends.names())
but_the_reference = pytest.mark.parametrize(
    "backend", [name for name in backends.names() if name != "reference"]
)


def different(kind):
    """Parameters of cells: as it is, and with one value after the other changed."""
    changes = KINDS[kind].changes
    base = celltype(backends.load("reference"), kind).parameter_space
    size = len(changes) + 1
    values = {}
    for row, name in enumerate(changes, start=1):
        lazy = base[name]
        values[name] = np.full(size, float(lazy.base_value))
        values[name][row] = changes[name]
    return size, values


def play_different(sim, kind):
    """A population of cells that differ in one parameter each."""
    size, values = different(kind)
    begin(sim)
    cells = sim.Population(size, celltype(sim, kind, **values))
    drive(sim, kind, [cells])
    sim.run(40.0)
    return recorded(cells, kind)


@cache
def by_the_reference(kind):
    return play_different(backends.load("reference"), kind)


def test_the_changes_are_of_every_parameter_and_variable():
    for name, pynn in documented().items():
        kind = KINDS[name]
        assert set(kind.changes) == set(pynn.default_parameters)
        # Synaptic currents are recorded beyond what PyNN lists.
        assert set(kind.variables) >= set(pynn.recordable) - {"spikes"}
        assert set(kind.initial) == set(pynn.default_initial_values)
        assert all(pynn.units[variable] == unit for variable, unit in kind.variables.items())


@every
def test_every_change_changes_something(kind):
    spikes, signals = by_the_reference(kind)
    assert len(spikes[0]) > 1
    for row, name in enumerate(KINDS[kind].changes, start=1):
        unlike = spikes[row] != spikes[0] or any(
            np.abs(values[:, row] - values[:, 0]).max() > 1e-3 * np.ptp(values)
            for values in signals.values()
        )
        assert unlike, name


@every
@but_the_reference
def test_a_program_gives_what_the_reference_gives(backend, kind):
    found = play_different(backends.load(backend), kind)
    assert_same(found, by_the_reference(kind), KINDS[kind].tolerance)


@every
@on_all
def test_cells_with_parameters_of_their_own_are_as_cells_by_themselves(backend, kind):
    sim = backends.load(backend)
    size, values = different(kind)
    begin(sim)
    together = sim.Population(size, celltype(sim, kind, **values))
    # The reference takes its time for each population.
    rows = range(1, size, 4 if backend == "reference" else 1)
    alone = [
        sim.Population(1, celltype(sim, kind, **{k: v[row] for k, v in values.items()}))
        for row in rows
    ]
    drive(sim, kind, [together, *alone])
    sim.run(16.0)
    whole = recorded(together, kind)
    for row, population in zip(rows, alone, strict=True):
        spikes, signals = recorded(population, kind)
        one = (whole[0][row : row + 1], {k: v[:, row : row + 1] for k, v in whole[1].items()})
        assert_same((spikes, signals), one, 1e-12)


def ways(changes, backend):
    """Ways to set parameters of two cells."""

    def on_an_assembly(sim, cells):
        other = sim.Population(1, cells.celltype)
        sim.Assembly(other, cells).set(**changes)

    def on_single_cells(sim, cells):
        for name, value in changes.items():
            setattr(cells[0], name, value)
        cells[1].set_parameters(**changes)

    few = {
        "population": lambda sim, cells: cells.set(**changes),
        "views": lambda sim, cells: [cells[k : k + 1].set(**changes) for k in (1, 0)],
        "single cells": on_single_cells,
    }
    # The reference takes its time for each population.
    return few if backend == "reference" else few | {
        "one by one": lambda sim, cells: [cells.set(**{k: v}) for k, v in changes.items()],
        "lists": lambda sim, cells: cells.set(**{k: [v, v] for k, v in changes.items()}),
        "view": lambda sim, cells: cells[0:2].set(**changes),
        "assembly": on_an_assembly,
    }  # fmt: skip


def read_back(cells, changes):
    """Every value, as a population, a view and a cell give it."""
    for name, value in changes.items():
        for part in (cells, cells[0:2]):
            assert np.allclose(part.get(name, simplify=False), value, rtol=1e-12, atol=0), name
        of_one = cells[1].get_parameters()[name]
        assert np.isclose(of_one, value, rtol=1e-12, atol=0), name


def set_populations(backend, kind, before):
    """A population for each way of setting, and one that was given the values."""
    sim, changes = backends.load(backend), KINDS[kind].changes
    to_set = ways(changes, backend)
    begin(sim)
    cells = {how: sim.Population(2, celltype(sim, kind)) for how in to_set}
    cells["left alone"] = sim.Population(2, celltype(sim, kind))
    given = sim.Population(2, celltype(sim, kind, **changes))
    drive(sim, kind, [*cells.values(), given])
    if not before:
        sim.run(8.0)
    for how, act in to_set.items():
        act(sim, cells[how])
        read_back(cells[how], changes)
    sim.run(20.0 if before else 12.0)
    return {how: recorded(one, kind) for how, one in cells.items()}, recorded(given, kind)


@every
@on_all
def test_set_before_a_run_is_as_good_as_given(backend, kind):
    found, given = set_populations(backend, kind, before=True)
    alone = found.pop("left alone")
    for how in found:
        assert_same(found[how], given, 1e-12)
    assert np.abs(alone[1]["v"] - given[1]["v"]).max() > 1


@cache
def set_between_by_the_reference(kind):
    found, _ = set_populations("reference", kind, before=False)
    return found


@every
@on_all
def test_set_between_two_runs_acts_from_then_on(backend, kind):
    if backend == "reference":
        found = set_between_by_the_reference(kind)
    else:
        found, _ = set_populations(backend, kind, before=False)
    changed, alone = found["population"], found["left alone"]
    for how in found.keys() - {"left alone"}:
        assert_same(found[how], changed, 1e-12)
    for variable, values in changed[1].items():
        assert np.array_equal(values[:81], alone[1][variable][:81])
    assert np.abs(changed[1]["v"] - alone[1]["v"]).max() > 1
    right = set_between_by_the_reference(kind)["population"]
    assert_same(changed, right, KINDS[kind].tolerance)


# What NEST has no way to set.
FIXED = {
    ("nest", "IF_curr_exp"): {"isyn_exc", "isyn_inh"},
    ("nest", "IF_curr_alpha"): {"isyn_exc", "isyn_inh"},
    ("nest", "HH_cond_exp"): {"gsyn_exc", "gsyn_inh"},
    ("nest", "LIF"): {"AMPA.isyn", "GABA.isyn"},
    ("nest", "AdExp with alpha"): {"AMPA.gsyn", "GABA.gsyn"},
    ("nest", "AdExp with beta"): {"AMPA.gsyn", "GABA.gsyn"},
}


def play_from(sim, kind, fixed):
    """Populations that start elsewhere, given the values in three ways."""
    initial = {k: v for k, v in KINDS[kind].initial.items() if k not in fixed}
    begin(sim)
    given = sim.Population(2, celltype(sim, kind), initial_values=initial)
    told, seen = (sim.Population(2, celltype(sim, kind)) for _ in range(2))
    told.initialize(**{name: [value, value] for name, value in initial.items()})
    seen[0:1].initialize(**initial)
    drive(sim, kind, [given, told, seen])
    sim.run(15.0)
    return [recorded(one, kind) for one in (given, told, seen)]


@every
@on_all
def test_initial_values(backend, kind):
    sim, fixed = backends.load(backend), FIXED.get((backend, kind), set())
    given, told, seen = play_from(sim, kind, fixed)
    for name, value in KINDS[kind].initial.items():
        if name in given[1] and name not in fixed:
            assert given[1][name][0] == pytest.approx(value, rel=1e-12), name
    assert_same(told, given, 1e-12)
    for variable, values in seen[1].items():
        assert np.allclose(values[:, 0], given[1][variable][:, 0], rtol=1e-12, atol=0)
        if variable == "v":
            assert np.abs(values[0, 1] - values[0, 0]) > 1
    if backend != "reference":
        right, *_ = play_from(backends.load("reference"), kind, fixed)
        assert_same(given, right, KINDS[kind].tolerance)


@pytest.mark.parametrize(("backend", "kind"), FIXED)
def test_initial_values_that_cannot_be_set_are_refused(backend, kind):
    sim = backends.load(backend)
    begin(sim)
    cells = sim.Population(2, celltype(sim, kind))
    for name in FIXED[backend, kind]:
        cells.initialize(**{name: 0.0})
        with pytest.raises(Unsupported, match=name):
            cells.initialize(**{name: KINDS[kind].initial[name]})


@every
@on_all
def test_an_unknown_state_variable_is_refused(backend, kind):
    sim = backends.load(backend)
    begin(sim)
    cells = sim.Population(1, celltype(sim, kind))
    with pytest.raises(Unsupported, match="potential"):
        cells.initialize(potential=-65.0)


@every
@on_all
def test_units_of_what_is_recorded(backend, kind):
    sim = backends.load(backend)
    begin(sim)
    cells = sim.Population(2, celltype(sim, kind))
    variables = KINDS[kind].variables
    cells[0:1].record(list(variables))
    sim.run(1.0)
    signals = cells.get_data().segments[0].analogsignals
    assert {signal.name for signal in signals} == set(variables)
    for signal in signals:
        assert signal.units == signal.rescale(variables[signal.name]).units
        assert signal.units.dimensionality.string == variables[signal.name]
        assert signal.shape == (11, 1)
