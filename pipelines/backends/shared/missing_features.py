"""Features of PyNN that a backend lacks, refused by name when they are used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pyNN.standardmodels import (
    StandardCellType,
    base,
    cells,
    electrodes,
    ion_channels,
    receptors,
    synapses,
)

from pipelines.errors import Unsupported

# PyNN's models, each with all models of its kind.
_MODELS = {
    name: names
    for module in (cells, electrodes, ion_channels, receptors, synapses)
    for names in [
        {name for name, value in vars(module).items() if isinstance(value, type)}
        - {*vars(base), "ArrayParameter", "Sequence", "Section", "HasSections"}
        | ({"AlphaPSR", "BetaPSR", "ExpPSR"} if module is receptors else set())
    ]
    for name in names
}
# Features that PyNN has for one simulator only, with their descriptions.
_NATIVE = {
    "NativeRNG": "numbers that a simulator draws for itself; use NumpyRNG",
    "NativeCellType": "cells that one simulator has",
    "NativeSynapseType": "synapses that one simulator has",
    "NativeElectrodeType": "current sources that one simulator has",
    "native_cell_type": "cells that one simulator has",
    "native_synapse_type": "synapses that one simulator has",
    "native_electrode_type": "current sources that one simulator has",
    "nestml": "models in a language that one simulator compiles",
    "MultiCompartmentNeuron": "cells of several compartments, which NEURON and Arbor have",
    "IntFire1": "an artificial cell of NEURON",
    "IntFire2": "an artificial cell of NEURON",
    "IntFire4": "an artificial cell of NEURON",
}


class MissingFeature:
    """Placeholder of a missing feature: every use of it is refused."""

    def __init__(self, name: str, problem: str, among: list[str]) -> None:
        vars(self)["_refusal"] = Unsupported(name, problem, given=name, among=among)

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise self._refusal

    def __getattr__(self, name: str) -> Any:
        if name[:1] == "_":
            raise AttributeError(name)
        raise self._refusal

    def __setattr__(self, name: str, value: Any) -> None:
        raise self._refusal


def module_getattr(module: str, label: str, namespace: Mapping[str, Any]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a backend's module, which gives placeholders.

    Parameters
    ----------
    module, label
        Names of the module, and of the simulator for messages.
    namespace
        The module's ``globals()``.
    """

    def missing(name: str) -> Any:
        if name not in _MODELS and name not in _NATIVE:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        if name in _NATIVE:
            return MissingFeature(name, f"{label} has none: {_NATIVE[name]}", [])
        alternatives = sorted(_MODELS[name].intersection(namespace))
        return MissingFeature(name, f"{label} has no such model", alternatives)

    return missing


def list_standard_models(namespace: Mapping[str, Any]) -> list[str]:
    """Names of the standard cell types in a module's ``globals()``."""
    return [
        name
        for name, value in namespace.items()
        if isinstance(value, type)
        and issubclass(value, StandardCellType)
        and name not in ("StandardCellType", "PointNeuron")
    ]
