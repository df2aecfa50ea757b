"""Spread and shared parameters on a chip, against closed forms."""

import numpy as np
import pytest

from pipelines.hardware.parameter_values import (
    has_scale,
    is_positive,
    reset_below_threshold,
    shared_values,
    spread_values,
)

N = 400_000
UNIFORM = np.random.default_rng(3).random(N)


def check_moments(values, mean, sd):
    """Mean and standard deviation, each within 4.5 standard errors (those of a heavy tail)."""
    assert abs(values.mean() - mean) <= 4.5 * sd / np.sqrt(N)
    kurtosis = np.mean(((values - mean) / sd) ** 4)
    assert abs(values.std() / sd - 1) <= 4.5 * np.sqrt((kurtosis - 1) / N) / 2


@pytest.mark.parametrize("cv", [0.05, 0.2, 0.5])
def test_lognormal_values_have_the_asked_mean_and_cv_and_sign(cv):
    values = spread_values(np.full(N, 20.0), UNIFORM, {"distribution": "lognormal", "cv": cv})
    check_moments(values, 20.0, 20.0 * cv)
    assert values.min() > 0
    logs = np.log(values)
    assert abs(logs.std() - np.sqrt(np.log1p(cv**2))) < 0.01 * cv


@pytest.mark.parametrize(("given", "sd"), [({"cv": 0.2}, 4.0), ({"sd": 1.5}, 1.5)])
def test_normal_values_have_the_asked_mean_and_width(given, sd):
    values = spread_values(np.full(N, 20.0), UNIFORM, {"distribution": "normal", **given})
    check_moments(values, 20.0, sd)
    assert abs(np.mean(values < 20.0) - 0.5) < 4 * 0.5 / np.sqrt(N)


def test_spread_of_a_potential_is_relative_to_the_resting_potential():
    threshold, rest = np.full(N, -50.0), np.full(N, -65.0)
    values = spread_values(threshold, UNIFORM, {"distribution": "normal", "cv": 0.1}, rest)
    check_moments(values, -50.0, 1.5)
    values = spread_values(threshold, UNIFORM, {"distribution": "lognormal", "cv": 0.1}, rest)
    check_moments(values, -50.0, 1.5)
    assert values.min() > -65.0
    # An absolute width is the same anywhere.
    values = spread_values(threshold, UNIFORM, {"distribution": "normal", "sd": 2.0}, rest)
    check_moments(values, -50.0, 2.0)


@pytest.mark.parametrize("cv", [0.3, 0.5, 1.0])
def test_positive_values_are_cut_off_at_a_tenth_and_not_piled_up_there(cv):
    spread = {"distribution": "normal", "cv": cv}
    values = spread_values(np.full(N, 2.0), UNIFORM, spread, positive=True)
    assert values.min() >= 0.2 - 1e-12
    # The density above the cut is that of the normal distribution: its median is shifted.
    from scipy.stats import truncnorm

    exact = truncnorm((0.1 - 1) / cv, np.inf, loc=2.0, scale=2.0 * cv)
    check_moments(values, exact.mean(), exact.std())
    assert abs(np.mean(values < exact.ppf(0.01)) - 0.01) < 4 * np.sqrt(0.01 / N)


@pytest.mark.parametrize("distribution", ["normal", "lognormal"])
def test_the_same_numbers_give_the_same_deviates_at_every_width(distribution):
    asked = np.full(1000, 10.0)
    deviates = []
    for cv in (0.01, 0.1, 0.3):
        values = spread_values(asked, UNIFORM[:1000], {"distribution": distribution, "cv": cv})
        if distribution == "normal":
            deviates.append((values / 10.0 - 1) / cv)
        else:
            width = np.sqrt(np.log1p(cv**2))
            deviates.append((np.log(values / 10.0) + width**2 / 2) / width)
    np.testing.assert_allclose(deviates[0], deviates[1], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(deviates[0], deviates[2], rtol=1e-9, atol=1e-9)
    assert abs(np.std(deviates[0]) - 1) < 0.1


@pytest.mark.parametrize("spread", [{"cv": 0.0}, {"sd": 0.0}])
@pytest.mark.parametrize("positive", [False, True])
def test_no_width_is_what_was_asked_for(spread, positive):
    asked = np.array([0.0, 1.0, -65.0, 20.0])
    values = spread_values(
        asked, UNIFORM[:4], {"distribution": "normal", **spread}, positive=positive
    )
    np.testing.assert_array_equal(values, asked)


def test_each_neuron_is_spread_around_its_own_value():
    asked = np.repeat([1.0, 100.0], N // 2)
    values = spread_values(asked, UNIFORM, {"distribution": "normal", "cv": 0.1})
    np.testing.assert_allclose(values[: N // 2].mean(), 1.0, rtol=0.002)
    np.testing.assert_allclose(values[N // 2 :].std(), 10.0, rtol=0.02)


def test_neurons_of_a_block_share_their_mean():
    asked = np.array([1.0, 2.0, 3.0, 10.0, 20.0, 30.0, 7.0])
    assert shared_values(asked, 3).tolist() == [2.0, 2.0, 2.0, 20.0, 20.0, 20.0, 7.0]
    assert shared_values(asked, 1).tolist() == asked.tolist()
    np.testing.assert_allclose(shared_values(asked, 1000), np.full(7, asked.mean()), rtol=1e-15)
    # The mean of a population of whole blocks is what it was.
    drawn = np.random.default_rng(1).normal(size=64)
    np.testing.assert_allclose(shared_values(drawn, 16).mean(), drawn.mean(), rtol=1e-12)


def test_equal_values_are_shared_to_the_last_bit():
    assert shared_values(np.full(1000, 0.1), 7).tolist() == [0.1] * 1000


def test_which_parameters_have_a_scale():
    scaled = {"tau_m", "tau_syn_E", "tau_refrac", "tau_w", "cm", "g_leak", "v_thresh"}
    others = {"v_rest", "v_reset", "e_rev_E", "i_offset", "a", "b", "delta_T", "v_spike"}
    assert {name for name in scaled | others if has_scale(name)} == scaled
    assert {name for name in scaled | others if is_positive(name)} == scaled - {"v_thresh"}
    # Parameters of a receptor of a `PointNeuron`.
    assert is_positive("AMPA.tau_syn") and not is_positive("AMPA.e_syn")


def test_reset_potentials_stay_below_thresholds():
    reset = reset_below_threshold(np.array([-65.0, -50.0, -40.0]), np.full(3, -50.0))
    assert reset.tolist() == [-65.0, -50.1, -50.1]
