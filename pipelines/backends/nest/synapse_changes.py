"""Changes of synapses in mid-run: weights, and parameters of plasticity.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): when a presynaptic spike arrives, NEST potentiates the
synapse for all postsynaptic spikes since the previous one, with the weight and parameters at that
time. So a change would affect potentiation from before it (row "changes in mid-run"). Written are
the weight, traces and resources from which NEST obtains the requested present values.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from ..shared.pairings import PAIRINGS
from ..shared.synapse_blocks import Block
from . import mpi_processes, native_generators
from .communication_interval import refuse_within_slice
from .initial_weights import InitialWeights
from .kernel_time import has_begun, registry, schedule_write
from .pending_events import read_after_delivery
from .plasticity import DEPRESSION_PARAMETERS, NATIVE_TRACES, native_names, stdp_parameters
from .potentiation import (
    POTENTIATION_PARAMETERS,
    NativeValues,
    Potentiation,
    last_arrivals,
    spike_steps,
)
from .synapse_models import set_attributes, set_attributes_except, set_out_of_range
from .synaptic_resources import ShortTermChanges

# NEST's substitute (pA) for a weight of 0 that needs a sign; weights below the second are 0.
SIGNED_ZERO_PA, ZERO_BELOW_PA = 1e-200, 1e-150
# Weights below 0 by less than this (in units of w_max) are 0.
ROUNDING = 1e-12


class SynapseChanges(ShortTermChanges):
    """Mixin of projections: setting of weights and of parameters of plasticity."""

    label: str
    receptor_type: str
    synapse_type: Any
    parameter_names: list[str]
    shared_parameters: dict[str, float]
    pre: Any
    post: Any
    _number: int
    _scale: Any
    _floor: float
    _is_short_term: Any
    _neuron_tau_names: Any
    _taus: dict[str, np.ndarray]
    _tau_syn: np.ndarray
    _synapse_blocks: Any
    _attribute: Any
    _read: Any
    _to_nest: Any
    # Step at which weights were last set in mid-run, and those weights, in the order of `_read`:
    # until the next presynaptic spike NEST has the weight computed by `_planned_writes`.
    _weights_when_set: tuple[int, np.ndarray] | None = None
    _initial_weights: InitialWeights

    def _write_weights(self, weights: np.ndarray) -> None:
        wanted = np.array(weights, dtype=float)
        if not has_begun():
            if self.synapse_type.plastic:
                self._initial_weights.replace(wanted)
            self._write_directly(wanted)
            return
        refuse_within_slice(f"setting weights of projection {self.label!r}")
        native_generators.restore_sources(self.pre)
        # Raises errors of invalid weights now rather than at a later write.
        self._to_nest(wanted)
        if not self.synapse_type.plastic:
            if not self._initial_weights.is_stored:
                self._initial_weights.replace(self._read(["weight"])["weight"])
            schedule_write(partial(self._write_directly, wanted))
            return
        self._refuse_unreachable_weights(wanted, {})
        schedule_write(partial(self._write_plastic, wanted, {}))

    def _write_directly(self, weights: np.ndarray) -> None:
        for handles, order, native in self._synapse_blocks({"weight"}, to_write=True):
            wanted = weights[native["row"]]
            # Unchanged weights are not written: conversion to NEST's unit and back may round.
            changed = np.flatnonzero(wanted != self._to_pynn(native["weight"]))
            in_nest = self._to_nest(wanted[changed])
            set_attributes([handles[k] for k in order[changed].tolist()], {"weight": in_nest})

    def _write_rule(self, values: dict[str, np.ndarray]) -> None:
        """Set parameters of plasticity in mid-run, one value a synapse in the order of `_read`."""
        where = f"projection {self.label!r} at {simulator.state.t:g} ms"
        refuse_within_slice(f"setting {', '.join(sorted(values))} of projection {self.label!r}")
        if self._is_short_term:
            self._write_short_term_parameters(
                {name: np.array(value) for name, value in values.items()}
            )
            return
        traces = NATIVE_TRACES[self.synapse_type.rule]
        for name in values:
            if (
                name in self._neuron_tau_names.values()
                or name == "w_min"
                or traces.get(name, "") is None
            ):
                self._refuse_new_value(where, name, values[name])
        if values.keys() <= DEPRESSION_PARAMETERS.keys():
            schedule_write(partial(self._write_depression, dict(values)))
            return
        self._refuse_unreachable_weights(None, values)
        schedule_write(partial(self._write_plastic, None, dict(values)))

    def _refuse_new_value(self, where: str, name: str, values: np.ndarray) -> None:
        """Refuse a new value of a parameter that NEST cannot set in mid-run."""
        if not np.array_equal(values, self._read([name])[name]):
            raise Unsupported(
                f"{where} on NEST",
                f"set({name}): NEST has no way to set it once spikes have left their traces",
                allowed="amplitudes, exponents and w_max; others before the first run or after"
                " reset(); or another backend",
            )

    def _potentiation(
        self, native: NativeValues, last: np.ndarray, post: list[np.ndarray]
    ) -> Potentiation:
        slow = self._taus.get("tau_minus_triplet", self._taus["tau_minus"])[native["post"]]
        return Potentiation(self.synapse_type.rule, native, last, post, slow)

    def _pre_and_post_spikes(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        return spike_steps(self.pre, recent=True), spike_steps(self.post)

    def _refuse_unreachable_weights(
        self, weights: np.ndarray | None, changed: dict[str, np.ndarray]
    ) -> None:
        """Refuse weights and parameters that no weight stored in NEST can lead to.

        With pair rules the stored weight may have the opposite sign of w_max; other rules use its
        absolute value.
        """
        if self.synapse_type.rule in PAIRINGS:
            return

        def unreached() -> np.ndarray:
            found = []
            for _, native, new, wanted, stored, shown in self._planned_writes(weights, changed):
                w_max = new.get("Wmax", native["Wmax"])
                # The largest weight can be reached from any stored weight, by clipping.
                found.append(shown[(stored / w_max < -ROUNDING) & (wanted / w_max < 1 - ROUNDING)])
            return np.concatenate(mpi_processes.gather(np.concatenate(found)))

        off = read_after_delivery(unreached)
        if not off.size:
            return
        where = f"projection {self.label!r} at {simulator.state.t:g} ms on NEST"
        what = f"set({', '.join(sorted(changed))})"
        allowed = "amplitudes as large as before, larger weights"
        if weights is not None:
            what, allowed = f"weight {off[0]:g}", "larger weights"
        raise Unsupported(
            where,
            f"{what}: {off.size} weights would be less than the potentiation since"
            " the last presynaptic spike, which NEST adds later",
            allowed=f"{allowed}; SpikePairRule; or another backend",
        )

    def _write_plastic(self, weights: np.ndarray | None, changed: dict[str, np.ndarray]) -> None:
        """Write weights (None: the present ones) and parameters valid from the present on."""
        transmitted = []
        for handles, native, new, _, stored, shown in self._planned_writes(weights, changed):
            transmitted.append(shown)
            _set_weights(handles, self._signed(stored), native["Wmax"], new)
        self._weights_when_set = registry.present_step, np.concatenate(transmitted)

    def _planned_writes(
        self, weights: np.ndarray | None, changed: dict[str, np.ndarray]
    ) -> Iterator[tuple[list[Any], NativeValues, NativeValues, np.ndarray, np.ndarray, np.ndarray]]:
        """Weights and parameters to write, so that they are as requested from the present on.

        Parameters
        ----------
        weights
            New weights in PyNN's unit, None for the present ones.
        changed
            New values of PyNN's parameters, by name.

        Yields
        ------
        handles, native, new, wanted, stored, shown
            NEST's handles of a block of synapses, their values on NEST, new values of these, the
            requested present weights, the weights to store in NEST that lead to them, and PyNN's
            weights to be read until the next presynaptic spike.
        """
        pre, post = self._pre_and_post_spikes()
        for handles, order, native in self._synapse_blocks(
            self._names_to_read(changed), to_write=True
        ):
            here = native["row"]
            last = last_arrivals(native, pre)
            if weights is None:
                wanted = self._potentiation(native, last, post).apply(native["weight"])
                shown = self._transmitted_weights(native)
            else:
                wanted, shown = self._to_nest(weights[here]), weights[here]
            new: NativeValues = {}
            if changed:
                new = self._changed_native_values(
                    native, {name: v[here] for name, v in changed.items()}, last
                )
            stored = self._potentiation(native | new, last, post).invert(wanted)
            yield [handles[k] for k in order.tolist()], native, new, wanted, stored, shown

    def _write_depression(self, changed: dict[str, np.ndarray]) -> None:
        """Write parameters of `DEPRESSION_PARAMETERS` only."""
        translated = set().union(*(DEPRESSION_PARAMETERS[name] for name in changed))
        for handles, order, native in self._synapse_blocks(
            self._names_to_read(changed), to_write=True
        ):
            here = {name: value[native["row"]] for name, value in changed.items()}
            new = self._changed_native_values(native, here, np.full(len(order), -1, dtype=np.int64))
            values = {name: value for name, value in new.items() if name in translated}
            set_attributes([handles[k] for k in order.tolist()], values)

    def _names_to_read(self, changed: dict[str, np.ndarray]) -> set[str]:
        """NEST's names of the values needed to change weights and parameters."""
        rule = self.synapse_type.rule
        names = {"weight", *POTENTIATION_PARAMETERS[rule]}
        if changed:
            own = {*self.parameter_names} - {
                *self.shared_parameters,
                *self._neuron_tau_names.values(),
            }
            own -= {"weight", "delay", "dendritic_delay_fraction", "w_min"}
            names.update(*(native_names(rule, name) for name in own))
            names.update(*((tau, trace) for tau, trace in NATIVE_TRACES[rule].items() if trace))
        return names

    def _changed_native_values(
        self, native: NativeValues, changed: dict[str, np.ndarray], last: np.ndarray
    ) -> NativeValues:
        """NEST's parameters after a change of PyNN's, and traces that then decay with them."""
        rule = self.synapse_type.rule
        own = [name for name in self.parameter_names if name not in ("weight", "delay")]
        values = {name: changed.get(name, self._attribute(name, native)) for name in own}
        nothing = np.empty(0, dtype=np.int32)
        translated = stdp_parameters(Block(nothing, nothing, values), self._scale, rule)
        new: NativeValues = {
            name: np.array(np.broadcast_to(v, last.shape)) for name, v in translated.items()
        }
        since = (registry.present_step - last) * registry.timestep
        for tau, trace in NATIVE_TRACES[rule].items():
            if trace and np.any(new[tau] != native[tau]):
                ratio = np.where(last < 0, 0.0, since * (1 / new[tau] - 1 / native[tau]))
                new[trace] = native[trace] * np.exp(ratio)
        return new

    def _transmitted_weights(self, native: NativeValues) -> np.ndarray:
        """PyNN's weights at the last presynaptic spike, or as set since then."""
        weights = self._to_pynn(native["weight"])
        if self._weights_when_set is None:
            return weights
        step, shown = self._weights_when_set
        unused = last_arrivals(native, spike_steps(self.pre, recent=True)) <= step
        return np.where(unused, shown[native["place"]], weights)

    def _current_weights(self, native: NativeValues) -> np.ndarray:
        """PyNN's weights including the potentiation since the last presynaptic spike."""
        pre, post = self._pre_and_post_spikes()
        between = self._potentiation(native, last_arrivals(native, pre), post)
        return self._to_pynn(between.apply(native["weight"]))

    def _signed(self, weights: np.ndarray) -> np.ndarray:
        """NEST's weights, where a plastic weight of 0 of an inhibitory synapse gets a sign."""
        inhibitory = self.synapse_type.plastic and self.receptor_type == "inhibitory"
        nothing = np.abs(weights) < ZERO_BELOW_PA if self.synapse_type.plastic else weights == 0
        return np.where(nothing, -SIGNED_ZERO_PA if inhibitory else 0.0, weights)

    def _to_pynn(self, weights: np.ndarray) -> np.ndarray:
        """PyNN's weights, from those in NEST's unit."""
        return np.where(np.abs(weights) < ZERO_BELOW_PA, 0.0, weights) / self._scale + self._floor


def _set_weights(
    handles: list[Any], weights: np.ndarray, w_max: np.ndarray, new: NativeValues
) -> None:
    """Set plastic weights and parameters; a weight may have the opposite sign of w_max."""
    other = weights / new.get("Wmax", w_max) < 0
    set_attributes_except(handles, other, new | {"weight": weights})
    for k in np.flatnonzero(other).tolist():
        one = {name: value[[k]] for name, value in new.items()}
        set_out_of_range(handles[k], one | {"weight": weights[[k]]})
