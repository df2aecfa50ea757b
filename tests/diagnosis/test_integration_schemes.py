"""Propagators of the membrane against SciPy's matrix exponential."""

import numpy as np
import pytest
from scipy.linalg import expm

from pipelines.diagnosis.membrane.integration_schemes import exact


@pytest.mark.parametrize(
    ("tau_m", "tau_syn"), [(20, 5), (5, 20), (10, 10), (10, 10.0001), (1e-2, 50), (5e-4, 20)]
)
@pytest.mark.filterwarnings("error")
def test_the_exact_propagator_is_the_matrix_exponential(tau_m, tau_syn):
    a = np.array([[-1 / tau_m, 2.0], [0.0, -1 / tau_syn]])
    np.testing.assert_allclose(exact(a, 0.1), expm(a * 0.1), rtol=1e-13, atol=1e-15)
