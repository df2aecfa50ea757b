"""Point neurons that are composed of a membrane and receptors, of which there can be any number.

An `AdExp` membrane with `CondAlphaPostSynapticResponse` or `CondBetaPostSynapticResponse`, and an
`LIF` one with `CurrExpPostSynapticResponse`, are what NEST has, and give the same spikes. The other
compositions are integrated in the same way, here alone.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): parameters of receptors that cannot be read or
set; Euler's and Heun's methods.
"""

from __future__ import annotations

import math
import sys
from functools import partial
from hashlib import sha256
from typing import Any, ClassVar

import numpy as np
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import StandardModelType, build_translations, receptors
from pyNN.standardmodels import cells as pynn

from pipelines.errors import Unsupported

from .cells import (
    ADAPTIVE,
    ADAPTIVE_TRANSLATIONS,
    GIVEN,
    LEAKY,
    LEAKY_TRANSLATIONS,
    leak,
    membrane,
)
from .integration import current_to_voltage
from .kinds import CompiledKind, Values

_EPSILON = sys.float_info.epsilon
MOST_RECEPTORS = 16  # MOST of composed.h


class LIF(pynn.LIF):
    __doc__ = pynn.LIF.__doc__
    translations = build_translations(*LEAKY_TRANSLATIONS)
    states = (("v", "V_m"),)


class AdExp(pynn.AdExp):
    __doc__ = pynn.AdExp.__doc__
    translations = build_translations(*ADAPTIVE_TRANSLATIONS)
    states = (("v", "V_m"), ("w", "w", 1000.0))


class _Receptor:
    """Mixin of receptors.

    Attributes
    ----------
    shape
        Of the response to a spike: ``exp``, ``alpha`` or ``beta``.
    native
        Columns of the compiled code, by PyNN's names of parameters.
    """

    shape: str
    native: ClassVar[dict[str, str]] = {"e_syn": "E_rev", "tau_syn": "tau_decay"}
    recordable: ClassVar = ["gsyn"]


class CurrExpPostSynapticResponse(_Receptor, receptors.CurrExpPostSynapticResponse):
    __doc__ = receptors.CurrExpPostSynapticResponse.__doc__
    shape = "exp"
    native: ClassVar = {"tau_syn": "tau_decay"}
    recordable: ClassVar = ["isyn"]


class CondExpPostSynapticResponse(_Receptor, receptors.CondExpPostSynapticResponse):
    __doc__ = receptors.CondExpPostSynapticResponse.__doc__
    shape = "exp"


class CondAlphaPostSynapticResponse(_Receptor, receptors.CondAlphaPostSynapticResponse):
    __doc__ = receptors.CondAlphaPostSynapticResponse.__doc__
    shape = "alpha"


class CondBetaPostSynapticResponse(_Receptor, receptors.CondBetaPostSynapticResponse):
    __doc__ = receptors.CondBetaPostSynapticResponse.__doc__
    shape = "beta"
    native: ClassVar = {"e_syn": "E_rev", "tau_rise": "tau_rise", "tau_decay": "tau_decay"}


ExpPSR = CondExpPostSynapticResponse
AlphaPSR = CondAlphaPostSynapticResponse
BetaPSR = CondBetaPostSynapticResponse

# Columns of a receptor in composed.h.
_COLUMNS = ("E_rev", "tau_rise", "tau_decay", "jump", "jump_rise", "is_current")


class PointNeuron(pynn.PointNeuron):
    __doc__ = pynn.PointNeuron.__doc__
    # PyNN's own leave out the parameters of receptors, ``<receptor>.<name>``.
    computed_parameters = StandardModelType.computed_parameters
    computed_parameters_include = StandardModelType.computed_parameters_include
    simple_parameters = StandardModelType.simple_parameters
    scaled_parameters = StandardModelType.scaled_parameters

    def __init__(self, neuron: Any, **post_synaptic_receptors: Any) -> None:
        super().__init__(neuron, **post_synaptic_receptors)
        found = post_synaptic_receptors.values()
        wrong = [one for one in found if not isinstance(one, _Receptor)]
        if not isinstance(neuron, LIF | AdExp) or wrong:
            what = type(wrong[0] if wrong else neuron).__name__
            raise Unsupported(
                "PointNeuron",
                f"a {what} of another backend, or unknown to this one",
                allowed="LIF or AdExp; Curr(Exp)-, Cond(Exp, Alpha, Beta)PostSynapticResponse",
            )
        if not 1 <= len(found) <= MOST_RECEPTORS or len({p.conductance_based for p in found}) > 1:
            raise Unsupported(
                "PointNeuron",
                f"receptors are {[type(one).__name__ for one in found]}",
                allowed=f"1 to {MOST_RECEPTORS}, all of them currents or all conductances",
            )
        pairs = [(label, post_synaptic_receptors[label]) for label in self.receptor_types]
        self.translations = neuron.translations | build_translations(
            *(
                (f"{label}.{name}", f"{native}_{label}", 1.0)
                for label, psr in pairs
                for name, native in psr.native.items()
            )
        )
        self.state_variable_translations = build_translations(
            *neuron.states,
            *((f"{label}.{psr.recordable[0]}", f"current_{label}", 1e3) for label, psr in pairs),
        )
        self.post_synaptic_variables = {label: f"arriving_{label}" for label, _ in pairs}
        self.kind = _kind(type(neuron).__name__, dict(pairs))

    @property
    def native_parameters(self) -> ParameterSpace:
        """Parameters by the names of the compiled code's columns."""
        values = dict(self.neuron.native_parameters.items())
        for label, psr in self.post_synaptic_receptors.items():
            for name, native in psr.native.items():
                values[f"{native}_{label}"] = psr.parameter_space[name]
        return ParameterSpace(values)


