"""Names of PyNN's that a backend has not, refused when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from pipelines.errors import Unsupported


class Missing(Unsupported, AttributeError):
    """A name that other backends have and this one has not, such as `MultiCompartmentNeuron`."""


def refuse_missing(module: str, label: str, has: Mapping[str, Any]) -> Callable[[str], NoReturn]:
    """The ``__getattr__`` of a backend's module.

    Parameters
    ----------
    module, label
        Names of the module, and of the simulator for a message.
    has
        What the module defines: its ``globals()``.
    """

    def missing(name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        among = sorted(known for known, value in has.items() if isinstance(value, type))
        raise Missing(name, f"{label} has no such model", given=name, among=among)

    return missing
