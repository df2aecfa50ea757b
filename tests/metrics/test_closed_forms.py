"""Closed forms against numbers that were worked out elsewhere."""

import numpy as np
import pytest

from pipelines.metrics import closed_forms as forms

CELL = {"tau_m": 20.0, "cm": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0}


def test_rheobase():
    assert forms.lif_rheobase(20.0, 0.25, -65.0, -50.0) == pytest.approx(0.1875)
    assert forms.lif_rheobase(10.0, 1.0, -70.0, -50.0) == pytest.approx(2.0)


def test_rate_is_the_textbook_formula():
    expected = 1000.0 / (2.0 + 20.0 * np.log(40.0 / 25.0))
    assert forms.lif_rate(0.5, **CELL, tau_refrac=2.0) == pytest.approx(expected, rel=1e-14)


def test_no_spike_at_and_below_the_rheobase():
    assert forms.lif_rate([0.0, 0.1, 0.1875], **CELL, tau_refrac=2.0).tolist() == [0, 0, 0]
    assert np.isinf(forms.lif_grid_interval(0.1, **CELL, tau_refrac=2.0, timestep=0.1))


def test_grid_interval_of_the_conformance_numbers():
    # Spikes at 9.5 + 11.5 k with tau_refrac 2, at 9.5 + 9.6 k with 0.1.
    assert forms.lif_grid_interval(0.5, **CELL, tau_refrac=2.0, timestep=0.1) == pytest.approx(11.5)
    assert forms.lif_grid_interval(0.5, **CELL, tau_refrac=0.1, timestep=0.1) == pytest.approx(9.6)


def test_reset_away_from_rest():
    # From -60 mV: ln((40 - 5) / (40 - 15)).
    cell = CELL | {"v_reset": -60.0}
    assert forms.lif_charging_time(0.5, **cell) == pytest.approx(20 * np.log(35 / 25))


def test_whole_steps():
    assert forms.whole_steps_up([0.3, 0.31, 5.0], 0.1).tolist() == [3, 4, 50]


@pytest.mark.parametrize(
    ("delay", "fraction", "expected"),
    [
        (1.0, 1.0, (1.0, 0.0)),
        (5.0, 0.3, (1.5, 3.5)),
        (1.0, 0.0, (0.0, 1.0)),
        (0.3, 0.5, (0.2, 0.1)),
    ],
)
def test_parts_of_the_delay(delay, fraction, expected):
    assert forms.split_delay(delay, fraction, 0.1) == pytest.approx(expected)


def test_lag_is_counted_at_the_synapse():
    assert forms.lag_at_synapse(50.0, 60.0, 1.0, 4.0) == pytest.approx(13.0)


def test_additive_window():
    change = forms.stdp_change([10.0, -10.0, 0.0], A_plus=0.01, A_minus=0.02, tau_minus=30.0)
    expected = [0.01 * np.exp(-0.5), -0.02 * np.exp(-1 / 3), 0.0]
    assert change == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("rule", "up", "down"),
    [
        ("additive", 1.0, 1.0),
        ("multiplicative", 0.75, 0.25),
        ("additive_multiplicative", 1.0, 0.25),
        ("gutig", 0.75**0.2, 0.25**0.8),
    ],
)
def test_rules_scale_with_the_weight(rule, up, down):
    options = {"w_init": 0.25, "w_max": 4.0, "mu_plus": 0.2, "mu_minus": 0.8}
    change = forms.stdp_change([20.0, -20.0], rule=rule, **options)
    size = 4.0 * 0.01 * np.exp(-1)
    assert change == pytest.approx([size * up, -size * down], rel=1e-12)


def test_the_weight_stays_within_its_bounds():
    assert forms.stdp_change([1.0], w_init=1.0) == pytest.approx(0.0)
    assert forms.stdp_change([-1.0], w_init=0.005, A_minus=0.5) == pytest.approx(-0.005)


def test_rounded_zero_lag_is_no_lag():
    assert forms.stdp_change([1e-14, -1e-14]).tolist() == [0.0, 0.0]


def test_unknown_rule():
    with pytest.raises(ValueError, match="unknown weight rule 'hebb'"):
        forms.stdp_change([1.0], rule="hebb")
