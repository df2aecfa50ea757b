"""Simulators' names in imports, and on a script's command line."""

import pytest

from pipelines import backends
from pipelines.script.simulator_names import arguments_for, is_simulator, pynn_name

CALLS = "from pyNN.utility import get_simulator\nsim, options = get_simulator()\n"
BY_PLACE = "import sys\nexec('import pyNN.%s as sim' % sys.argv[1])\n"


@pytest.mark.parametrize(
    "module",
    ["pyNN.nest", "pyNN.brian2", "pyNN.brian", "pyNN.neuron", "pyNN.mock", "pyNN.moose",
     "pyNN.spiNNaker", "pyNN.hardware.brainscales", "pyNN.reference"],
)  # fmt: skip
def test_modules_of_simulators(module):
    assert is_simulator(module)


@pytest.mark.parametrize(
    "module", ["pyNN.random", "pyNN.utility", "pyNN.utility.plotting", "pyNN.nest.simulator"]
)
def test_modules_of_pynn_itself(module):
    assert not is_simulator(module)


def test_a_stock_module_has_the_name_of_its_simulator():
    for stock, backend in backends.stock_names().items():
        assert pynn_name(stock) == pynn_name(backend) == backend
    assert pynn_name("reference") == "reference"


@pytest.mark.parametrize(
    ("given", "source", "expected"),
    [
        (["nest", "CUBA"], "", ["brian2", "CUBA"]),
        (["brian", "3"], "", ["brian2", "3"]),
        (["--sim=neuron"], "", ["--sim=brian2"]),
        (["CUBA", "--plot-figure"], CALLS, ["brian2", "CUBA", "--plot-figure"]),
        (["brian2", "CUBA"], CALLS, ["brian2", "CUBA"]),
        (["--sim=brian2"], CALLS, ["--sim=brian2"]),
        (["CUBA"], "", ["CUBA"]),
        (["7"], BY_PLACE, ["brian2", "7"]),
        (["nest", "7"], BY_PLACE, ["brian2", "7"]),
        (["7"], f"{BY_PLACE}parser.add_argument('--sim')", ["7"]),
        (["7"], "p.add_argument('--n')\np.add_argument('simulator_name')", ["brian2", "7"]),
        (["7"], "p.add_argument('n')\np.add_argument('simulator_name')", ["7"]),
        (["7"], "import pyNN.nest as sim, sys\nn = sys.argv[1]", ["7"]),
        ([], "this is (no Python", []),
        (["honest", "nested=nestling"], "", ["honest", "nested=nestling"]),
    ],
)
def test_arguments_of_one_backend(given, source, expected):
    assert arguments_for(given, "brian2", source) == expected
