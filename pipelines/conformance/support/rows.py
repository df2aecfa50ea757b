"""All rows of the support matrix, and the classes of PyNN that they are about."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from types import ModuleType

from pyNN import connectors as _pynn_connectors
from pyNN import space
from pyNN.standardmodels import base, electrodes, ion_channels, receptors
from pyNN.standardmodels import cells as _pynn_cells
from pyNN.standardmodels import synapses as _pynn_synapses

from . import cell_types, connectors, mid_run_changes, operations, sources, synapses  # noqa: F401 - they add rows
from .row import KINDS, ROWS, Row

# Modules that define what a network is made of.
_MODULES = (
    _pynn_cells, _pynn_synapses, electrodes, receptors, ion_channels, _pynn_connectors, space,
)  # fmt: skip

BASES = frozenset({
    "Connector", "MapConnector", "FixedNumberConnector", "BaseStructure", "Shape",
})  # fmt: skip
"""Classes that no script makes an object of: their subclasses are what is used."""

_MODELS = (
    base.StandardModelType, base.StandardCurrentSource, base.StandardPostSynapticResponse,
    base.STDPWeightDependence, base.STDPTimingDependence, _pynn_connectors.Connector,
)  # fmt: skip


def pynn_classes() -> set[str]:
    """Names of PyNN's classes of which networks are made."""
    return {
        name
        for module in _MODULES
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__
    } - BASES


def classes_of(sim: ModuleType) -> set[str]:
    """Names of the classes of models and connectors that a backend itself defines or corrects."""
    return {
        value.__name__
        for name, value in vars(sim).items()
        if inspect.isclass(value)
        and issubclass(value, _MODELS)
        and value.__module__.startswith("pipelines.")
    }


def silent(classes: Iterable[str]) -> list[str]:
    """Those of some classes that no row says anything of."""
    said = {name for one in ROWS.values() for name in one.classes}
    return sorted(set(classes) - said)


def rows_of(pattern: str = "") -> list[Row]:
    """Rows whose kind and name contain `pattern`, in upper or lower case, by kind."""
    found = [one for one in ROWS.values() if pattern.lower() in one.key.lower()]
    return sorted(found, key=lambda one: KINDS.index(one.kind))
