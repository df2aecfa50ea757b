"""Brian2 groups behind PyNN's populations.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): a refractory period one step short (row
"refractory period") and the same for all neurons ("per-neuron tau_refrac"); a threshold that
must be exceeded ("threshold"); sources that play one tick late ("source to current") and at
Brian2's default clock ("SpikeSourceArray, dt other than 0.1").
"""

from __future__ import annotations

from typing import Any

import brian2
import numpy as np
from brian2 import ms, second
from pyNN.brian2 import simulator
from pyNN.parameters import Sequence

from ..shared.grid import ceil_steps, to_ms, to_steps, trains_steps
from . import integration

# In steps: Brian2 would turn a time into steps for each neuron in each step.
_REFRACTORY = "timestep(t - lastspike, dt) < {held}"


class LeakyGroup(brian2.NeuronGroup):
    """Leaky integrate-and-fire neurons that Brian2's own methods integrate."""

    method: Any = ("exact", "euler", "heun")
    extra_variables = ""

    def __init__(self, n: int, equations: Any, **parameters: Any) -> None:
        super().__init__(
            n,
            model=equations
            + brian2.Equations(
                """
                v_thresh   : volt (constant)
                v_reset    : volt (constant)
                tau_refrac : second (constant)
                held       : integer (constant)
                held_shared : integer (shared, constant)
                """
                + self.extra_variables
            ),
            threshold="v >= v_thresh",
            reset="v = v_reset",
            refractory=_REFRACTORY.format(held="held"),
            method=self.method,
            clock=simulator.state.network.clock,
        )
        for name, value in parameters.items():
            setattr(self, name, value)
        self.add_attribute("initial_values")
        self.initial_values: dict[str, Any] = {}

    def initialize(self) -> None:
        for variable, values in self.initial_values.items():
            setattr(self, variable, values)

    def before_run(self, run_namespace: Any) -> None:
        self.renew()
        super().before_run(run_namespace)

    def renew(self) -> None:
        """Derive what depends on parameters: they may have been set since the last run."""
        step = float(self.clock.dt / ms)
        held = ceil_steps(np.asarray(self.tau_refrac[:] / ms), step)
        # Brian2 lets a neuron go on in the step that completes the period.
        self.held = held + 1
        self.held_shared = held[0] + 1
        # Brian2 reads it before each run.
        name = "held_shared" if np.ptp(held) == 0 else "held"
        self._refractory = _REFRACTORY.format(held=name)


class CurrentExpGroup(LeakyGroup):
    """Leaky integrate-and-fire neurons with exponential currents, integrated exactly."""

    extra_variables = integration.VARIABLES

    def __init__(self, n: int, equations: Any, **parameters: Any) -> None:
        self._alike = False
        self.method = self._step
        super().__init__(n, equations, **parameters)

    def _step(self, equations: Any, variables: Any = None, method_options: Any = None) -> str:
        """What Brian2 does in a step; it asks before each run."""
        return integration.step(self._alike, bool(simulator.state.current_sources))

    def renew(self) -> None:
        super().renew()
        values = integration.propagators(
            float(self.clock.dt / second),
            *(
                np.asarray(getattr(self, name)[:], dtype=float)
                for name in ("tau_m", "tau_syn_e", "tau_syn_i", "c_m")
            ),
        )
        for name, value in values.items():
            self.variables[name].set_value(value)
        values["v_rest"] = self.variables["v_rest"].get_value()
        self._alike = all(np.ptp(value) == 0 for value in values.values())
        for name, value in values.items():
            self.variables[integration.shared(name)].set_value(value[0])


class SourceGroup(brian2.SpikeGeneratorGroup):
    """Sources that play given spike times, stamped as a neuron's spikes are."""

    # The first step in which a source can fire on every backend, beyond min_delay.
    _margin_steps = 1

    def __init__(self, n: int, equations: Any, spike_time_sequences: Any = None) -> None:
        self._source_count = n
        indices, times = self._arrays(spike_time_sequences)
        super().__init__(
            n, indices=indices, times=times, clock=simulator.state.network.clock, sorted=True
        )

    def _arrays(self, trains: Any) -> tuple[np.ndarray, Any]:
        """Indices and Brian2 times of all spikes, in order of time.

        A spike that Brian2 emits in the step beginning at t is one that ends its step at
        t + dt, as NEST stamps it: the source plays each spike one step early.
        """
        state = simulator.state
        first = int(to_steps(state.min_delay, state.dt, "min_delay")) + self._margin_steps
        trains = np.broadcast_to(np.asarray(trains, dtype=object), (self._source_count,))
        steps, bounds = trains_steps([train.value for train in trains], state.dt, first)
        return self._ordered(np.split(steps, bounds))

    def _ordered(self, steps: list[np.ndarray]) -> tuple[np.ndarray, Any]:
        self._steps = steps
        indices = np.repeat(np.arange(len(steps)), [len(train) for train in steps])
        joined = np.concatenate(steps) if steps else np.empty(0, dtype=np.int64)
        order = np.lexsort((indices, joined))
        return indices[order], (joined[order] - 1) * simulator.state.dt * ms

    def play(self, steps: list[np.ndarray]) -> None:
        """Play each source's coming spikes, given as steps that are known to be playable."""
        now = round(simulator.state.t / simulator.state.dt)
        indices, times = self._ordered([train[train > now] for train in steps])
        self.set_spikes(indices, times, sorted=True)

    def _restore_from_full_state(self, state: Any) -> None:
        """Keep spike times that were set since the state was stored: PyNN's `reset` does."""
        super()._restore_from_full_state(state)
        indices, times = self._ordered(self._steps)
        self.set_spikes(indices, times, sorted=True)

    def _get_spike_time_sequences(self) -> np.ndarray:
        trains = np.empty(len(self._steps), dtype=Sequence)
        dt = simulator.state.dt
        trains[:] = [Sequence(to_ms(train, dt)) for train in self._steps]
        return trains

    def _set_spike_time_sequences(self, trains: Any, mask: Any = None) -> None:
        if mask is not None:
            merged = self._get_spike_time_sequences()
            merged[mask] = trains
            trains = merged
        indices, times = self._arrays(trains)
        self.set_spikes(indices, times, sorted=True)

    spike_time_sequences = property(fget=_get_spike_time_sequences, fset=_set_spike_time_sequences)

    def initialize(self) -> None:
        """Sources have no state."""
