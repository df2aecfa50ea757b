"""Default random number generators, seeded by the `rng_seed` of `setup`.

Mends (seen in PyNN 0.13.0): a `RandomDistribution`, a structure in space or a `sample()` without
``rng`` is seeded by the operating system, so that each process and backend draws other numbers; a
connector without ``rng`` has a constant seed whatever the seed of `setup`, so that two projections
are copies. Generators to which the script gives a seed are not changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from pyNN import random
from pyNN.parameters import LazyArray

from pipelines.errors import Unsupported

from .network_registry import Registry

# PyNN's constant seed of connectors without `rng`.
_CONNECTOR_SEED = 151985012


def seeded_classes(registry: Registry) -> tuple[type, type]:
    """The classes `NumpyRNG` and `RandomDistribution` of a backend's module.

    Generators without a seed are seeded by that of `setup`, also those that a script draws from.
    """

    class NumpyRNG(random.NumpyRNG):
        __doc__ = random.NumpyRNG.__doc__

        def __init__(self, seed: int | None = None, parallel_safe: bool = True) -> None:
            # PyNN's constructor seeds by the operating system: no seed of the registry is used.
            self.seeded_by: Any = registry.seeds
            # All processes draw one and the same sequence, whatever the argument.
            super().__init__(seed, parallel_safe=True)
            self.parallel_safe = parallel_safe
            self.seeded_by = None

        @property
        def rng(self) -> Any:
            """NumPy's generator."""
            seed_generator(self, registry)
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
                # Otherwise copying and unpickling fail.
                raise AttributeError(name)
            return super().__getattr__(name)

    class RandomDistribution(random.RandomDistribution):
        __doc__ = random.RandomDistribution.__doc__

        def __init__(
            self, distribution: str, parameters_pos: Any = None, rng: Any = None, **named: Any
        ) -> None:
            super().__init__(distribution, parameters_pos, rng or NumpyRNG(), **named)

    return NumpyRNG, RandomDistribution


def seed_distributions(values: dict[str, Any], registry: Registry) -> None:
    """Give each distribution without a seeded generator a new one.

    Each construct needs its own: PyNN draws from a copy of a distribution, so that two populations
    or projections with the same distribution would be copies.

    Parameters
    ----------
    values
        Parameters or initial values by name, some of them distributions.
    registry
        Registry of the present `setup`.

    Raises
    ------
    Unsupported
        For a `NativeRNG`.
    """
    for name in sorted(values):
        for distribution in _distributions(values[name]):
            distribution.rng = _seeded_generator(distribution.rng, registry)


def _seeded_generator(rng: Any, registry: Registry, default_seed: int | None = None) -> Any:
    """The generator itself if the script seeded it, else a new one seeded by `setup`."""
    if isinstance(rng, random.NumpyRNG) and rng.seed in (None, default_seed):
        rng = type(rng)(parallel_safe=rng.parallel_safe)
    seed_generator(rng, registry)
    return rng


def _distributions(value: Any) -> Iterator[random.RandomDistribution]:
    """The distributions that a value is computed from."""
    if isinstance(value, random.RandomDistribution):
        yield value
    elif isinstance(value, LazyArray):
        yield from _distributions(value.base_value)
        for _, operand in value.operations:
            yield from _distributions(operand)


def seed_generator(rng: Any, registry: Registry) -> None:
    """Seed a generator that has no seed, once in each `setup`.

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
    if vars(rng).get("seeded_by") is not registry.seeds:
        rng.seeded_by = registry.seeds
        rng.rng.seed(registry.next_seeds().generate_state(4))


def seed_connector(connector: Any, registry: Registry) -> None:
    """Seed the generator and the distributions of a connector, see `seed_distributions`.

    Raises
    ------
    Unsupported
        For a `NativeRNG`.
    """
    if hasattr(connector, "rng"):
        connector.rng = _seeded_generator(connector.rng, registry, _CONNECTOR_SEED)
    seed_distributions(getattr(connector, "__dict__", {}), registry)


def seed_structure(structure: Any, registry: Registry) -> None:
    """Seed the generator of a structure in space that draws positions."""
    if getattr(structure, "fill_order", "sequential") == "random" and structure.rng is None:
        structure.rng = random.NumpyRNG()
    seed_generator(getattr(structure, "rng", None), registry)


class SampleMixin:
    """Mixin of populations, views and assemblies: `sample` draws from the seed of `setup`."""

    _registry: Registry

    def sample(self, n: int, rng: Any = None) -> Any:
        """View or assembly of `n` cells, drawn without replacement."""
        rng = rng or random.NumpyRNG()
        seed_generator(rng, self._registry)
        return super().sample(n, rng)  # type: ignore[misc]
