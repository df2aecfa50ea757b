"""Scripts that draw numbers and seed nothing: the same numbers in each process."""

import json

import pytest

from pipelines.script.run_script import run_script

pytestmark = pytest.mark.slow

SCRIPT = """
import json
import random
import numpy as np
import pyNN.random
import pyNN.nest as sim
from pyNN.random import NumpyRNG, RandomDistribution

sim.setup(timestep=0.1, rng_seed=int(__import__("sys").argv[1]))
uniform = RandomDistribution("uniform", low=0.0, high=1.0)
drawn = [uniform.next(), NumpyRNG().next(), pyNN.random.NumpyRNG().next()]
own = [random.random(), np.random.random()]
np.random.seed(7)
seeded = [NumpyRNG(seed=5).next(), np.random.random()]
cells = sim.Population(3, sim.IF_curr_exp(i_offset=uniform))
drawn.append(cells.get("i_offset")[0])
with open("drawn.json", "w") as file:
    json.dump([drawn, own, seeded], file)
"""


@pytest.fixture
def numbers(tmp_path):
    def of(*names, seed=1):
        script = tmp_path / "example.py"
        script.write_text(SCRIPT)
        folder = tmp_path / f"results{seed}"
        assert [run["error"] for run in run_script(script, [str(seed)], names, folder)] == [
            ""
        ] * len(names)
        return [json.loads((folder / name / "drawn.json").read_text()) for name in names]

    return of


def test_each_process_draws_the_same(numbers):
    (drawn, own, seeded), again = numbers("reference", "nest")
    assert [drawn, own, seeded] == again
    assert len({*drawn, *own, *seeded}) == 8
    (other,) = numbers("reference", seed=2)
    assert other[1:] == [own, seeded] and not {*other[0]} & {*drawn}


def test_generators_of_a_script_are_its_own(numbers):
    ((_, _, seeded),) = numbers("reference")
    import numpy as np

    assert seeded == [np.random.RandomState(5).uniform(), np.random.RandomState(7).random_sample()]
