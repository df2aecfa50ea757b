"""All rows of the support matrix, and the classes of PyNN that they cover."""

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

# Modules of PyNN that define the classes of a network's parts.
_MODULES = (
    _pynn_cells, _pynn_synapses, electrodes, receptors, ion_channels, _pynn_connectors, space,
)  # fmt: skip

BASES = frozenset({
    "Connector", "MapConnector", "FixedNumberConnector", "BaseStructure", "Shape",
})  # fmt: skip
"""Abstract classes, of which scripts use only subclasses."""

_MODELS = (
    base.StandardModelType, base.StandardCurrentSource, base.StandardPostSynapticResponse,
    base.STDPWeightDependence, base.STDPTimingDependence, _pynn_connectors.Connector,
)  # fmt: skip


def pynn_classes() -> set[str]:
    """Names of PyNN's classes for the parts of a network."""
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
    """Classes that no row covers, sorted."""
    said = {name for one in ROWS.values() for name in one.classes}
    return sorted(set(classes) - said)


def rows_of(pattern: str = "") -> list[Row]:
    """Rows whose kind and name contain `pattern`, ignoring case, in order of their kinds."""
    found = [one for one in ROWS.values() if pattern.lower() in one.key.lower()]
    return sorted(found, key=lambda one: KINDS.index(one.kind))
