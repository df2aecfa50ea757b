"""Connectors at their edges: cells with themselves, none at all, and cells that are not there."""

import warnings

import numpy as np
import pandas as pd
import pytest
from pyNN import errors
from pyNN.core import IndexBasedExpression
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.recording.files import NumpyBinaryFile, PickleFile, StandardTextFile

from pipelines import backends
from pipelines.backends.shared.invalid_value import InvalidValue
from pipelines.errors import Unsupported

pytestmark = pytest.mark.usefixtures("interpreted")
every_backend = pytest.mark.parametrize("backend", backends.names())


class Always(IndexBasedExpression):
    def __call__(self, i, j):
        return 1.0 + 0 * (i + j)


def pairs(made):
    return [(int(i), int(j)) for i, j, _ in made.get("weight", format="list")]


def made(sim, connector, pre=None, post=None, **synapse):
    if pre is None:
        sim.setup(timestep=0.1)
        pre, post = sim.Population(4, sim.IF_curr_exp()), sim.Population(5, sim.IF_curr_exp())
    return sim.Projection(pre, post, connector, sim.StaticSynapse(**synapse))


# Cells with themselves.

WITHOUT = {
    "AllToAll": lambda sim, **o: sim.AllToAllConnector(**o),
    "FixedProbability": lambda sim, **o: sim.FixedProbabilityConnector(1.0, **o),
    "DistanceDependent": lambda sim, **o: sim.DistanceDependentProbabilityConnector("d < 99", **o),
    "IndexBased": lambda sim, **o: sim.IndexBasedProbabilityConnector(Always(), **o),
    "DisplacementDependent": lambda sim, **o: sim.DisplacementDependentProbabilityConnector(
        lambda d: 1.0 + 0 * d[0], **o
    ),
    "FixedNumberPre": lambda sim, **o: sim.FixedNumberPreConnector(2, **o),
    "FixedNumberPre, replaced": lambda sim, **o: sim.FixedNumberPreConnector(
        9, with_replacement=True, **o
    ),
    "FixedNumberPost": lambda sim, **o: sim.FixedNumberPostConnector(2, **o),
    "FixedNumberPost, replaced": lambda sim, **o: sim.FixedNumberPostConnector(
        9, with_replacement=True, **o
    ),
    "FixedTotalNumber": lambda sim, **o: sim.FixedTotalNumberConnector(60, **o),
    "FixedTotalNumber, once": lambda sim, **o: sim.FixedTotalNumberConnector(
        9, with_replacement=False, **o
    ),
}
SIDES = {
    "the same": lambda cells, other: (cells, cells),
    "views": lambda cells, other: (cells[[1, 2, 3]], cells[[2, 3, 4, 5]]),
    "a view": lambda cells, other: (cells, cells[2:]),
    "views of a view": lambda cells, other: (cells[1:][:4], cells[1:][2:]),
    "assemblies": lambda cells, other: (other + cells[1:4], cells[2:] + other[:2]),
}


@every_backend
@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("name", WITHOUT)
def test_no_cell_is_connected_to_itself(backend, name, sides):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells, other = sim.Population(6, sim.IF_curr_exp()), sim.Population(3, sim.IF_curr_exp())
    pre, post = SIDES[sides](cells, other)
    projection = made(sim, WITHOUT[name](sim, allow_self_connections=False), pre, post)
    found = [(int(pre.all_cells[i]), int(post.all_cells[j])) for i, j in pairs(projection)]
    allowed = {(int(a), int(b)) for a in pre.all_cells for b in post.all_cells if a != b}
    assert set(found) <= allowed
    if "Number" not in name:
        assert set(found) == allowed and len(found) == len(allowed)
    else:
        cells_of = {"Pre": post.size, "Post": pre.size}
        number = 9 if "replaced" in name or "once" in name else 2
        side = next((n for key, n in cells_of.items() if key in name), None)
        assert len(found) == (number * side if side else 9 if "once" in name else 60)
    if "replaced" not in name and name != "FixedTotalNumber":
        assert len(set(found)) == len(found)


@every_backend
def test_what_pynn_takes_and_does_nothing_with_is_refused(backend):
    sim = backends.load(backend)
    for name in ("FixedNumberPreConnector", "FixedNumberPostConnector",
                 "FixedTotalNumberConnector"):  # fmt: skip
        with pytest.raises(Unsupported, match="NoMutual"):
            getattr(sim, name)(2, allow_self_connections="NoMutual")


