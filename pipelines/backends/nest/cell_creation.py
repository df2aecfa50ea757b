"""Creation of nodes and setting of their parameters, with few queries: a tenth of a small run.

Mends (seen in NEST 3.10.0): a refractory period that ends less than 0.5 us after a time step is a
step shorter than elsewhere (row "tau_refrac off grid").

PyNN queries the status of every new cell, and NEST's Python layer reads the whole status of a node
whenever it sets a value: five complete status lists per population, 0.9 ms for 81 cells. No row of
the register: only the running time differs (seen in PyNN 0.13.0, NEST 3.10.0).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import nest
import numpy as np
from nest import nestkernel_api
from pyNN.nest import simulator
from pyNN.nest.populations import _build_params
from pyNN.standardmodels import StandardCellType

from ..shared.time_grid import ceil_steps, to_ms
from . import mpi_processes
from .cell_types import PointNeuron, merge_array_elements

# NEST's smallest unit of time, a "tic", is 1 us.
_UNITS_PER_MS = 1000


class Cell(simulator.ID):
    __doc__ = simulator.ID.__doc__
    # Every MPI process has the records of all cells: see `mpi_processes`.
    local = True

    @cached_property
    def node_collection(self) -> Any:
        """NEST's handle of this cell, created on first use, which is rare."""
        return nest.NodeCollection([int(self)])


def create_cells(population: Any, stock_create: Callable[[], None]) -> None:
    """Create the cells of a population.

    Parameters
    ----------
    population
        Population with a cell type and no cells yet.
    stock_create
        PyNN's own creation of the cells, called if NEST raises an error: its message is PyNN's.
    """
    celltype, size = population.celltype, population.size
    precision = simulator.state.spike_precision
    try:
        made = _create_nodes(celltype, celltype.nest_name[precision], size)
    except nest.NESTError:
        if isinstance(celltype, PointNeuron):
            raise
        stock_create()
        return
    population.node_collection = made
    is_source = getattr(celltype, "uses_parrot", False)
    if is_source:
        # The nodes with the parameters; devices are connected and recorded through parrot neurons.
        population.node_collection_source = made
    if is_source and nest.GetDefaults(celltype.nest_name[precision])["element_type"] != "neuron":
        model = "parrot_neuron_ps" if precision == "off_grid" else "parrot_neuron"
        population.node_collection = nest.Create(model, size)
        population._deferred_parrot_connections = True
    population._mask_local = np.ones(size, dtype=bool)
    _wrap_cells(population)


def create_sources(population: Any, generated: bool) -> None:
    """Create the nodes of a population of spike sources.

    Parameters
    ----------
    population
        Population of spike sources without nodes yet.
    generated
        Whether the sources are `spike_generator` devices, each with a parrot neuron behind it, or
        `spike_train_injector` nodes, which are connected like neurons.
    """
    size = population.size
    model = "spike_generator" if generated else "spike_train_injector"
    population.node_collection = population.node_collection_source = nest.Create(model, size)
    if generated:
        off_grid = simulator.state.spike_precision == "off_grid"
        parrot = "parrot_neuron_ps" if off_grid else "parrot_neuron"
        population.node_collection = nest.Create(parrot, size)
        population._deferred_parrot_connections = True
    population._mask_local = np.ones(size, dtype=bool)
    _wrap_cells(population)


def _wrap_cells(population: Any) -> None:
    """Create PyNN's cell objects for the nodes of a population."""
    cells = [Cell(node) for node in _ids(population.node_collection)]
    population.all_cells = np.array(cells, simulator.ID)
    for cell in cells:
        cell.parent = population
    if "node_collection_source" in vars(population):
        for cell, source in zip(cells, _ids(population.node_collection_source), strict=True):
            cell.source = source


def _create_nodes(celltype: Any, model: str, size: int) -> Any:
    if not isinstance(celltype, StandardCellType):
        # Native models may take lists, which only NEST's Python layer handles.
        parameters = _build_params(celltype.parameter_space, None, size=size)
        return nest.Create(model, size, params=parameters)
    celltype.parameter_space.shape = (size,)
    extra = celltype.extra_parameters
    parameters = _build_params(celltype.native_parameters, None, size=size, extra_parameters=extra)
    made = nest.Create(model, size)
    set_status(made, parameters)
    return made


def _ids(made: Any) -> range:
    """Node ids created by one call of ``nest.Create``, which are consecutive."""
    first = int(made[0].global_id)
    return range(first, first + len(made))


def set_status(nodes: Any, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
    """Set parameters of nodes, as ``nodes.set`` does, without reading their status first.

    Parameters
    ----------
    nodes
        A ``nest.NodeCollection``.
    parameters
        NEST's names and units: one dictionary for all nodes, or one for each. A value is that of
        one node; a list is not distributed over the nodes. "tau_syn[0]" is an array element.

    Raises
    ------
    nest.NESTError
        If NEST does not accept a parameter.
    """
    each = [parameters] if isinstance(parameters, Mapping) else list(parameters)
    if any("t_ref" in one for one in each):
        each = _with_whole_refractory_steps(each, float(simulator.state.dt))
    if len(nodes) and each:
        if any("[" in name for name in each[0]):
            each = [merge_array_elements(one) for one in each]
        if mpi_processes.is_distributed() and len(each) > 1:
            # Only the process that owns a node needs its parameters.
            here = mpi_processes.local_mask(np.asarray(nodes.tolist(), dtype=np.int64))
            each = [one if own else {} for one, own in zip(each, here.tolist(), strict=True)]
        nestkernel_api.llapi_set_nc_status(nodes._datum, each)


def _with_whole_refractory_steps(each: list[Any], dt: float) -> list[Any]:
    """Parameters of nodes whose refractory periods last ``ceil(t_ref / dt)`` steps in NEST.

    NEST rounds times to its smallest unit first.
    """
    asked = np.array([one.get("t_ref", 0.0) for one in each], dtype=float)
    steps, unit = ceil_steps(asked, dt), round(dt * _UNITS_PER_MS)
    in_nest = -(-np.rint(asked * _UNITS_PER_MS) // unit)
    shorter = np.flatnonzero(in_nest != steps)
    return [
        {**one, "t_ref": float(to_ms(steps[k], dt))} if k in shorter else one
        for k, one in enumerate(each)
    ]
