"""The receptor of a projection that names none: positive weights are excitatory, always."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import backends

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from pipelines import backends
sim = backends.load(sys.argv[1])
sim.setup(timestep=0.1)
first, second = sim.Population(2, sim.IF_curr_exp()), sim.Population(2, sim.IF_curr_alpha())
for post in (first, first + second):
    for weight in (0.5, -0.5):
        synapse = sim.StaticSynapse(weight=weight, delay=1.0)
        print(sim.Projection(first, post, sim.AllToAllConnector(), synapse).receptor_type)
"""


@pytest.mark.parametrize("backend", backends.names())
@pytest.mark.parametrize("hash_seed", ["1", "2", "5"])
def test_the_sign_of_the_weight_settles_it(backend, hash_seed):
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, backend],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.split()[-4:] == ["excitatory", "inhibitory"] * 2
