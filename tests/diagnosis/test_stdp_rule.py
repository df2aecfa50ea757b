"""Weights that follow from a rule and recorded spikes: those of the reference backend."""

import numpy as np
import pytest

from pipelines.diagnosis.plasticity.plastic_course import learning
from pipelines.diagnosis.plasticity.stdp_arrivals import Course, Trains, arrivals, dendritic_steps
from pipelines.diagnosis.plasticity.stdp_fit import evaluate, fit
from pipelines.diagnosis.plasticity.stdp_rule import (
    DEPRESSES,
    IGNORED,
    NOW,
    POTENTIATES,
    Rule,
    weights_after,
)
from tests.diagnosis.plastic_runs import CONSTANTS, DT, plastic_run

BOUNDS = {"w_max": 0.06, "w_min": 0.0, "w_0": 0.03}
MIXED = "additive potentiation, multiplicative depression"
TRIPLETS = {
    "tau_plus_triplet": 101.0, "tau_minus_triplet": 125.0,
    "A_plus_triplet": 6.2e-3, "A_minus_triplet": 2.3e-4,
}  # fmt: skip
VOGELS = {"eta": 0.002, "rho": 0.01, "tau": 15.0}


@pytest.mark.parametrize(
    ("asked", "rule", "more"),
    [
        ({}, Rule(), {}),
        ({"fraction": 0.4}, Rule(fraction=0.4), {}),
        ({"fraction": 1e-4}, Rule(fraction=1e-4), {}),
        ({"dependence": "multiplicative"}, Rule("multiplicative"), {}),
        ({"dependence": MIXED}, Rule(MIXED), {}),
        (
            {"dependence": "Gütig", "exponents": (0.3, 0.6)},
            Rule("Gütig"),
            {"mu_plus": 0.3, "mu_minus": 0.6},
        ),
        ({"w_min": 0.02}, Rule(), {"w_min": 0.02}),
        ({"rule": "NearestNeighbourSymmetricRule"}, Rule(scheme="nearest_symmetric"), {}),
        ({"rule": "PresynapticCentredRule"}, Rule(scheme="presynaptic_centred"), {}),
        ({"rule": "ReducedSymmetricRule"}, Rule(scheme="reduced_symmetric"), {}),
        ({"rule": "TripletRule"}, Rule(scheme="triplet"), TRIPLETS),
        ({"rule": "Vogels2011Rule", **VOGELS}, Rule(scheme="vogels_2011"), VOGELS),
        ({"when": "now"}, Rule(reading=NOW), {}),
        ({"read": ("initial", 100.0, 200.0)}, Rule(), {}),
        ({"backend": "nest"}, Rule(), {}),
    ],
)
def test_weights_are_those_of_the_backend(asked, rule, more):
    (one,) = learning(plastic_run(**asked), "plastic", DT)
    assert len(one.data.course) > 100 and not one.unchanged
    found = evaluate(one.data, rule, CONSTANTS | BOUNDS | more)
    assert found.fits and found.residual < 1e-14
    if asked:
        assert evaluate(one.data, Rule(), CONSTANTS | BOUNDS).fits == (rule == Rule() and not more)


def test_a_constant_is_fitted_with_its_error():
    (one,) = learning(plastic_run(tau_plus=21.0), "plastic", DT)
    start = CONSTANTS | BOUNDS
    found = fit(one.data, Rule(), [start], ["tau_plus"])
    assert found.fits and found.constants["tau_plus"] == pytest.approx(21.0, rel=1e-9)
    assert 0 < found.errors["tau_plus"] < 1e-6
    assert not fit(one.data, Rule(), [start], ["A_plus"]).fits


def test_a_constant_that_the_data_do_not_show_has_no_error():
    (one,) = learning(plastic_run(), "plastic", DT)
    found = fit(one.data, Rule(), [CONSTANTS | BOUNDS], ["A_plus", "A_minus", "w_max"])
    assert found.fits
    assert not found.determines("w_max") and not found.determines("A_plus")


def one_synapse(pre, post, delay=10):
    trains = tuple(Trains.of(np.zeros(len(t), int), np.array(t), 1) for t in (pre, post))
    zero = np.zeros(1, int)
    return Course(
        zero, zero, np.array([delay]), trains, np.array([0.5]), np.array([2000]),
        np.zeros((1, 1)), DT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("zero_lag", "change"), [(IGNORED, 0.0), (POTENTIATES, 0.01), (DEPRESSES, -0.02)]
)
def test_a_pair_of_lag_zero(zero_lag, change):
    """Post at 49 ms reaches the synapse with pre at 50; a later pre depresses, too."""
    course = one_synapse([500, 900], [490])
    constants = CONSTANTS | {"A_plus": 0.01, "A_minus": 0.02, "tau_minus": 30.0}
    rule = Rule(zero_lag=zero_lag)
    (weight,) = weights_after(
        rule, arrivals(course, 1.0), [constants | BOUNDS | {"w_max": 1.0}], course.initial
    ).ravel()
    assert weight == pytest.approx(0.5 + change - 0.02 * np.exp(-40 / 30), rel=1e-12)


def test_parts_of_delays():
    delays = np.array([1, 2, 15])
    assert dendritic_steps(delays, 1.0).tolist() == [1, 2, 15]
    assert dendritic_steps(delays, 0.0).tolist() == [0, 0, 0]
    # At least one step, as on the backends.
    assert dendritic_steps(delays, 1e-4).tolist() == [1, 1, 1]
    assert dendritic_steps(delays, 0.5).tolist() == [1, 1, 8]
