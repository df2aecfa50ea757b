"""Reading and setting the parameters of nodes, of populations and views on NEST."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import nest
import numpy as np
import pyNN.nest as stock
from pyNN.nest.populations import PopulationMixin, _build_params
from pyNN.parameters import ArrayParameter, LazyArray, ParameterSpace, simplify

from pipelines.errors import Unsupported

from ..shared.value_checks import refuse_invalid_parameters
from . import mpi_processes
from .cell_creation import set_status
from .cell_types import PointNeuron


@contextmanager
def nest_errors_as_unsupported(where: str) -> Iterator[None]:
    """Within this block errors of NEST are raised as `Unsupported`, with NEST's message.

    Parameters
    ----------
    where
        The operation, for the message.
    """
    try:
        yield
    except nest.NESTError as error:
        reason = str(error).strip().splitlines()[0]
        raise Unsupported(where, reason, allowed="values that NEST's model takes") from error


def _computed_dependants(celltype: Any, given: Iterable[str]) -> list[str]:
    """Names of other parameters whose NEST values are computed with the given ones."""
    translations = getattr(celltype, "translations", {})
    found = []
    for name, translation in translations.items():
        formula = translation["forward_transform"]
        if translation["type"] == "computed" and isinstance(formula, str):
            words = set(re.findall(r"[A-Za-z_]\w*", formula))
            if name not in given and words & set(given):
                found.append(name)
    return found


def numeric_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that are numbers or arrays of numbers; drawn values are checked by NEST."""
    found = {}
    for name, given in parameters.items():
        lazy = isinstance(given, LazyArray)
        value = given.base_value if lazy and not given.operations else given
        if isinstance(value, int | float) or np.asarray(value).dtype.kind in "if":
            found[name] = value
    return found


class NodeParameters(PopulationMixin):
    """Base of populations and views: reading and setting parameters, also array elements."""

    celltype: Any
    node_collection: Any
    local_size: int

    def set(self, **parameters: Any) -> None:
        """Set parameters of every cell, without changing others.

        PyNN translates ``tau_m`` to a leak conductance ``cm / tau_m``. If only ``cm`` were set,
        the conductance would stay the same and tau_m change.
        """
        refuse_invalid_parameters(self.celltype, numeric_parameters(parameters))
        involved = _computed_dependants(self.celltype, parameters)
        # With an empty list PyNN would read all parameters of every cell.
        found = self.get(involved, simplify=False) if involved else []
        super().set(**parameters | dict(zip(involved, found, strict=True)))

    def _get_parameters(self, *names: str) -> Any:
        # The stock method treats array-valued parameters as those of several receptors.
        if not isinstance(self.celltype, PointNeuron | stock.GIF_cond_exp):
            return super()._get_parameters(*names)
        in_nest = self._get_native_parameters(*self.celltype.get_native_names())
        all_of_them = self.celltype.reverse_translate(in_nest)
        values = {name: all_of_them[name] for name in names}
        return ParameterSpace(values, shape=(self.local_size,))

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        whole = [name for name in names if "[" not in name]
        # PyNN's method reads only the nodes of this process.
        several = mpi_processes.is_distributed()
        space = (
            self._gathered_parameters(whole) if several else super()._get_native_parameters(*whole)
        )
        for name in names:
            array, bracket, place = name.partition("[")
            if bracket:
                values = np.array(mpi_processes.get_status(self.node_collection, array))
                space[name] = simplify(values[:, int(place.rstrip("]"))])
        return space

    def _gathered_parameters(self, names: list[str]) -> ParameterSpace:
        """Parameters by NEST's names, of nodes distributed over several processes."""
        nodes = getattr(self, "node_collection_source", self.node_collection)
        values = {}
        for name in names:
            each = mpi_processes.get_status(nodes, name)
            if np.ndim(each[0]):
                lists = simplify(np.array([ArrayParameter(one) for one in each]))
                values[name] = LazyArray(lists, shape=(self.local_size,), dtype=ArrayParameter)
            else:
                values[name] = simplify(np.array(each))
        return ParameterSpace(values, shape=(self.local_size,))


class ViewNodes(NodeParameters, stock.PopulationView):
    """Base of views: their node collections, which NEST keeps in ascending order."""

    @property
    def node_collection(self) -> Any:
        return self._nodes(self.grandparent.node_collection)

    @property
    def node_collection_source(self) -> Any:
        return self._nodes(self.grandparent.node_collection_source)

    def _nodes(self, whole: Any) -> Any:
        first = int(whole[0].global_id)
        return nest.NodeCollection((first + np.sort(self._rows())).tolist())

    def _set_parameters(self, parameter_space: Any) -> None:
        each = _build_params(
            single_cell_parameters(parameter_space, self.size), np.arange(self.size)
        )
        if isinstance(each, list):
            each = [each[k] for k in np.argsort(self._rows())]
        is_source = getattr(self.celltype, "uses_parrot", False)
        with nest_errors_as_unsupported(f"set() on {self.label!r} on NEST"):
            set_status(self.node_collection_source if is_source else self.node_collection, each)

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        in_nest = super()._get_native_parameters(*names)
        in_nest.evaluate(simplify=False)
        order = np.argsort(np.argsort(self._rows()))
        values = {name: np.ravel(value)[order] for name, value in in_nest.items()}
        return ParameterSpace(values, shape=(self.size,))


def single_cell_parameters(space: Any, size: int) -> Any:
    """Parameters as numbers for a single cell, for which PyNN cannot evaluate drawn values."""
    if size > 1 or space.is_homogeneous or "spike_times" in space.keys():  # noqa: SIM118
        return space
    space.evaluate(simplify=False)
    flat = {name: np.ravel(value) for name, value in space.items()}
    # An array-valued parameter stays an array.
    values = {name: one if one.dtype == object else one[0] for name, one in flat.items()}
    return ParameterSpace(values, shape=(1,))
