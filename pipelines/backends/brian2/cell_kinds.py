"""Kinds of cell: the Brian2 equations of a cell type, and how they are integrated.

All cells of a kind are in one Brian2 group. A kind is either integrated exactly, by code that
Brian2 generates, or numerically as in NEST, by the compiled code of `adaptive_solver`.

Corrects (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): the refractory period is one step short
(row "refractory period") and the same for all neurons ("per-neuron tau_refrac"); a spike needs a
potential above the threshold instead of at it ("threshold").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import brian2
import numpy as np

from ..shared.time_grid import ceil_steps
from .adaptive_solver import CompiledStep

Values = dict[str, np.ndarray]
# Condition under which a neuron is refractory.
_REFRACTORY = "t_in_timesteps < refractory_end_step"
_LAST_SPIKE_OF_SILENT_CELL = -10_000.0  # s


@dataclass(frozen=True)
class CellKind:
    """A kind of cell integrated exactly by Brian2 code, in Brian2's base units.

    Attributes
    ----------
    name
        Name of the Brian2 group.
    equations
        Equations without `refractory_steps` and `refractory_end_step`, which are added.
    step_code
        Code of a time step, which integrates exactly.
    propagators
        Function of the parameters and the time step (s) that gives the variables used by
        `step_code` beside parameters and state.
    propagator_units
        Brian2 units of those variables.
    proportional_to
        For state variables stored in units of a parameter, that parameter: setting it rescales
        them.
    threshold
        Condition of a spike.
    """

    name: str
    equations: Any
    step_code: str
    propagators: Callable[[Values, float], Values]
    propagator_units: tuple[tuple[str, str], ...]
    proportional_to: Mapping[str, str] = field(default_factory=dict)
    threshold: str = "v >= v_thresh"
    # Brian2's unit of a weight, and PyNN's unit of a weight in it.
    weight_unit: ClassVar[tuple[str, float]] = ("amp", 1e-9)
    # The unit of an injected current (nA), in Brian2's.
    current_scale: ClassVar[float] = 1e-9
    # Whether weights are added to the potential itself; they count for the threshold test of the
    # step in which they arrive.
    has_delta_synapses: ClassVar[bool] = False

    @property
    def variables(self) -> list[str]:
        """Parameters and state variables."""
        return sorted(self.equations.parameter_names | self.equations.diff_eq_names)

    @property
    def state(self) -> tuple[str, ...]:
        """Variables with a differential equation."""
        return tuple(sorted(self.equations.diff_eq_names))

    def quantity(self, name: str, values: np.ndarray) -> Any:
        """Values of a parameter or state variable, with their unit."""
        return brian2.Quantity(values, dim=self.equations[name].dim)

    def tau_syn(self, values: Values, receptor: str) -> np.ndarray | None:
        """Time constants (s) of a receptor's synaptic current, None where it has none."""
        return values[{"excitatory": "tau_syn_e", "inhibitory": "tau_syn_i"}[receptor]]

    def refractory_steps(self, values: Values, dt: float) -> np.ndarray:
        """Refractory period of each cell, in steps of `dt` ms, as integers."""
        return ceil_steps(values["tau_refrac"] * 1e3, dt)

    def derived_values(self, values: Values, dt: float) -> Values:
        """Variables derived from the parameters, for a time step of `dt` ms."""
        return self.propagators(values, dt * 1e-3) | {
            "refractory_steps": self.refractory_steps(values, dt)
        }

    def create_group(self, size: int, name: str, clock: Any) -> brian2.NeuronGroup:
        """Create a Brian2 group of this kind."""
        extra = "".join(
            f"{variable} : {unit} (constant)\n" for variable, unit in self.propagator_units
        )
        extra += "refractory_steps : integer (constant)\nrefractory_end_step : integer\n"
        return brian2.NeuronGroup(
            size,
            model=self.equations + brian2.Equations(extra),
            threshold=self.threshold,
            # Without the 1, the neuron would integrate in the last step of the period.
            reset="v = v_reset\nrefractory_end_step = t_in_timesteps + refractory_steps + 1",
            refractory=_REFRACTORY,
            method=lambda equations, variables=None, method_options=None: self.step_code,
            clock=clock,
            name=name,
        )

    @property
    def undelivered(self) -> Mapping[str, str]:
        """An empty mapping: no weights wait to be added to a state variable."""
        return {}

    def add_compiled_step(self, group: Any, values: Values, dt: float) -> None:
        """Do nothing: Brian2 generates the step."""

    def deliver_arrived(self, values: Values) -> None:
        """Do nothing: weights are added to the state itself."""

    def clear_transients(self, group: Any, values: Values) -> None:
        """End the refractory period of every cell."""
        group.variables["refractory_end_step"].set_value(0)
        group.variables["not_refractory"].set_value(True)
        group.variables["lastspike"].set_value(_LAST_SPIKE_OF_SILENT_CELL)


