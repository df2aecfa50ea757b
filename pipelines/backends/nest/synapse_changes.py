"""What is set of synapses once a simulation has begun: weights, and parameters of plasticity.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): NEST potentiates a synapse for all postsynaptic spikes
since the last presynaptic one when the next arrives, by the weight and the parameters that it has
then; so these would act on what was before them (row "changes in mid-run"). What is written is the
weight, the traces and the resources from which NEST comes to what they are now.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from ..shared.plasticity_rules import PAIRINGS, TRIPLET, VOGELS
from ..shared.synapse_blocks import Block
from . import mpi_processes, native_generators
from .communication_interval import refuse_between_slices
from .initial_weights import InitialWeights
from .kernel_time import has_begun, registry, write_in_time
from .pending_events import looked_ahead
from .plasticity import held_names, stdp_parameters
from .potentiation import NAMES, Held, Potentiation, last_arrivals, spikes_of
from .synapse_models import set_all_but, set_attributes, set_unchecked
from .synaptic_resources import ChangedResources

# The trace of each time constant of presynaptic spikes, by rule; None where NEST has no way to
# set it.
_TRACES: dict[str, dict[str, str | None]] = {
    "pair_rule": {"tau_plus": "Kplus"},
    "presynaptic_centred": {"tau_plus": "Kplus"},
    "nearest_symmetric": {"tau_plus": None},
    "reduced_symmetric": {"tau_plus": None},
    TRIPLET: {"tau_plus": "Kplus", "tau_plus_triplet": "Kplus_triplet"},
    VOGELS: {},
}
# Parameters that act at a presynaptic spike alone, so that a change needs no other weight, and
# NEST's names of them.
_DEPRESSION = {
    "A_minus": {"alpha", "Aminus"}, "A_minus_triplet": {"Aminus_triplet"},
    "mu_minus": {"mu_minus"}, "rho": {"alpha"},
}  # fmt: skip
# A weight (pA) that is as good as none, and the largest that may come of it.
NOTHING, NONE = 1e-200, 1e-150
# A weight below 0 by so little (in units of w_max) is 0.
ROUNDING = 1e-12


class ChangedSynapses(ChangedResources):
    """Mixin of projections: weights and parameters of plasticity as they are set."""

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
    _of_neurons: Any
    _taus: dict[str, np.ndarray]
    _tau_syn: np.ndarray
    _parts: Any
    _attribute: Any
    _read: Any
    _in_nest: Any
    # Weights when they were last set in mid-run, in the order of `_read`, and when that was:
    # what NEST shows until a presynaptic spike arrives is not the weight last transmitted.
    _as_set: tuple[int, np.ndarray] | None = None
    _initial_weights: InitialWeights

    def _write_weights(self, weights: np.ndarray) -> None:
        wanted = np.array(weights, dtype=float)
        if not has_begun():
            if self.synapse_type.plastic:
                self._initial_weights.replace(wanted)
            self._write_as_they_are(wanted)
            return
        refuse_between_slices(f"setting weights of projection {self.label!r}")
        native_generators.stop(self.pre)
        # What NEST refuses is to be refused now.
        self._in_nest(wanted)
        if not self.synapse_type.plastic:
            if not self._initial_weights.known:
                self._initial_weights.replace(self._read(["weight"])["weight"])
            write_in_time(partial(self._write_as_they_are, wanted))
            return
        self._refuse_without_base(wanted, {})
        write_in_time(partial(self._write_plastic, wanted, {}))

    def _write_as_they_are(self, weights: np.ndarray) -> None:
        for handles, order, held in self._parts({"weight"}, to_write=True):
            wanted = weights[held["row"]]
            # A weight that went through NEST's unit need not come back as the same number.
            changed = np.flatnonzero(wanted != self._from_nest(held["weight"]))
            in_nest = self._in_nest(wanted[changed])
            set_attributes([handles[k] for k in order[changed].tolist()], {"weight": in_nest})

    def _write_rule(self, values: dict[str, np.ndarray]) -> None:
        """Set parameters of plasticity in mid-run, one value a synapse in the order of `_read`."""
        where = f"projection {self.label!r} at {simulator.state.t:g} ms"
        refuse_between_slices(f"setting {', '.join(sorted(values))} of projection {self.label!r}")
        if self._is_short_term:
            self._write_parameters({name: np.array(value) for name, value in values.items()})
            return
        traces = _TRACES[self.synapse_type.rule]
        for name in values:
            if name in self._of_neurons.values() or name == "w_min" or traces.get(name, "") is None:
                self._refuse_another(where, name, values[name])
        if values.keys() <= _DEPRESSION.keys():
            write_in_time(partial(self._write_depression, dict(values)))
            return
        self._refuse_without_base(None, values)
        write_in_time(partial(self._write_plastic, None, dict(values)))

    def _refuse_another(self, where: str, name: str, values: np.ndarray) -> None:
        """Refuse a value in mid-run of what NEST has no way to set then, if it is another one."""
        if not np.array_equal(values, self._read([name])[name]):
            raise Unsupported(
                f"{where} on NEST",
                f"set({name}): NEST has no way to set it once spikes have left their traces",
                allowed="amplitudes, exponents and w_max; others before the first run or after"
                " reset(); or another backend",
            )

    # Long-term plasticity.

    def _potentiation(self, held: Held, last: np.ndarray, post: list[np.ndarray]) -> Potentiation:
        slow = self._taus.get("tau_minus_triplet", self._taus["tau_minus"])[held["post"]]
        return Potentiation(self.synapse_type.rule, held, last, post, slow)

    def _spikes(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        return spikes_of(self.pre, recent=True), spikes_of(self.post)

    def _refuse_without_base(
        self, weights: np.ndarray | None, changed: dict[str, np.ndarray]
    ) -> None:
        """Refuse weights and parameters to which no weight that NEST holds can lead.

        Of pair rules the weight from which they are reached may have the other sign; other rules
        go by its size.
        """
        if self.synapse_type.rule in PAIRINGS:
            return

        def unreached() -> np.ndarray:
            found = []
            for _, held, new, goal, base, shown in self._bases(weights, changed):
                w_max = new.get("Wmax", held["Wmax"])
                # To the largest weight every smaller one leads, too.
                found.append(shown[(base / w_max < -ROUNDING) & (goal / w_max < 1 - ROUNDING)])
            return np.concatenate(mpi_processes.gathered(np.concatenate(found)))

        off = looked_ahead(unreached)
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
        """Write weights now (None: as they are), and parameters from now on."""
        transmitted = []
        for handles, held, new, _, base, shown in self._bases(weights, changed):
            transmitted.append(shown)
            _set_weights(handles, self._signed(base), held["Wmax"], new)
        self._as_set = registry.present_step, np.concatenate(transmitted)

    def _bases(
        self, weights: np.ndarray | None, changed: dict[str, np.ndarray]
    ) -> Iterator[tuple[list[Any], Held, Held, np.ndarray, np.ndarray, np.ndarray]]:
        """What is to be written for weights (None: as they are) and parameters from now on.

        Yields
        ------
        handles, held, new, goal, base, shown
            NEST's handles of a part of the synapses, what it holds of them, new values of that,
            the weights that they have now, those from which NEST comes to them, and PyNN's
            weights as they are shown until the next presynaptic spike.
        """
        pre, post = self._spikes()
        for handles, order, held in self._parts(self._held_for(changed), to_write=True):
            here = held["row"]
            last = last_arrivals(held, pre)
            if weights is None:
                goal = self._potentiation(held, last, post).after(held["weight"])
                shown = self._transmitted(held)
            else:
                goal, shown = self._in_nest(weights[here]), weights[here]
            new: Held = {}
            if changed:
                new = self._parameters(held, {name: v[here] for name, v in changed.items()}, last)
            base = self._potentiation(held | new, last, post).before(goal)
            yield [handles[k] for k in order.tolist()], held, new, goal, base, shown

    def _write_depression(self, changed: dict[str, np.ndarray]) -> None:
        """Set parameters of `_DEPRESSION`, and nothing else."""
        native = set().union(*(_DEPRESSION[name] for name in changed))
        for handles, order, held in self._parts(self._held_for(changed), to_write=True):
            here = {name: value[held["row"]] for name, value in changed.items()}
            new = self._parameters(held, here, np.full(len(order), -1, dtype=np.int64))
            values = {name: value for name, value in new.items() if name in native}
            set_attributes([handles[k] for k in order.tolist()], values)

    def _held_for(self, changed: dict[str, np.ndarray]) -> set[str]:
        """What must be read of NEST's synapses to change weights, and parameters."""
        rule = self.synapse_type.rule
        names = {"weight", *NAMES[rule]}
        if changed:
            own = {*self.parameter_names} - {*self.shared_parameters, *self._of_neurons.values()}
            own -= {"weight", "delay", "dendritic_delay_fraction", "w_min"}
            names.update(*(held_names(rule, name) for name in own))
            names.update(*((tau, trace) for tau, trace in _TRACES[rule].items() if trace))
        return names

    def _parameters(self, held: Held, changed: dict[str, np.ndarray], last: np.ndarray) -> Held:
        """NEST's parameters after a change of some of PyNN's, and traces that go on from now."""
        rule = self.synapse_type.rule
        own = [name for name in self.parameter_names if name not in ("weight", "delay")]
        values = {name: changed.get(name, self._attribute(name, held)) for name in own}
        nothing = np.empty(0, dtype=np.int32)
        native = stdp_parameters(Block(nothing, nothing, values), self._scale, rule)
        new: Held = {name: np.array(np.broadcast_to(v, last.shape)) for name, v in native.items()}
        since = (registry.present_step - last) * registry.timestep
        for tau, trace in _TRACES[rule].items():
            if trace and np.any(new[tau] != held[tau]):
                ratio = np.where(last < 0, 0.0, since * (1 / new[tau] - 1 / held[tau]))
                new[trace] = held[trace] * np.exp(ratio)
        return new

    def _transmitted(self, held: Held) -> np.ndarray:
        """PyNN's weights as the last presynaptic spike carried them, or as they were set since."""
        weights = self._from_nest(held["weight"])
        if self._as_set is None:
            return weights
        step, shown = self._as_set
        unused = last_arrivals(held, spikes_of(self.pre, recent=True)) <= step
        return np.where(unused, shown[held["place"]], weights)

    def _weights_now(self, held: Held) -> np.ndarray:
        """PyNN's weights with the potentiation since the last presynaptic spike."""
        pre, post = self._spikes()
        between = self._potentiation(held, last_arrivals(held, pre), post)
        return self._from_nest(between.after(held["weight"]))

    # Units.

    def _signed(self, weights: np.ndarray) -> np.ndarray:
        """NEST's weights; it takes a plastic weight of 0 for a positive one."""
        inhibitory = self.synapse_type.plastic and self.receptor_type == "inhibitory"
        nothing = np.abs(weights) < NONE if self.synapse_type.plastic else weights == 0
        return np.where(nothing, -NOTHING if inhibitory else 0.0, weights)

    def _from_nest(self, weights: np.ndarray) -> np.ndarray:
        """PyNN's weights of NEST's."""
        return np.where(np.abs(weights) < NONE, 0.0, weights) / self._scale + self._floor


def _set_weights(handles: list[Any], weights: np.ndarray, w_max: np.ndarray, new: Held) -> None:
    """Set plastic weights and parameters, where a weight may have the other sign than w_max."""
    other = weights / new.get("Wmax", w_max) < 0
    set_all_but(handles, other, new | {"weight": weights})
    for k in np.flatnonzero(other).tolist():
        one = {name: value[[k]] for name, value in new.items()}
        set_unchecked(handles[k], one | {"weight": weights[[k]]})
