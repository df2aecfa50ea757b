"""Random numbers for which a script gives no generator: drawn from the seed of `setup`.

Mends (seen in PyNN 0.13.0): a `RandomDistribution`, a structure in space or a `sample()` without
``rng`` has a generator that is seeded by the operating system, so that each process and backend
draws its own; a connector without ``rng`` has one and the same seed whatever the seed of `setup`,
so that two projections are copies. Generators of the script, with a seed, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from pyNN import random
from pyNN.parameters import LazyArray

from pipelines.errors import Unsupported

from .network_registry import Registry

# What PyNN seeds the generator of a connector with to which a script gives none.
_OF_CONNECTORS = 151985012


def drawing(registry: Registry) -> tuple[type, type]:
    """The classes `NumpyRNG` and `RandomDistribution` of a backend's module.

    Without a seed they draw from that of `setup`, also when a script asks them for numbers.
    """

    class NumpyRNG(random.NumpyRNG):
        __doc__ = random.NumpyRNG.__doc__

        def __init__(self, seed: int | None = None, parallel_safe: bool = True) -> None:
            # PyNN seeds it by the operating system, for which none of ours is to be taken.
            self.seeded_in: Any = registry.seeds
            # One sequence for all processes: each draws all of it, whatever the script wants.
            super().__init__(seed, parallel_safe=True)
            self.parallel_safe = parallel_safe
            self.seeded_in = None

        @property
        def rng(self) -> Any:
            """NumPy's generator."""
            seed(self, registry)
            return self._generator

        @rng.setter
        def rng(self, generator: Any) -> None:
            self._generator = generator

        def __deepcopy__(self, memo: Any) -> Any:
            copied = type(self).__new__(type(self))
            copied.__dict__.update(self.__dict__, _generator=deepcopy(self._generator, memo))
            return copied

        def __getattr__(self, name: str) -> Any:
            if name[:2] == "__":
                # Or it cannot be copied or read from a pickle.
                raise AttributeError(name)
            return super().__getattr__(name)

    class RandomDistribution(random.RandomDistribution):
        __doc__ = random.RandomDistribution.__doc__

        def __init__(
            self, distribution: str, parameters_pos: Any = None, rng: Any = None, **named: Any
        ) -> None:
            super().__init__(distribution, parameters_pos, rng or NumpyRNG(), **named)

    return NumpyRNG, RandomDistribution


def seed_all(values: dict[str, Any], registry: Registry) -> None:
    """Give those values that are drawn without a generator of the script's one of their own.

    It is another one for each construct: PyNN draws from a copy of a distribution, so that two
    populations, or projections, with one distribution would be copies.

    Parameters
    ----------
    values
        Parameters or initial values by name, of which some may be distributions.
    registry
        Of the present `setup`.

    Raises
    ------
    Unsupported
        For a `NativeRNG`.
    """
    for name in sorted(values):
        for distribution in _distributions(values[name]):
            distribution.rng = _own(distribution.rng, registry)


def _own(rng: Any, registry: Registry, not_the_scripts: int | None = None) -> Any:
    """A generator with the script's seed, or else a new one that is seeded by `setup`."""
    if isinstance(rng, random.NumpyRNG) and rng.seed in (None, not_the_scripts):
        rng = type(rng)(parallel_safe=rng.parallel_safe)
    seed(rng, registry)
    return rng


def _distributions(value: Any) -> Iterator[random.RandomDistribution]:
    """The distributions in a value, which may be computed from several."""
    if isinstance(value, random.RandomDistribution):
        yield value
    elif isinstance(value, LazyArray):
        yield from _distributions(value.base_value)
        for _, operand in value.operations:
            yield from _distributions(operand)


def seed(rng: Any, registry: Registry) -> None:
    """Seed a generator that has no seed, once in a `setup`.

    Raises
    ------
    Unsupported
        For a `NativeRNG`.
    """
    if isinstance(rng, random.NativeRNG):
        raise Unsupported(
            "NativeRNG", "each simulator would draw numbers of its own", allowed="NumpyRNG"
        )
    if not isinstance(rng, random.NumpyRNG) or rng.seed is not None:
        return
    if vars(rng).get("seeded_in") is not registry.seeds:
        rng.seeded_in = registry.seeds
        rng.rng.seed(registry.next_seeds().generate_state(4))


def seed_connector(connector: Any, registry: Registry) -> None:
    """Give a connector, and what it draws, generators of their own: see `seed_all`.

    Raises
    ------
    Unsupported
        For a `NativeRNG`.
    """
    if hasattr(connector, "rng"):
        connector.rng = _own(connector.rng, registry, _OF_CONNECTORS)
    seed_all(getattr(connector, "__dict__", {}), registry)


def seed_structure(structure: Any, registry: Registry) -> None:
    """Seed the generator of positions in space, of a structure that draws them."""
    if getattr(structure, "fill_order", "sequential") == "random" and structure.rng is None:
        structure.rng = random.NumpyRNG()
    seed(getattr(structure, "rng", None), registry)


class Sampled:
    """Mixin of populations, views and assemblies: `sample` draws from the seed of `setup`."""

    _registry: Registry

    def sample(self, n: int, rng: Any = None) -> Any:
        """A view, or assembly, of `n` cells that are drawn without replacement."""
        rng = rng or random.NumpyRNG()
        seed(rng, self._registry)
        return super().sample(n, rng)  # type: ignore[misc]