# First columns of every compiled kind: the step size that the solver tries next (ms; 0 before
# the first step), steps left of the present refractory period, injected current (pA), and the
# refractory period (steps).
_COMMON_COLUMNS = ("step_size", "refractory_left", "i_inj", "refractory_steps")


@dataclass(frozen=True)
class CompiledKind:
    """A kind of cell integrated by compiled C++ code, in NEST's units: mV, ms, pA, pF, nS, 1.

    Attributes
    ----------
    name
        Name of the Brian2 group.
    model
        Name in `adaptive_solver` of the compiled time step.
    states, arriving, parameters
        Columns of the table of values, in the order of the C++ class: state variables, sums of
        the weights that arrive in a step, and parameters, some of which are given by
        `propagators`.
    added_to
        For each of `arriving`, the state variable that it is added to at the end of the step, and
        the parameter that it is multiplied by (None for 1).
    weight_unit
        ``"1"``, and PyNN's unit of a weight in that of `arriving`.
    has_delta_synapses
        Whether weights are added to the potential itself.
    receptors
        For each receptor, the parameter that is its time constant (ms).
    propagators
        Function of the parameters and the time step (ms) that gives parameters derived from them.
    fixed_refractory_period
        Refractory period (ms) of kinds for which it is not a parameter.
    """

    name: str
    model: str
    states: tuple[str, ...]
    parameters: tuple[str, ...]
    arriving: tuple[str, ...]
    added_to: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    weight_unit: tuple[str, float] = ("1", 1e3)
    has_delta_synapses: bool = False
    receptors: Mapping[str, str] = field(default_factory=dict)
    propagators: Callable[[Values, float], Values] | None = None
    fixed_refractory_period: float = 0.0
    current_scale: ClassVar[float] = 1e3
    proportional_to: ClassVar[Mapping[str, str]] = {}

    @cached_property
    def variables(self) -> list[str]:
        """All columns in their order, then the parameters that the compiled code does not use."""
        columns = [*_COMMON_COLUMNS, *self.states, *self.arriving, *self.parameters]
        return columns if self.fixed_refractory_period else [*columns, "t_ref"]

    @property
    def undelivered(self) -> Mapping[str, str]:
        """For state variables, the column with the sum of weights still to be added."""
        return {state: name for name, (state, factor) in self.added_to.items() if factor is None}

    @property
    def state(self) -> tuple[str, ...]:
        """Variables that have an initial value."""
        return self.states

    def quantity(self, name: str, values: np.ndarray) -> np.ndarray:
        """The values unchanged: they carry no Brian2 unit."""
        return values

    def tau_syn(self, values: Values, receptor: str) -> np.ndarray | None:
        """Time constants (s) of a receptor's conductance, None where it has none."""
        return values[self.receptors[receptor]] * 1e-3 if receptor in self.receptors else None

    def refractory_steps(self, values: Values, dt: float) -> np.ndarray:
        """Refractory period of each cell, in steps of `dt` ms, as integers."""
        if self.fixed_refractory_period:
            period = np.full(len(values["refractory_left"]), self.fixed_refractory_period)
        else:
            period = values["t_ref"]
        return ceil_steps(period, dt)

    def derived_values(self, values: Values, dt: float) -> Values:
        """Columns derived from the parameters, for a time step of `dt` ms."""
        more = self.propagators(values, dt) if self.propagators else {}
        return {"refractory_steps": self.refractory_steps(values, dt)} | more

    def create_group(self, size: int, name: str, clock: Any) -> brian2.NeuronGroup:
        """Create a Brian2 group of this kind, with only the variables that synapses write to."""
        group = brian2.NeuronGroup(
            size,
            model="".join(f"{variable} : 1\n" for variable in self.arriving),
            threshold="False",  # makes Brian2 allocate the array of the rows that fire
            reset="",
            clock=clock,
            name=name,
        )
        group.contained_objects.clear()
        return group

    def add_compiled_step(self, group: Any, values: Values, dt: float) -> None:
        """Add the compiled time step, which works on these arrays, to the group."""
        columns = [values[name] for name in self.variables]
        number = len(self.arriving)
        group.contained_objects.append(
            CompiledStep(group, self.name, self.model, columns, dt, number)
        )

    def deliver_arrived(self, values: Values) -> None:
        """Add the weights that have arrived to the state, as the next step would do."""
        for weights, (state, factor) in self.added_to.items():
            values[state] += values[weights] * (1.0 if factor is None else values[factor])
            values[weights][:] = 0.0

    def clear_transients(self, group: Any, values: Values) -> None:
        """End refractory periods, discard arrived weights and reset the solver's step size."""
        for name in ("step_size", "refractory_left", *self.arriving):
            values[name][:] = 0.0
