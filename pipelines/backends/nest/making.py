"""Making cells without asking NEST about each of them.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): PyNN asks NEST whether and as what each cell was made,
for which NEST lists all that it knows of every cell, five times a population.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nest
import numpy as np
from pyNN.nest import simulator
from pyNN.nest.populations import _build_params
from pyNN.standardmodels import StandardCellType


def make_cells(population: Any, as_stock_does: Callable[[], None]) -> None:
    """Create the cells of a population in this, the only process.

    Parameters
    ----------
    population
        With its cell type, before it has cells.
    as_stock_does
        PyNN's own way, taken where NEST refuses: it says why in PyNN's words.
    """
    celltype, size = population.celltype, population.size
    precision = simulator.state.spike_precision
    try:
        made = nest.Create(celltype.nest_name[precision], size, params=_parameters(celltype, size))
    except nest.NESTError:
        as_stock_does()
        return
    population.node_collection = made
    is_source = getattr(celltype, "uses_parrot", False)
    if is_source:
        # What has the parameters; if it cannot be connected and recorded, parrots are.
        population.node_collection_source = made
    if is_source and nest.GetDefaults(celltype.nest_name[precision])["element_type"] != "neuron":
        model = "parrot_neuron_ps" if precision == "off_grid" else "parrot_neuron"
        population.node_collection = nest.Create(model, size)
        population._deferred_parrot_connections = True
    population._mask_local = np.ones(size, dtype=bool)
    cells = [simulator.ID(node) for node in _ids(population.node_collection)]
    population.all_cells = np.array(cells, simulator.ID)
    for cell in cells:
        cell.parent = population
        cell.node_collection = nest.NodeCollection([int(cell)])
    if is_source:
        for cell, source in zip(cells, _ids(made), strict=True):
            cell.source = source


def _parameters(celltype: Any, size: int) -> Any:
    if not isinstance(celltype, StandardCellType):
        return _build_params(celltype.parameter_space, None, size=size)
    celltype.parameter_space.shape = (size,)
    extra = celltype.extra_parameters
    return _build_params(celltype.native_parameters, None, size=size, extra_parameters=extra)


def _ids(made: Any) -> range:
    """Ids of nodes that one call has made: they follow each other."""
    first = int(made[0].global_id)
    return range(first, first + len(made))
