"""A projection that makes all its synapses in one go and reads them back as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from pyNN import common
from pyNN.random import NativeRNG
from pyNN.space import Space

from pipelines.errors import Unsupported

from .connection import Connection
from .edges import EdgeCollector, Edges, check_bounds, check_edges
from .registry import Registry

# How values of several synapses of one pair are put together, and what that begins with.
_COMBINE: dict[str, tuple[np.ufunc, float]] = {
    "sum": (np.add, 0.0),
    "min": (np.minimum, np.inf),
    "max": (np.maximum, -np.inf),
}


class BulkProjection:
    """Mixin, in front of a backend's stock `Projection`.

    The connector runs as it is; what it passes is collected and handed to `_create`. A synapse
    type that only one simulator has keeps the stock way of connecting.
    """

    _registry: Registry
    edges: Edges
    label: str
    shape: tuple[int, int]
    synapse_type: Any
    pre: Any
    post: Any
    receptor_type: str
    _simulator: Any

    def __init__(
        self,
        presynaptic_population: Any,
        postsynaptic_population: Any,
        connector: Any,
        synapse_type: Any = None,
        source: Any = None,
        receptor_type: str | None = None,
        space: Space | None = None,
        label: str | None = None,
    ) -> None:
        arguments = (
            presynaptic_population, postsynaptic_population, connector, synapse_type, source,
            receptor_type, space or Space(), label,
        )  # fmt: skip
        self._registry.projections.append(self)
        self._collector: EdgeCollector | None = None
        self._cached: dict[str, Any] = {}
        if synapse_type is not None and not hasattr(synapse_type, "plastic"):
            super().__init__(*arguments)  # type: ignore[call-arg]
            return
        common.Projection.__init__(self, *arguments)
        if self.synapse_type.native_parameters.has_native_rngs or isinstance(
            getattr(connector, "rng", None), NativeRNG
        ):
            raise Unsupported(
                f"projection {self.label!r}",
                "NativeRNG: each simulator would draw numbers of its own",
                allowed="NumpyRNG",
            )
        self._collector = EdgeCollector()
        connector.connect(self)
        self.edges = self._collector.edges()
        if len(self.edges):
            # Connectors of lists leave out what the parts of a plastic synapse have no name for.
            constants = getattr(self.synapse_type, "constants", {})
            complete = replace(self.edges, parameters={**constants, **self.edges.parameters})
            self.edges = complete.on_grid(self._registry.timestep, self.label)
            self._check()
            self._create()

    def _check(self) -> None:
        check_edges(
            self.edges,
            dt=self._registry.timestep,
            min_delay=self._registry.min_delay,
            max_delay=self._registry.max_delay,
            receptor_type=self.receptor_type,
            conductance_based=self.post.conductance_based,
            label=self.label,
        )
        if self.synapse_type.plastic:
            negative = self.receptor_type == "inhibitory" and not self.post.conductance_based
            check_bounds(self.edges, negative=negative, label=self.label)

    def _create(self) -> None:
        """Make the synapses of `edges` in the simulator."""
        raise NotImplementedError

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        """PyNN's values of attributes, and the addresses, each of shape (n_synapses,)."""
        raise NotImplementedError

    def read(self, names: list[str]) -> dict[str, np.ndarray]:
        """Values of attributes as arrays, one a synapse, in no order that can be relied on.

        Parameters
        ----------
        names
            ``"presynaptic_index"``, ``"postsynaptic_index"``, and names that `get` takes.

        Returns
        -------
        dict of ndarray, each of shape (n_synapses,)
        """
        return self._read(names) if len(self.edges) else {name: np.empty(0) for name in names}

    @property
    def bulk(self) -> bool:
        """Whether the synapses were made in one go, and can be read as arrays."""
        return self._collector is not None

    def _rows_read(self) -> np.ndarray:
        """For every synapse in the order of `_read`, its row in `edges`."""
        raise NotImplementedError

    def _create_anew(self) -> None:
        """Replace the synapses in the simulator by those of `edges`."""
        raise NotImplementedError

    def _undo(self) -> None:
        """Bring the simulator back to `edges` after a change that was refused."""

    def _write_weights(self, weights: np.ndarray) -> None:
        """Set all weights (PyNN's unit), one a synapse, in the order of `edges`."""
        raise NotImplementedError

    def _convergent_connect(
        self,
        presynaptic_indices: Any,
        postsynaptic_index: int,
        location_selector: Any = None,
        **parameters: Any,
    ) -> None:
        if self._collector is None:
            super()._convergent_connect(  # type: ignore[misc]
                presynaptic_indices, postsynaptic_index, location_selector, **parameters
            )
            return
        if location_selector is not None:
            raise Unsupported("location_selector", "neurons here are points")
        self._collector.add(presynaptic_indices, postsynaptic_index, parameters)

    def connect_pairs(self, cells: np.ndarray, parameters: dict[str, Any]) -> None:
        """Take synapses from cells to those with the same index, all with these parameters."""
        if self._collector is not None:
            self._collector.add_pairs(cells, cells, parameters)

    def __len__(self) -> int:
        if self._collector is None:
            return super().__len__()  # type: ignore[misc]
        return len(self.edges)

    def _get_attributes_as_list(self, names: list[str]) -> list[tuple[Any, ...]]:
        if self._collector is None:
            return super()._get_attributes_as_list(names)  # type: ignore[misc]
        if len(self.edges) == 0:
            return []
        values = self._read(list(names))
        return list(zip(*(values[name].tolist() for name in names), strict=True))

    def _get_attributes_as_arrays(
        self, names: list[str], multiple_synapses: str = "sum"
    ) -> list[np.ndarray]:
        if self._collector is None:
            return super()._get_attributes_as_arrays(names, multiple_synapses)  # type: ignore[misc]
        combine, start = _COMBINE[multiple_synapses]
        values = self._read(list(names)) if len(self.edges) else {}
        arrays = []
        for name in names:
            array = np.full(self.shape, np.nan)
            if values:
                address = values["presynaptic_index"], values["postsynaptic_index"]
                array[address] = start
                combine.at(array, address, values[name])
            arrays.append(array)
        return arrays

    def _set_attributes(self, parameter_space: Any) -> None:
        if self._collector is None:
            super()._set_attributes(parameter_space)  # type: ignore[misc]
            return
        parameter_space.evaluate(simplify=False)
        pre, post = self.edges.pre, self.edges.post
        values = {
            name: np.broadcast_to(np.asarray(value, dtype=float), self.shape)[pre, post]
            for name, value in parameter_space.items()
        }
        if len(self.edges):
            self._change(values)

    def _change(self, values: dict[str, np.ndarray]) -> None:
        """Give attributes new values, one a synapse, in the order of `edges`."""
        for name in values:
            if name not in self.edges.parameters:
                raise self._unknown(name)
        self._cached.clear()
        before = self.edges
        weights = before.array("weight") if "weight" not in values else values["weight"]
        given = {
            name: float(value[0]) if np.ptp(value) == 0 else value for name, value in values.items()
        }
        changed = replace(before, parameters=before.parameters | given)
        self.edges = changed.on_grid(self._registry.timestep, self.label)
        try:
            self._check()
            if set(values) == {"weight"}:
                self._write_weights(weights)
                if self._simulator.state.t > 0:
                    # What the network was made with, which is what its digest is of.
                    self.edges = before
            else:
                self._refuse_late(values)
                self._create_anew()
        except Exception:
            self.edges = before
            self._undo()
            raise

    def _refuse_late(self, names: Iterable[str]) -> None:
        """Refuse a change for which the synapses would have to be made anew in mid-run."""
        if self._simulator.state.t > 0:
            raise Unsupported(
                f"projection {self.label!r}",
                f"set({', '.join(sorted(names))}) once the simulation has begun",
                allowed="weight; other parameters before the first run",
            )

    def _read_cached(self, name: str) -> np.ndarray:
        """`_read` of one name, kept for the connections of a loop over all of them."""
        now = self._simulator.state.t
        if self._cached.get("t") != now:
            self._cached = {"t": now}
        if name not in self._cached:
            self._cached[name] = self._read([name])[name]
        return self._cached[name]

    def _set_one(self, index: int, name: str, value: float) -> None:
        """Give one synapse, by its place in `_read`, a new value."""
        rows = self._rows_read()
        if self._simulator.state.t > 0 and name == "weight":
            values = np.empty(len(self.edges))
            values[rows] = self._read([name])[name]
        elif name in self.edges.parameters:
            # A value that went through the simulator's units need not come back the same.
            values = np.array(self.edges.array(name))
        else:
            raise self._unknown(name)
        values[rows[index]] = value
        self._change({name: values})

    @property
    def connections(self) -> Any:
        """An iterator over the synapses, as `Connection` objects."""
        if self._collector is None:
            return super().connections  # type: ignore[misc]
        return (Connection(self, index) for index in range(len(self.edges)))

    def __getitem__(self, index: int | slice) -> Any:
        if self._collector is None:
            return super().__getitem__(index)  # type: ignore[misc]
        every = range(len(self.edges))
        if isinstance(index, slice):
            return [Connection(self, k) for k in every[index]]
        return Connection(self, every[index])

    def _unknown(self, name: str) -> Unsupported:
        return Unsupported(
            f"projection {self.label!r}",
            f"no attribute is called {name!r}",
            given=name,
            among=self.edges.parameters,
        )
