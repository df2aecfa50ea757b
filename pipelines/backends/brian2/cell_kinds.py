"""Kinds of cell: what Brian2 is told of a cell type, and how its cells are integrated.

All cells of a kind are in one group. A kind is either integrated exactly, by code that Brian2
generates, or step by step as NEST does, by the compiled code of `adaptive_solver`.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): a refractory period one step short (row
"refractory period") and the same for all neurons ("per-neuron tau_refrac"); a threshold that
must be exceeded ("threshold").
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
# Steps for which a spike holds a membrane: beyond those Brian2 lets a neuron go on.
_REFRACTORY = "t_in_timesteps < free_step"
_NEVER = -10_000.0  # s, of the last spike of a cell that had none


@dataclass(frozen=True)
class CellKind:
    """Cells whose step is code for Brian2, in its base units.

    Attributes
    ----------
    name
        Name of the Brian2 group.
    equations
        Without `held` and `free_step`, which are added.
    step
        Code of a step, which integrates exactly.
    propagators
        From parameters and the step (s) to variables that the code needs.
    units
        Brian2 units of those.
    proportional
        State variables that are in units of a parameter, and which one: they change with it.
    """

    name: str
    equations: Any
    step: str
    propagators: Callable[[Values, float], Values]
    units: tuple[tuple[str, str], ...]
    proportional: Mapping[str, str] = field(default_factory=dict)
    threshold: str = "v >= v_thresh"
    # Brian2's unit of a weight, and its size in PyNN's; the size of an injected current's.
    weight: ClassVar[tuple[str, float]] = ("amp", 1e-9)
    current: ClassVar[float] = 1e-9
    # Whether what arrives moves the potential itself: it counts for the threshold of that step.
    jumps: ClassVar[bool] = False

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

    def held_steps(self, values: Values, dt: float) -> np.ndarray:
        """Steps of `dt` ms for which a spike holds each membrane, as integers."""
        return ceil_steps(values["tau_refrac"] * 1e3, dt)

    def derived(self, values: Values, dt: float) -> Values:
        """Variables that follow from the parameters."""
        return self.propagators(values, dt * 1e-3) | {"held": self.held_steps(values, dt)}

    def group(self, size: int, name: str, clock: Any) -> brian2.NeuronGroup:
        """A Brian2 group of this kind."""
        extra = "".join(f"{variable} : {unit} (constant)\n" for variable, unit in self.units)
        extra += "held : integer (constant)\nfree_step : integer\n"
        return brian2.NeuronGroup(
            size,
            model=self.equations + brian2.Equations(extra),
            threshold=self.threshold,
            # Brian2 lets a neuron go on in the step that completes the period.
            reset="v = v_reset\nfree_step = t_in_timesteps + held + 1",
            refractory=_REFRACTORY,
            method=lambda equations, variables=None, method_options=None: self.step,
            clock=clock,
            name=name,
        )

    @property
    def pending(self) -> Mapping[str, str]:
        """Of state variables, what has arrived and is not added yet: nothing."""
        return {}

    def attach(self, made: Any, values: Values, dt: float) -> None:
        """Nothing to do: what Brian2 needs is in its group."""

    def settle(self, values: Values) -> None:
        """Nothing to do: weights are added to the state itself."""

    def rest(self, made: Any, values: Values) -> None:
        """Let no membrane be held."""
        made.variables["free_step"].set_value(0)
        made.variables["not_refractory"].set_value(True)
        made.variables["lastspike"].set_value(_NEVER)


# Columns that every compiled kind has first: the size that the solver tries next (ms; 0 before
# the first step), steps for which the membrane is still held, injected current (pA), and steps
# for which a spike holds it.
_OWN = ("suggested", "held", "i_inj", "refractory_steps")


@dataclass(frozen=True)
class CompiledKind:
    """Cells whose step is compiled code, in NEST's units: mV, ms, pA, pF, nS, 1.

    Attributes
    ----------
    name
        Name of the Brian2 group.
    model
        Compiled code that takes the step, by its name in `adaptive_solver`.
    states, arriving, parameters
        Columns of the table of values, in the order of that class: state variables, sums of the
        weights that arrive in a step, and parameters, of which some may be `propagators`.
    added_to
        Of each of `arriving`, the state variable that it is added to when the step has ended, and
        the parameter that it is multiplied by; None for 1.
    weight
        ``"1"``, and the size of a weight in PyNN's unit.
    receptors
        Time constant (ms) of each, among the parameters.
    propagators
        From parameters and the step (ms) to parameters that follow from them.
    hold
        Refractory period (ms) where it is no parameter.
    """

    name: str
    model: str
    states: tuple[str, ...]
    parameters: tuple[str, ...]
    arriving: tuple[str, ...]
    added_to: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    weight: tuple[str, float] = ("1", 1e3)
    jumps: bool = False
    receptors: Mapping[str, str] = field(default_factory=dict)
    propagators: Callable[[Values, float], Values] | None = None
    hold: float = 0.0
    current: ClassVar[float] = 1e3
    proportional: ClassVar[Mapping[str, str]] = {}

    @cached_property
    def variables(self) -> list[str]:
        """All columns, in their order, then what the compiled code does not see."""
        columns = [*_OWN, *self.states, *self.arriving, *self.parameters]
        return columns if self.hold else [*columns, "t_ref"]

    @property
    def pending(self) -> Mapping[str, str]:
        """Of state variables, what has arrived and is not added yet."""
        return {state: name for name, (state, factor) in self.added_to.items() if factor is None}

    @property
    def state(self) -> tuple[str, ...]:
        """Variables that have an initial value."""
        return self.states

    def quantity(self, name: str, values: np.ndarray) -> np.ndarray:
        """Values as they are: they have no unit."""
        return values

    def tau_syn(self, values: Values, receptor: str) -> np.ndarray | None:
        """Time constants (s) of a receptor's conductance, None where it has none."""
        return values[self.receptors[receptor]] * 1e-3 if receptor in self.receptors else None

    def held_steps(self, values: Values, dt: float) -> np.ndarray:
        """Steps of `dt` ms for which a spike holds each membrane, as integers."""
        period = np.full(len(values["held"]), self.hold) if self.hold else values["t_ref"]
        return ceil_steps(period, dt)

    def derived(self, values: Values, dt: float) -> Values:
        """Variables that follow from the parameters."""
        more = self.propagators(values, dt) if self.propagators else {}
        return {"refractory_steps": self.held_steps(values, dt)} | more

    def group(self, size: int, name: str, clock: Any) -> brian2.NeuronGroup:
        """A Brian2 group of this kind, of which Brian2 knows what synapses write to."""
        made = brian2.NeuronGroup(
            size,
            model="".join(f"{variable} : 1\n" for variable in self.arriving),
            threshold="False",  # for an array of the rows that fire
            reset="",
            clock=clock,
            name=name,
        )
        made.contained_objects.clear()
        return made

    def attach(self, made: Any, values: Values, dt: float) -> None:
        """Let the group take compiled steps on these arrays."""
        columns = [values[name] for name in self.variables]
        number = len(self.arriving)
        made.contained_objects.append(
            CompiledStep(made, self.name, self.model, columns, dt, number)
        )

    def settle(self, values: Values) -> None:
        """Add what has arrived to the state, as the next step would do."""
        for weights, (state, factor) in self.added_to.items():
            values[state] += values[weights] * (1.0 if factor is None else values[factor])
            values[weights][:] = 0.0

    def rest(self, made: Any, values: Values) -> None:
        """Let no membrane be held, nothing have arrived, and the solver begin anew."""
        for name in ("suggested", "held", *self.arriving):
            values[name][:] = 0.0
