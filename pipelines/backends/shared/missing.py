"""Models of PyNN's that a backend has not, refused by name when they are used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pyNN.standardmodels import base, cells, electrodes, ion_channels, receptors, synapses

from pipelines.errors import Unsupported

_MODELS = {
    name
    for module in (cells, electrodes, ion_channels, receptors, synapses)
    for name, value in vars(module).items()
    if isinstance(value, type) and name not in vars(base)
} - {"ArrayParameter", "Sequence", "Section", "HasSections"} | {"AlphaPSR", "BetaPSR", "ExpPSR"}


def refuse_missing(module: str, label: str, has: Mapping[str, Any]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a backend's module.

    Parameters
    ----------
    module, label
        Names of the module, and of the simulator for a message.
    has
        What the module defines: its ``globals()``.
    """

    def missing(name: str) -> Any:
        if name[:1] == "_" or (name not in _MODELS and not name.startswith("native_")):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")

        def refuse(*_: Any, **__: Any) -> Any:
            among = sorted(_MODELS.intersection(has))
            raise Unsupported(name, f"{label} has no such model", given=name, among=among)

        return refuse

    return missing
