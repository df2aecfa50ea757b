"""Random numbers that a script draws by itself: the same in the process of every backend."""

from __future__ import annotations

import random
import sys
from types import ModuleType

import numpy as np
import pyNN
import pyNN.random


def draw_alike(sim: ModuleType, seed: int) -> None:
    """Let a script that seeds nothing draw the same numbers in each process; once, before it.

    The global generators of Python and NumPy begin with this seed everywhere; what a script does
    with them is its own affair. What it takes from ``pyNN.random`` is the backend's: without a
    seed it draws from that of `setup`, also where a script itself asks for numbers.
    """
    random.seed(seed)
    np.random.seed(seed)
    of_backend = ("NumpyRNG", "RandomDistribution")
    if all(hasattr(sim, name) for name in of_backend):
        module = ModuleType("pyNN.random", pyNN.random.__doc__)
        vars(module).update(vars(pyNN.random))
        vars(module).update({name: getattr(sim, name) for name in of_backend})
        sys.modules[module.__name__] = pyNN.random = module
