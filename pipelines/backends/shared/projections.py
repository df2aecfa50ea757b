"""Projections whose synapses are created in blocks, and read and changed as arrays.

No data of synapses are kept here: attributes are read from the simulator.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): the handle of a connection becomes invalid, and reads the
values of another connection, when another projection is made (row "get() after another projection
was made").
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from pyNN.parameters import LazyArray, ParameterSpace
from pyNN.random import RandomDistribution

from pipelines.errors import Unsupported

from .block_connection import BlockConnectionMixin, stock_unless_bulk
from .connection_objects import ADDRESS, ConnectionsMixin, connection_order
from .default_random import seed_distributions, seed_generator
from .invalid_value import InvalidValue
from .parameter_values import SYNAPSE_UNITS, to_floats
from .synapse_attributes import AttributesMixin
from .synapse_blocks import Block, Values, check_synapses, check_weights, scalar_if_equal

# Parameters that determine when spikes reach a synapse and its target.
_DELAY_PARAMETERS = frozenset({"delay", "dendritic_delay_fraction"})


class BulkProjection(ConnectionsMixin, AttributesMixin, BlockConnectionMixin):
    """Mixin, in front of a backend's stock `Projection`.

    PyNN's connector is used; the synapses that it passes are collected and given to `_add` in
    blocks. Native synapse types of a simulator are connected by PyNN's own code.
    """

    def _write_weights(self, weights: np.ndarray) -> None:
        """Set all weights (PyNN's unit), one per synapse, in the order of `_read`."""
        raise NotImplementedError

    def _write_initial(self, name: str, values: np.ndarray) -> None:
        """Set a state variable at time 0, one value per synapse, in the order of `_read`."""
        raise NotImplementedError

    def _write_rule(self, values: dict[str, np.ndarray]) -> None:
        """Set parameters of plasticity in mid-run, one value per synapse in the order of `_read`.

        They apply to spikes that arrive at a synapse from the present step on; traces and resources
        decay with the earlier time constants until then.

        Raises
        ------
        Unsupported
            If the backend does not support it.
        """
        self._refuse_after_start(values)

    @stock_unless_bulk
    def set(self, **attributes: Any) -> None:
        """Set attributes of all synapses.

        Parameters
        ----------
        attributes
            A number, a random distribution, a function of the distance, an array of the
            projection's shape, or one value per synapse in the order of ``get(format="list")``.

        Raises
        ------
        Unsupported
            For a list of another length, an attribute or value that is not valid, or an attribute
            that cannot be set after the first run.
        """
        seed_distributions(attributes, self._registry)
        given = {name: self._as_value(name, value) for name, value in attributes.items()}
        listed = {name: value for name, value in given.items() if np.ndim(value) == 1}
        # PyNN refuses unknown attributes, and evaluates the others.
        space = ParameterSpace(
            given | dict.fromkeys(listed, 0.0), self.synapse_type.get_schema(), self.shape
        )
        space = self.synapse_type.translate(self._handle_distance_expressions(space))  # type: ignore[attr-defined]
        space.evaluate(simplify=True)
        self._refuse_unknown(attributes)
        if self._number == 0:
            return
        values = {
            # PyNN draws an array of one value for a projection of 1 x 1.
            name: np.asarray(value, float).reshape(self.shape if np.ndim(value) else ())
            for name, value in space.items()
        } | listed
        of_all = self._read(ADDRESS) if any(map(np.ndim, values.values())) else {}
        address = tuple(of_all[name] for name in ADDRESS) if of_all else ()
        for name in listed:
            values[name] = np.empty(self._number)
            values[name][connection_order(of_all)] = listed[name]
        of_synapses = {
            name: scalar_if_equal(value[address] if np.ndim(value) == 2 else value)
            for name, value in values.items()
        }
        notes = (name.encode() + value.astype("<f8").tobytes() for name, value in values.items())
        self._set_values(of_synapses, b"".join(notes))

    def _as_value(self, name: str, value: Any) -> Any:
        """Value of an attribute as the script gives it, numbers as an array of floats."""
        if (
            np.isscalar(value)
            or callable(value)
            or isinstance(value, RandomDistribution | LazyArray)
        ):
            return value
        where = f"set({name}) of projection {self.label!r}"
        given = to_floats(value, SYNAPSE_UNITS.get(name), where)
        if given.ndim == 1 and len(given) != self._number:
            what = f"{len(given)} values for {self._number} connections"
            raise InvalidValue(where, what, f"one number; {self._number}; or shape {self.shape}")
        if given.ndim > 1 and given.shape != self.shape:
            raise InvalidValue(where, f"an array of shape {given.shape}", f"shape {self.shape}")
        return given if given.ndim else float(given)

    def _set_values(self, values: dict[str, Values], note: bytes) -> None:
        """Set attributes: a number, or one value per synapse in the order of `_read`.

        `note` describes the change for the digest.
        """
        self._cached.clear()
        has_begun = self._simulator.state.t > 0
        if set(values) == {"weight"}:
            check_weights(self, values["weight"])
            self._write_values(values)
        elif has_begun:
            self._refuse_after_start(values.keys() & _DELAY_PARAMETERS)
            check_synapses(self, self._block_with(values))
            self._write_values(values)
        else:
            self._recreate_synapses(values)
        if not has_begun:
            # The digest covers the network before the first run.
            self._digest.update(note)

    def _write_values(self, values: dict[str, Values]) -> None:
        """Set weights and parameters of plasticity of the existing synapses."""
        each = {name: np.broadcast_to(v, (self._number,)) for name, v in values.items()}
        weights = each.pop("weight", None)
        if each:
            self._write_rule(each)
            self._update_shared(each)
        if weights is not None:
            bounded = self._clip_to_bounds(weights)
            self._write_weights(bounded)
            self._update_shared({"weight": bounded})

    def _update_shared(self, values: dict[str, np.ndarray]) -> None:
        """Update the values that all synapses share."""
        for name, value in values.items():
            self.shared_parameters.pop(name, None)
            if isinstance(one := scalar_if_equal(value), float):
                self.shared_parameters[name] = one

    def _clip_to_bounds(self, weights: np.ndarray) -> np.ndarray:
        """Weights to set in mid-run, clipped to w_min and w_max for plastic synapses.

        A value beyond them would be clipped at the next potentiation, which NEST postpones to the
        next presynaptic spike.
        """
        if not self.synapse_type.plastic or self._simulator.state.t == 0:
            return weights
        # Shared values first, since reading synapses from a simulator is slow.
        names, known = ["w_min", "w_max"], self.shared_parameters
        values: Any = known if known.keys() >= set(names) else self._read(names)
        bounds = [np.asarray(values[name]) for name in names]
        bounded = np.clip(weights, np.minimum(*bounds), np.maximum(*bounds))
        if np.any(np.abs(bounded - weights) > 1e-9 * np.abs(bounds[1])):
            # A constant text, so that Python shows the warning once.
            warnings.warn(
                f"projection {self.label!r}: a plastic weight that is set beyond w_min or w_max is"
                " that bound",
                stacklevel=2,
            )
        return bounded

    def _block_with(self, changed: dict[str, Values]) -> Block:
        """All synapses as a block, with changed parameters."""
        names = [name for name in self.parameter_names if name not in self.shared_parameters]
        read = self._read([*ADDRESS, *names])
        pre, post = (read.pop(index).astype(np.int32) for index in ADDRESS)
        return Block(pre, post, self.shared_parameters | read | changed)

    def _recreate_synapses(self, changed: dict[str, Values]) -> None:
        """Recreate the synapses in the simulator with changed parameters."""
        before = self._block_with({})
        after = self._with_grid_delays(Block(before.pre, before.post, before.parameters | changed))
        check_synapses(self, after)
        self._warn_of_rounded_delays()
        try:
            self._replace(after)
        except Exception:
            self._replace(before)
            raise
        finally:
            for name, values in self.initial_values.items():
                self._write_initial(name, values)

    @stock_unless_bulk
    def initialize(self, **initial_values: Any) -> None:
        """Set initial values of synaptic state variables: `u` of short-term plasticity.

        Parameters
        ----------
        initial_values
            A number, a random distribution, one value per synapse in the order of `get`, or an
            array of the projection's shape.

        Raises
        ------
        Unsupported
            For another variable, a value outside 0 to 1, or after the first run.
        """
        where = f"initialize() of projection {self.label!r}"
        for name, value in initial_values.items():
            known = list(self.synapse_type.default_initial_values)
            if name not in known:
                what = f"its synapses have no state variable {name!r} that could be set"
                raise Unsupported(where, what, ", ".join(known) or "none", name, known)
            self._refuse_after_start([name])
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
        """Initial values of shape (n_synapses,), in the order of `_read`."""
        if isinstance(value, RandomDistribution):
            seed_generator(value.rng, self._registry)
            given = np.atleast_1d(value.next(self._number))
        elif callable(value) or isinstance(value, str):
            raise Unsupported(where, "a function of the distance", "numbers, or a distribution")
        else:
            given = to_floats(value, None, where)
            if given.shape == self.shape:
                return given[tuple(self._read(ADDRESS).values())]
            if given.shape not in ((), (self._number,)):
                what, allowed = f"values of shape {given.shape}", f"{self.shape}, ({self._number},)"
                raise Unsupported(where, what, f"one number, or shape {allowed}")
        return np.array(np.broadcast_to(given, (self._number,)))

    def _refuse_after_start(self, names: Iterable[str]) -> None:
        """Refuse names that can be set before the first run only: delays and initial values."""
        if names and self._simulator.state.t > 0:
            raise Unsupported(
                f"projection {self.label!r}",
                f"{', '.join(sorted(names))} once the simulation has begun",
                allowed="weights at any time; these before the first run, or after reset()",
            )
