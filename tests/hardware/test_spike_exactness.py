"""A chip is the same imperfect network on every backend: spikes to the step, weights, mapping."""

import pytest

from tests.hardware.networks import (
    BACKENDS,
    VARIANTS,
    assert_same,
    assert_same_mapping,
    number_of_spikes,
    play,
)

pytestmark = pytest.mark.usefixtures("interpreted")
OTHERS = BACKENDS[1:]
# What all constraints together see first, if they are not the same everywhere.
QUICK = ("all", "mismatch of all", "stochastic", "weight_levels")


def some_slow(*names):
    """Names of variants, of which those that `QUICK` ones cover are marked as slow."""
    slow = {True: (), False: (pytest.mark.slow,)}
    return [pytest.param(name, marks=slow[name in QUICK]) for name in names]


def same_on_all(active, **options):
    """Play a network on all backends, compare, and return what the reference gave."""
    reference = play("reference", active, **options)
    assert number_of_spikes(reference) > 0
    for backend in OTHERS:
        other = play(backend, active, **options)
        assert_same(reference, other)
        assert_same_mapping(reference["mapping"], other["mapping"])
    return reference


def differs(one, other):
    with pytest.raises(AssertionError):
        assert_same(one, other)


@pytest.mark.parametrize("name", some_slow(*VARIANTS))
def test_backends_give_the_same_spikes_and_weights(name):
    constrained = same_on_all(VARIANTS[name])
    # And the constraint is there.
    differs(constrained, play("reference", {}))


@pytest.mark.parametrize("name", some_slow("fixed_pattern", "shared_parameters", "all"))
def test_cells_with_conductances(name):
    constrained = same_on_all(VARIANTS[name], conductances=True)
    differs(constrained, play("reference", {}, conductances=True))
