"""Programs in phases come out as on the reference backend."""

from functools import cache

import numpy as np
import pytest

from pipelines import backends
from pipelines.errors import Unsupported
from tests.backends.phases import PROGRAMS

pytestmark = pytest.mark.slow

# What NEST has no way to change in mid-run.
REFUSED = {
    ("nest", "rules_and_weights"): r"set\(tau_minus\): NEST has no way",
    ("nest", "short_term"): "no state of NEST's synapses",
}


@cache
def right(name):
    return PROGRAMS[name](backends.load("reference"))


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("backend", ["nest", "brian2"])
def test_a_program_in_phases(backend, name, interpreted):
    if (backend, name) in REFUSED:
        with pytest.raises(Unsupported, match=REFUSED[backend, name]):
            PROGRAMS[name](backends.load(backend))
        return
    expected, found = right(name), PROGRAMS[name](backends.load(backend))
    assert found.keys() == expected.keys()
    assert sum(len(train) for key, train in expected.items() if "cells 0 train" in key) > 10
    for key, values in expected.items():
        np.testing.assert_allclose(found[key], values, rtol=1e-9, atol=1e-9, err_msg=key)
