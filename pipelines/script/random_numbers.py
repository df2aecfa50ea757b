"""Seeds of the random numbers that a script draws by itself, equal on every backend."""

from __future__ import annotations

import random
import sys
from types import ModuleType

import numpy as np
import pyNN
import pyNN.random


def seed_generators(sim: ModuleType, seed: int) -> None:
    """Seed the global random generators of this process, so that unseeded scripts are repeatable.

    Python's and NumPy's global generators start from `seed`. ``pyNN.random`` gets the backend's
    classes, which draw from the seed of `setup` if they are given none, also when the script
    draws numbers directly. To be called once, before the script starts.

    Parameters
    ----------
    sim
        The backend's module.
    seed
        Seed of Python's and NumPy's generators.
    """
    random.seed(seed)
    np.random.seed(seed)
    of_backend = ("NumpyRNG", "RandomDistribution")
    if all(hasattr(sim, name) for name in of_backend):
        module = ModuleType("pyNN.random", pyNN.random.__doc__)
        vars(module).update(vars(pyNN.random))
        vars(module).update({name: getattr(sim, name) for name in of_backend})
        sys.modules[module.__name__] = pyNN.random = module
