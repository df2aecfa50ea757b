"""Programs in phases come out as on the reference backend."""

from functools import cache

import numpy as np
import pytest

from pipelines import backends
from tests.backends.phases import PROGRAMS


@cache
def right(name):
    return PROGRAMS[name](backends.load("reference"))


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("backend", ["nest", "brian2"])
def test_a_program_in_phases(backend, name, interpreted):
    expected, found = right(name), PROGRAMS[name](backends.load(backend))
    assert found.keys() == expected.keys()
    assert sum(len(train) for key, train in expected.items() if "cells 0 train" in key) > 10
    for key, values in expected.items():
        np.testing.assert_allclose(found[key], values, rtol=1e-9, atol=1e-9, err_msg=key)
