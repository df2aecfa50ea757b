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


@pytest.mark.parametrize("name", VARIANTS)
def test_backends_give_the_same_spikes_and_weights(name):
    constrained = same_on_all(VARIANTS[name])
    # And the constraint is there.
    differs(constrained, play("reference", {}))


@pytest.mark.parametrize("name", ["fixed_pattern", "shared_parameters", "all"])
def test_cells_with_conductances(name):
    constrained = same_on_all(VARIANTS[name], conductances=True)
    differs(constrained, play("reference", {}, conductances=True))