def _kind(neuron: str, found: dict[str, Any]) -> CompiledKind:
    """The kind of a composition, whose name says which one it is."""
    shapes = {label: psr.shape for label, psr in found.items()}
    currents = not next(iter(found.values())).conductance_based
    exact = neuron == "LIF" and currents
    if exact:
        model, states, own = "composed_currents", ["V_m"], [*_EXACT]
    elif neuron == "LIF":
        model, states, own = "composed_leaky", ["V_m"], [*LEAKY]
    else:
        model, states, own = "composed_exponential", ["V_m", "w"], [*ADAPTIVE]
    text = repr((neuron, currents, shapes))
    columns = [f"{column}_{label}" for label in shapes for column in _COLUMNS]
    return CompiledKind(
        f"PointNeuron_{sha256(text.encode()).hexdigest()[:12]}",
        model,
        (*states, *(f"{name}_{label}" for label in shapes for name in ("current", "rise"))),
        (*own, *columns, *GIVEN),
        arriving=tuple(f"arriving_{label}" for label in shapes),
        added_to={
            f"arriving_{label}": (f"current_{label}", None)
            if shape == "exp"
            else (f"rise_{label}", f"jump_rise_{label}")
            for label, shape in shapes.items()
        },
        receptors={label: f"tau_decay_{label}" for label in shapes if shapes[label] != "beta"},
        propagators=partial(_propagators, shapes, exact, currents),
    )


_EXACT = ("E_L", "V_reset", "V_th", "I_e", "kept", "gain")


def _propagators(
    shapes: dict[str, str], exact: bool, currents: bool, values: Values, dt: float
) -> Values:
    """Columns that follow from the parameters of membrane and receptors."""
    derived = leak(values, dt) if exact else membrane(values, dt)
    for label, shape in shapes.items():
        decay = values[f"tau_decay_{label}"]
        rise = values[f"tau_rise_{label}"] if shape == "beta" else decay
        jump = (np.ones_like(decay), np.zeros_like(decay))
        if exact:
            # A current's effect on the potential, and what it keeps.
            jump = (
                current_to_voltage(dt, values["tau_m"], decay, values["cm"] * 1000.0),
                np.exp(-dt / decay),
            )
        elif shape != "exp":
            jump = (np.zeros_like(decay), beta_jump(rise, decay))
        derived |= {
            f"tau_rise_{label}": rise,
            f"jump_{label}": jump[0],
            f"jump_rise_{label}": jump[1],
            f"is_current_{label}": np.full_like(decay, currents),
        }
    return derived


def beta_jump(tau_rise: np.ndarray, tau_decay: np.ndarray) -> np.ndarray:
    """What a unit of weight adds to the rise, so that the conductance peaks at it.

    With a = 1 / tau_rise and b = 1 / tau_decay, (a - b) / (exp(-b t) - exp(-a t)) at the time of
    the peak, t = log(a / b) / (a - b); e / tau where the two are equal. Roth and van Rossum (2009).
    """
    return np.array([_beta_jump(*pair) for pair in zip(tau_rise, tau_decay, strict=True)])


def _beta_jump(tau_rise: float, tau_decay: float) -> float:
    # With the functions of the C library, as NEST: those of NumPy may round otherwise.
    difference, peak = tau_decay - tau_rise, 0.0
    if abs(difference) > _EPSILON:
        time = tau_decay * tau_rise * math.log(tau_decay / tau_rise) / difference
        peak = math.exp(-time / tau_decay) - math.exp(-time / tau_rise)
    if abs(peak) < _EPSILON:
        return math.e / tau_decay
    return (1 / tau_rise - 1 / tau_decay) / peak
