"""Random numbers for which a script gives no generator: drawn from the seed of `setup`.

Mends (seen in PyNN 0.13.0): a `RandomDistribution` or `RandomStructure` without ``rng`` has a
generator that is seeded by the operating system, so that each process and backend draws its own.
Generators of the script, with a seed, are left alone.
"""

from __future__ import annotations

from typing import Any

from pyNN.parameters import LazyArray
from pyNN.random import NumpyRNG, RandomDistribution

from .registry import Registry


def seed_all(values: dict[str, Any], registry: Registry) -> None:
    """Seed the generators of those values that are drawn without one of the script's.

    Parameters
    ----------
    values
        Parameters or initial values by name, of which some may be distributions.
    registry
        Of the present `setup`.
    """
    for name in sorted(values):
        value = values[name]
        base = value.base_value if isinstance(value, LazyArray) else value
        if isinstance(base, RandomDistribution):
            seed(base.rng, registry)


def seed(rng: Any, registry: Registry) -> None:
    """Seed a generator that has no seed, once in a `setup`."""
    if not isinstance(rng, NumpyRNG) or rng.seed is not None:
        return
    if vars(rng).get("seeded_in") is not registry.seeds:
        rng.seeded_in = registry.seeds
        rng.rng.seed(registry.next_seeds().generate_state(4))