@every_backend
def test_a_cell_that_has_only_itself_to_connect_to_is_refused(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cell = sim.Population(1, sim.IF_curr_exp())
    for name in ("FixedNumberPreConnector", "FixedNumberPostConnector",
                 "FixedTotalNumberConnector"):  # fmt: skip
        with pytest.raises(Unsupported):
            made(sim, getattr(sim, name)(1, allow_self_connections=False), cell, cell)
        assert len(made(sim, getattr(sim, name)(0, allow_self_connections=False), cell, cell)) == 0


# None at all.


@every_backend
@pytest.mark.parametrize("replaced", [False, True])
@pytest.mark.parametrize("name", ["FixedNumberPre", "FixedNumberPost", "FixedTotalNumber"])
def test_no_connections(backend, name, replaced):
    sim = backends.load(backend)
    connector = getattr(sim, f"{name}Connector")
    for n in (0, np.int64(0)):
        projection = made(sim, connector(n, with_replacement=replaced), weight=1.0)
        assert len(projection) == 0 and projection.get("weight", "list") == []
        assert np.isnan(projection.get("weight", "array")).all()
        projection.set(weight=2.0)
    sim.run(1.0)


@every_backend
def test_a_number_that_is_drawn_may_be_0(backend):
    sim = backends.load(backend)
    draws = [RandomDistribution("binomial", n=2, p=0.5, rng=NumpyRNG(seed=k)) for k in range(9)]
    counts = []
    for drawn in draws[:4]:
        array = made(sim, sim.FixedNumberPreConnector(drawn), weight=1.0).get("weight", "array")
        counts += np.sum(~np.isnan(array), axis=0).tolist()
    for drawn in draws[4:8]:
        array = made(sim, sim.FixedNumberPostConnector(drawn), weight=1.0).get("weight", "array")
        counts += np.sum(~np.isnan(array), axis=1).tolist()
    assert {0, 1, 2} == set(counts)
    made(sim, sim.FixedTotalNumberConnector(draws[8]))
    halves = RandomDistribution("uniform", low=0.0, high=1.0, rng=NumpyRNG(seed=1))
    with pytest.raises(InvalidValue, match="whole numbers"):
        made(sim, sim.FixedNumberPreConnector(halves))


@every_backend
def test_a_view_of_no_cell_is_refused(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(3, sim.IF_curr_exp())
    for nothing in (slice(0, 0), [], (), np.zeros(3, dtype=bool), np.array([], dtype=int)):
        with pytest.raises(InvalidValue, match="no cell is selected"):
            cells[nothing]
    with pytest.raises(InvalidValue, match="no cell is selected"):
        cells[1:].sample(0)


@every_backend
def test_what_selects_a_view_is_left_alone(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(5, sim.IF_curr_exp())
    mine = np.array([3, -5, 1])
    view = cells[mine]
    assert mine.tolist() == [3, -5, 1]
    assert view.all_cells.tolist() == cells.all_cells[[0, 1, 3]].tolist()
    view.set(tau_m=[5.0, 6.0, 7.0])
    assert np.asarray(cells.get("tau_m")).tolist() == [5.0, 6.0, 20.0, 7.0, 20.0]
    assert view[1:][-1] == cells[3]
    with pytest.raises(IndexError):
        cells[[0, 5]]


@every_backend
@pytest.mark.parametrize("size", [0, -1])
def test_a_population_of_no_cell_is_refused(backend, size):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    for kind in (sim.IF_curr_exp(), sim.SpikeSourceArray(spike_times=[1.0])):
        with pytest.raises(InvalidValue, match="cells; allowed: 1 and above"):
            sim.Population(size, kind)
    sim.Population(2, sim.IF_curr_exp())
    sim.run(1.0)


# Cells that are not there.


@every_backend
@pytest.mark.parametrize("pair", [(4, 0), (0, 5), (-1, 0), (0, -1), (0.5, 0), (0, 1.5), (9, 9)])
def test_a_cell_that_is_not_there_is_refused(backend, pair):
    sim = backends.load(backend)
    with pytest.raises(Unsupported, match=r"index .*allowed: whole numbers from 0 to"):
        made(sim, sim.FromListConnector([(0, 0, 1.0, 1.0), (*pair, 1.0, 1.0)]))
    with pytest.raises(errors.ConnectionError):
        made(sim, sim.FromListConnector([(0, 0), pair]))
    sim.run(1.0)


@every_backend
def test_lists_in_many_forms(backend):
    sim = backends.load(backend)
    rows = [(2, 4, 0.5, 1.0), (0, 0, 0.25, 2.0), (2, 1, 1.5, 3.0)]
    table = pd.DataFrame(rows, columns=["pre", "post", "weight", "delay"])
    right = [rows[1], rows[2], rows[0]]
    for form in (rows, tuple(rows), np.array(rows), (row for row in rows), table,
                 [list(row) for row in rows]):  # fmt: skip
        assert made(sim, sim.FromListConnector(form)).get(["weight", "delay"], "list") == right
    one = sim.FromListConnector([(1, 2, 0.5)], column_names="weight")
    assert made(sim, one, delay=2.0).get(["weight", "delay"], "list") == [(1, 2, 0.5, 2.0)]
    for wrong in ([1, 2, 3.0], [(0, 0), (0, 1, 0.5, 1.0)], [("a", "b")], 5.0):
        with pytest.raises((InvalidValue, TypeError)):
            sim.FromListConnector(wrong)
    with pytest.raises(InvalidValue, match="did you mean 'weight'"):
        made(sim, sim.FromListConnector([(0, 0, 1.0)], column_names=["wieght"]))


@every_backend
def test_a_list_may_serve_twice(backend):
    sim = backends.load(backend)
    given = np.array([(2, 4, 0.5, 1.0), (0, 0, 0.25, 2.0)])
    connector = sim.FromListConnector(given)
    first, second = (made(sim, connector).get("weight", "list") for _ in range(2))
    assert first == second == [(0, 0, 0.25), (2, 4, 0.5)]
    assert given[0].tolist() == [2, 4, 0.5, 1.0]


@every_backend
def test_what_a_list_does_not_say_comes_from_the_synapse(backend):
    sim = backends.load(backend)
    rows = [(i, j) for j in range(5) for i in range(4)]
    weights = np.arange(20.0).reshape(4, 5)
    read = made(sim, sim.FromListConnector(rows), weight=weights).get("weight", "array")
    assert np.allclose(read, weights, rtol=1e-14)
    drawn = RandomDistribution("uniform", low=0.0, high=1.0, rng=NumpyRNG(seed=4))
    values = made(sim, sim.FromListConnector(rows), weight=drawn).get("weight", "list")
    assert len({value for _, _, value in values}) == 20
    # Cells stand 1 um apart.
    near = made(sim, sim.FromListConnector(rows), weight=lambda d: 1.0 + d).get("weight", "array")
    assert np.allclose(near, 1.0 + np.abs(np.subtract.outer(np.arange(4), np.arange(5))))


@every_backend
def test_a_matrix_of_connections(backend):
    sim = backends.load(backend)
    mask = np.arange(20).reshape(4, 5) % 3 == 0
    right = [(i, j) for i, j in np.argwhere(mask).tolist()]
    for form in (mask, mask.astype(int), mask.astype(float), mask.tolist()):
        assert sorted(pairs(made(sim, sim.ArrayConnector(form)))) == right
    for wrong in (mask.T, mask[0], 2 * mask.astype(int), np.full((4, 5), np.nan)):
        with pytest.raises(InvalidValue, match="ArrayConnector"):
            made(sim, sim.ArrayConnector(wrong))


@every_backend
def test_a_clone_has_what_its_model_has(backend):
    sim = backends.load(backend)
    rows = [(0, 1), (0, 1), (3, 4), (2, 0)]
    model = made(sim, sim.FromListConnector(rows), weight=1.0)
    clone = made(sim, sim.CloneConnector(model), model.pre, model.post, weight=2.0)
    assert pairs(clone) == pairs(model) and len(clone) == 4
    assert clone.get("weight", "list", with_address=False) == [2.0] * 4


@every_backend
def test_a_probability_may_be_a_function_of_the_distance(backend):
    sim = backends.load(backend)
    projection = made(sim, sim.DistanceDependentProbabilityConnector(lambda d: d < 1.5))
    assert sorted(pairs(projection)) == [
        (i, j) for i in range(4) for j in range(5) if abs(i - j) < 2
    ]


# Files.

KINDS = {
    "text": (StandardTextFile, "w", "r", "made.txt"),
    "pickle": (PickleFile, "wb", "rb", "made.pkl"),
    "numpy": (NumpyBinaryFile, "wb", "rb", "made.npz"),
}


@every_backend
@pytest.mark.parametrize("rows", [1, 7])
@pytest.mark.parametrize("kind", KINDS)
def test_saved_connections_come_back(backend, kind, rows, tmp_path):
    sim = backends.load(backend)
    listed = [(k % 4, k % 5, 0.1 * k, 0.1 * (k + 1)) for k in range(rows)]
    projection = made(sim, sim.FromListConnector(listed))
    make, write, read, name = KINDS[kind]
    names = ["delay", "weight"]
    projection.save(names, make(str(tmp_path / name), write))
    connector = sim.FromFileConnector(make(str(tmp_path / name), read))
    for _ in range(2):
        again = made(sim, connector, projection.pre, projection.post, weight=9.0, delay=9.0)
        assert np.allclose(again.get(names, "list"), projection.get(names, "list"), rtol=1e-12)


@every_backend
@pytest.mark.parametrize("names", ["all", "weight", ["weight"], ("weight", "delay")])
def test_what_is_saved_under_a_name_comes_back(backend, names, tmp_path):
    sim = backends.load(backend)
    projection = made(sim, sim.FixedProbabilityConnector(0.6), weight=0.5, delay=2.0)
    projection.set(weight=[0.5 + k for k in range(len(projection))])
    path = str(tmp_path / "made.txt")
    projection.save(names, path)
    again = made(sim, sim.FromFileConnector(path), projection.pre, projection.post, delay=2.0)
    both = ["weight", "delay"]
    assert np.allclose(again.get(both, "list"), projection.get(both, "list"), rtol=1e-12)


@every_backend
def test_no_connections_are_saved_and_come_back(backend, tmp_path):
    sim = backends.load(backend)
    projection = made(sim, sim.FromListConnector([]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        projection.save("all", str(tmp_path / "made.txt"))
        again = sim.FromFileConnector(str(tmp_path / "made.txt"))
        assert len(made(sim, again, projection.pre, projection.post)) == 0


@every_backend
def test_files_by_hand(backend, tmp_path):
    sim = backends.load(backend)
    texts = {
        "0 1\n2 3\n": [(0, 1, 9.0, 8.0), (2, 3, 9.0, 8.0)],
        "0 1 0.5 2.0\n2 3 1.5 4.0\n": [(0, 1, 0.5, 2.0), (2, 3, 1.5, 4.0)],
        '# columns = ["delay", "weight"]\n0 1 0.5 2.0\n': [(0, 1, 2.0, 0.5)],
        '# columns = ("j", "i", "weight")\n4 3 0.5\n': [(3, 4, 0.5, 8.0)],
    }
    path = tmp_path / "by_hand.txt"
    for text, right in texts.items():
        path.write_text(text)
        projection = made(sim, sim.FromFileConnector(str(path)), weight=9.0, delay=8.0)
        assert projection.get(["weight", "delay"], "list") == right
    for text in ("0 1 0.5\n", '# columns = ["i", "j", "weight"]\n0 1 0.5 2.0\n'):
        path.write_text(text)
        with pytest.raises(InvalidValue, match="header"):
            made(sim, sim.FromFileConnector(str(path)))
    path.write_text("0 7 0.5 1.0\n")
    with pytest.raises(Unsupported, match="index 7"):
        made(sim, sim.FromFileConnector(str(path)))


@every_backend
def test_columns_are_what_their_names_say(backend):
    sim = backends.load(backend)
    both, rows = ["weight", "delay"], [(2, 0), (0, 1), (1, 1)]
    delay_first = sim.FromListConnector(
        [(i, j, 2.0 + j, 0.5 + i) for i, j in rows], ["delay", "weight"]
    )
    right = [(i, j, 0.5 + i, 2.0 + j) for i, j in sorted(rows)]
    assert made(sim, delay_first, weight=9.0, delay=9.0).get(both, "list") == right
    bounds = sim.FromListConnector([(i, j, 3.0 + i, 0.5) for i, j in rows], ["w_max", "weight"])
    rule = sim.STDPMechanism(
        sim.SpikePairRule(A_plus=0.01, A_minus=0.02), sim.AdditiveWeightDependence(w_max=5.0),
        weight=1.0, delay=2.0,
    )  # fmt: skip
    cells = sim.Population(3, sim.IF_curr_exp())
    plastic = sim.Projection(cells, cells, bounds, rule)
    found = plastic.get(["weight", "delay", "w_max"], "list")
    right = [(i, j, 0.5, 2.0, 3.0 + i) for i, j in sorted(rows)]
    assert np.allclose(found, right, rtol=1e-12)


@pytest.mark.parametrize("backend", backends.names())
def test_a_callback_follows_a_projection_onto_an_assembly(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    pre = sim.Population(2, sim.IF_curr_exp())
    post = sim.Population(2, sim.IF_curr_exp()) + sim.Population(3, sim.IF_curr_exp())
    parts = []
    connector = sim.FixedProbabilityConnector(1.0, callback=parts.append)
    sim.Projection(pre, post, connector, receptor_type="excitatory")
    assert post.local_size == 5
    assert parts and all(0 <= part <= 1 for part in parts) and parts == sorted(parts)
    sim.end()
