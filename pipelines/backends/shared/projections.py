"""Projections whose synapses are made in blocks, and read and changed as arrays.

Nothing is kept of a synapse: what a script asks for is read from the simulator.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): a connection's handle goes stale, and reads another
connection's values, once another projection is made (row "get() after another projection was
made").
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from pyNN.parameters import LazyArray, ParameterSpace
from pyNN.random import RandomDistribution

from pipelines.errors import Unsupported

from .block_connection import ConnectedInBlocks, if_bulk
from .connection_objects import ADDRESS, WithConnections, by_source
from .default_random import seed, seed_all
from .invalid_value import InvalidValue
from .parameter_values import OF_SYNAPSES, numbers
from .synapse_blocks import Block, Values, check_edges, check_weights, shared


def _accumulate(function: np.ufunc, start: float) -> Callable[..., None]:
    def put_together(array: np.ndarray, address: Any, values: np.ndarray) -> None:
        array[address] = start
        function.at(array, address, values)

    return put_together


def _last(array: np.ndarray, address: Any, values: np.ndarray) -> None:
    array[address] = values


def _first(array: np.ndarray, address: Any, values: np.ndarray) -> None:
    # Copies: NumPy goes through a reversed view in the order of the memory.
    _last(array, tuple(indices[::-1].copy() for indices in address), values[::-1].copy())


# How values of several synapses of one pair are put together.
_COMBINE: dict[str, Callable[..., None]] = {
    "sum": _accumulate(np.add, 0.0), "min": _accumulate(np.minimum, np.inf),
    "max": _accumulate(np.maximum, -np.inf), "first": _first, "last": _last,
}  # fmt: skip
# What says when spikes reach a synapse and its neuron.
_OF_PATHS = frozenset({"delay", "dendritic_delay_fraction"})


class BulkProjection(WithConnections, ConnectedInBlocks):
    """Mixin, in front of a backend's stock `Projection`.

    The connector runs as it is; what it passes is collected and handed to `_add` in blocks. A
    synapse type that only one simulator has keeps the stock way of connecting.
    """

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        """PyNN's values of attributes, and the addresses, each of shape (n_synapses,).

        The order is the same for all names, and stays as long as no synapse is made or removed.
        """
        raise NotImplementedError

    def _write_weights(self, weights: np.ndarray) -> None:
        """Set all weights (PyNN's unit), one a synapse, in the order of `_read`."""
        raise NotImplementedError

    def _write_initial(self, name: str, values: np.ndarray) -> None:
        """Set a state variable at time 0, one value a synapse, in the order of `_read`."""
        raise NotImplementedError

    def _write_rule(self, values: dict[str, np.ndarray]) -> None:
        """Set parameters of plasticity in mid-run, one value a synapse in the order of `_read`.

        They act on what reaches a synapse from the present step on; traces and resources have
        decayed until then with the time constants of before.

        Raises
        ------
        Unsupported
            If the backend cannot.
        """
        self._refuse_late(values)

    def read(self, names: list[str]) -> dict[str, np.ndarray]:
        """Values of attributes, each of shape (n_synapses,), in no order that can be relied on.

        Names are ``"presynaptic_index"``, ``"postsynaptic_index"``, and those that `get` takes.
        """
        return self._read(names) if self._number else {name: np.empty(0) for name in names}

    @if_bulk
    def _get_attributes_as_list(self, names: list[str]) -> list[tuple[Any, ...]]:
        if not self._number:
            return []
        values = self._read([*dict.fromkeys([*ADDRESS, *names])])
        order = by_source(values)
        values = {name: values[name][order] for name in names}
        return list(zip(*(values[name].tolist() for name in names), strict=True))

    @if_bulk
    def _get_attributes_as_arrays(
        self, names: list[str], multiple_synapses: str = "sum"
    ) -> list[np.ndarray]:
        combine = _COMBINE[multiple_synapses]
        values = self._read([*ADDRESS, *names]) if self._number else {}
        arrays = []
        for name in names:
            array = np.full(self.shape, np.nan)
            if values:
                address = tuple(values[index] for index in ADDRESS)
                combine(array, address, values[name])
            arrays.append(array)
        return arrays

    @if_bulk
    def set(self, **attributes: Any) -> None:
        """Set attributes of all synapses.

        Parameters
        ----------
        attributes
            A number, a random distribution, a function of the distance, an array of the
            projection's shape, or one value a synapse, in the order of ``get(format="list")``.

        Raises
        ------
        Unsupported
            For a list of another length, an attribute or a value that synapses cannot have, or one
            that cannot be set once the simulation has begun.
        """
        seed_all(attributes, self._registry)
        given = {name: self._as_given(name, value) for name, value in attributes.items()}
        listed = {name: value for name, value in given.items() if np.ndim(value) == 1}
        # PyNN refuses what synapses do not have, and computes the others.
        space = ParameterSpace(
            given | dict.fromkeys(listed, 0.0), self.synapse_type.get_schema(), self.shape
        )
        space = self.synapse_type.translate(self._handle_distance_expressions(space))  # type: ignore[attr-defined]
        space.evaluate(simplify=True)
        self._refuse_unknown(attributes)
        if self._number == 0:
            return
        values = {
            # A drawn value of a projection of 1 x 1 comes as an array of one.
            name: np.asarray(value, float).reshape(self.shape if np.ndim(value) else ())
            for name, value in space.items()
        } | listed
        of_all = self._read(ADDRESS) if any(map(np.ndim, values.values())) else {}
        address = tuple(of_all[name] for name in ADDRESS) if of_all else ()
        for name in listed:
            values[name] = np.empty(self._number)
            values[name][by_source(of_all)] = listed[name]
        of_synapses = {
            name: shared(value[address] if np.ndim(value) == 2 else value)
            for name, value in values.items()
        }
        notes = (name.encode() + value.astype("<f8").tobytes() for name, value in values.items())
        self._change(of_synapses, b"".join(notes))

    def _as_given(self, name: str, value: Any) -> Any:
        """What a script gives for an attribute; a list is an array, one value a synapse."""
        if (
            np.isscalar(value)
            or callable(value)
            or isinstance(value, RandomDistribution | LazyArray)
        ):
            return value
        where = f"set({name}) of projection {self.label!r}"
        given = numbers(value, OF_SYNAPSES.get(name), where)
        if given.ndim == 1 and len(given) != self._number:
            what = f"{len(given)} values for {self._number} connections"
            raise InvalidValue(where, what, f"one number; {self._number}; or shape {self.shape}")
        if given.ndim > 1 and given.shape != self.shape:
            raise InvalidValue(where, f"an array of shape {given.shape}", f"shape {self.shape}")
        return given if given.ndim else float(given)

    def _change(self, values: dict[str, Values], note: bytes) -> None:
        """Give attributes new values: a number, or one a synapse in the order of `_read`.

        `note` is the change in bytes, for the digest.
        """
        self._cached.clear()
        began = self._simulator.state.t > 0
        if set(values) == {"weight"}:
            check_weights(self, values["weight"])
            self._write(values)
        elif began:
            self._refuse_late(values.keys() & _OF_PATHS)
            check_edges(self, self._with(values))
            self._write(values)
        else:
            self._make_anew(values)
        if not began:
            # The digest is of what the network was made with.
            self._digest.update(note)

    def _write(self, values: dict[str, Values]) -> None:
        """Set weights and parameters of plasticity of the synapses as they are."""
        each = {name: np.broadcast_to(v, (self._number,)) for name, v in values.items()}
        weights = each.pop("weight", None)
        if each:
            self._write_rule(each)
            self._note_shared(each)
        if weights is not None:
            bounded = self._bounded(weights)
            self._write_weights(bounded)
            self._note_shared({"weight": bounded})

    def _note_shared(self, values: dict[str, np.ndarray]) -> None:
        """Note which values all synapses have in common now."""
        for name, value in values.items():
            self.shared_parameters.pop(name, None)
            if isinstance(one := shared(value), float):
                self.shared_parameters[name] = one

    def _bounded(self, weights: np.ndarray) -> np.ndarray:
        """Weights that are set in mid-run, those of plastic synapses between their bounds.

        What lies beyond would come back at the next potentiation, of which NEST counts those since
        the last presynaptic spike.
        """
        if not self.synapse_type.plastic or self._simulator.state.t == 0:
            return weights
        # Reading synapses takes a simulator longer than all the rest.
        names, known = ["w_min", "w_max"], self.shared_parameters
        values: Any = known if known.keys() >= set(names) else self._read(names)
        bounds = [np.asarray(values[name]) for name in names]
        bounded = np.clip(weights, np.minimum(*bounds), np.maximum(*bounds))
        if np.any(np.abs(bounded - weights) > 1e-9 * np.abs(bounds[1])):
            # The same words for every set: Python shows them once.
            warnings.warn(
                f"projection {self.label!r}: a plastic weight that is set beyond w_min or w_max is"
                " that bound",
                stacklevel=2,
            )
        return bounded

    def _with(self, changed: dict[str, Values]) -> Block:
        """The synapses, with other parameters."""
        names = [name for name in self.parameter_names if name not in self.shared_parameters]
        read = self._read([*ADDRESS, *names])
        pre, post = (read.pop(index).astype(np.int32) for index in ADDRESS)
        return Block(pre, post, self.shared_parameters | read | changed)

    def _make_anew(self, changed: dict[str, Values]) -> None:
        """Replace the synapses in the simulator by the same ones with other parameters."""
        before = self._with({})
        after = self._on_grid(Block(before.pre, before.post, before.parameters | changed))
        check_edges(self, after)
        self._warn_of_moved()
        try:
            self._replace(after)
        except Exception:
            self._replace(before)
            raise
        finally:
            for name, values in self.initial_values.items():
                self._write_initial(name, values)

    @if_bulk
    def initialize(self, **initial_values: Any) -> None:
        """Set the state at time 0 of synapses that have one: `u` of short-term plasticity.

        Parameters
        ----------
        initial_values
            A number, a random distribution, one value a synapse in the order of `get`, or an
            array of the projection's shape.

        Raises
        ------
        Unsupported
            For another variable, a value outside 0 to 1, or once the simulation has begun.
        """
        where = f"initialize() of projection {self.label!r}"
        for name, value in initial_values.items():
            known = list(self.synapse_type.default_initial_values)
            if name not in known:
                what = f"its synapses have no state variable {name!r} that could be set"
                raise Unsupported(where, what, ", ".join(known) or "none", name, known)
            self._refuse_late([name])
            if self._number == 0:
                continue
            values = self._initial_array(where, value)
            if not np.all((values >= 0) & (values <= 1)):
                raise Unsupported(
                    where, f"{name} of {values.min():g} to {values.max():g}", "0 to 1"
                )
            self._write_initial(name, values)
            self.initial_values[name] = values
            self._digest.update(name.encode() + values.astype("<f8").tobytes())

    def _initial_array(self, where: str, value: Any) -> np.ndarray:
        """Values of shape (n_synapses,), in the order of `_read`."""
        if isinstance(value, RandomDistribution):
            seed(value.rng, self._registry)
            given = np.atleast_1d(value.next(self._number))
        elif callable(value) or isinstance(value, str):
            raise Unsupported(where, "a function of the distance", "numbers, or a distribution")
        else:
            given = numbers(value, None, where)
            if given.shape == self.shape:
                return given[tuple(self._read(ADDRESS).values())]
            if given.shape not in ((), (self._number,)):
                what, allowed = f"values of shape {given.shape}", f"{self.shape}, ({self._number},)"
                raise Unsupported(where, what, f"one number, or shape {allowed}")
        return np.array(np.broadcast_to(given, (self._number,)))

    def _refuse_late(self, names: Iterable[str]) -> None:
        """Refuse in mid-run what a synapse has from time 0 on: its delay, and its state then."""
        if names and self._simulator.state.t > 0:
            raise Unsupported(
                f"projection {self.label!r}",
                f"{', '.join(sorted(names))} once the simulation has begun",
                allowed="weights at any time; these before the first run, or after reset()",
            )

    def _refuse_unknown(self, names: Iterable[str]) -> None:
        for name in names:
            if self._number and name not in self.parameter_names:
                raise self._unknown(name)

    def save(
        self, attribute_names: Any, file: Any, format: str = "list", gather: bool = True,
        with_address: bool = True,
    ) -> None:  # fmt: skip
        """Write attributes to a file, as `FromFileConnector` reads it."""
        if format == "list" and attribute_names not in ("all", "connections"):
            # PyNN takes the letters of a single name for columns.
            one = isinstance(attribute_names, str)
            attribute_names = [attribute_names] if one else list(attribute_names)
        super().save(attribute_names, file, format, gather, with_address)  # type: ignore[misc]

    def _unknown(self, name: str) -> Unsupported:
        where, what = f"projection {self.label!r}", f"no attribute is called {name!r}"
        return Unsupported(where, what, given=name, among=self.parameter_names)
