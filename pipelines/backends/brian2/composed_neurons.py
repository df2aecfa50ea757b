"""Point neurons that are composed of a membrane and receptors, of which there can be any number.

An `AdExp` membrane with `CondAlphaPostSynapticResponse` or `CondBetaPostSynapticResponse`, and an
`LIF` one with `CurrExpPostSynapticResponse`, are what NEST has, and give the same spikes. The other
compositions are integrated in the same way, here alone.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): Euler's and Heun's methods.
"""

from __future__ import annotations

import math
import sys
from functools import partial
from hashlib import sha256
from typing import Any, ClassVar

import numpy as np
from pyNN.standardmodels import build_translations, receptors
from pyNN.standardmodels import cells as pynn

from pipelines.errors import Unsupported

from ..shared import point_neuron
from .cell_kinds import CompiledKind, Values
from .cell_types import (
    ADAPTIVE,
    ADAPTIVE_TRANSLATIONS,
    GIVEN,
    LEAKY,
    LEAKY_TRANSLATIONS,
    leak,
    membrane,
)
from .integration import current_to_voltage

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


class PointNeuron(point_neuron.PointNeuron):
    __doc__ = point_neuron.PointNeuron.__doc__

    def __init__(self, neuron: Any, **post_synaptic_receptors: Any) -> None:
        super().__init__(neuron, **post_synaptic_receptors)
        receptors = self.post_synaptic_receptors
        if len(receptors) > MOST_RECEPTORS:
            raise Unsupported(
                "PointNeuron", f"{len(receptors)} receptors", f"at most {MOST_RECEPTORS}"
            )
        self.translations = neuron.translations | build_translations(
            *(
                (f"{label}.{name}", f"{native}_{label}", 1.0)
                for label, receptor in receptors.items()
                for name, native in receptor.native.items()
            )
        )
        self.state_variable_translations = build_translations(
            *neuron.states,
            *(
                (f"{label}.{receptor.recordable[0]}", f"current_{label}", 1e3)
                for label, receptor in receptors.items()
            ),
        )
        self.post_synaptic_variables = {label: f"arriving_{label}" for label in receptors}
        self.kind = _kind(type(neuron), receptors)

    def has_model(self, neuron: Any, receptor: Any) -> bool:
        return isinstance(neuron, LIF | AdExp) and isinstance(receptor, _Receptor)


def _kind(neuron: type, receptors: dict[str, Any]) -> CompiledKind:
    """The kind of a composition, whose name says which one it is."""
    labels, one = list(receptors), next(iter(receptors.values()))
    exact = neuron is LIF and not one.conductance_based
    states: tuple[str, ...] = ("V_m",)
    own: tuple[str, ...]
    if exact:
        model, own = "composed_currents", _EXACT
    elif neuron is LIF:
        model, own = "composed_leaky", LEAKY
    else:
        model, own, states = "composed_exponential", ADAPTIVE, ("V_m", "w")
    into = "current" if one.shape == "exp" else "rise"
    factor = None if one.shape == "exp" else "jump_rise_{}"
    text = repr((neuron.__name__, type(one).__name__, labels))
    return CompiledKind(
        f"PointNeuron_{sha256(text.encode()).hexdigest()[:12]}",
        model,
        (*states, *(f"{name}_{label}" for label in labels for name in ("current", "rise"))),
        (*own, *(f"{column}_{label}" for label in labels for column in _COLUMNS), *GIVEN),
        arriving=tuple(f"arriving_{label}" for label in labels),
        added_to={
            f"arriving_{label}": (f"{into}_{label}", factor and factor.format(label))
            for label in labels
        },
        receptors={label: f"tau_decay_{label}" for label in labels if one.shape != "beta"},
        propagators=partial(_propagators, labels, one, exact),
    )


_EXACT = ("E_L", "V_reset", "V_th", "I_e", "kept", "gain")


def _propagators(
    labels: list[str], receptor: Any, exact: bool, values: Values, dt: float
) -> Values:
    """Columns that follow from the parameters of membrane and receptors."""
    derived = leak(values, dt) if exact else membrane(values, dt)
    for label in labels:
        decay = values[f"tau_decay_{label}"]
        rise = values[f"tau_rise_{label}"] if receptor.shape == "beta" else decay
        if exact:
            # A current's effect on the potential, and what it keeps.
            c_m = values["cm"] * 1000.0
            jumps = (current_to_voltage(dt, values["tau_m"], decay, c_m), np.exp(-dt / decay))
        elif receptor.shape == "exp":
            jumps = np.ones_like(decay), np.zeros_like(decay)
        else:
            jumps = np.zeros_like(decay), beta_jump(rise, decay)
        derived |= {
            f"tau_rise_{label}": rise,
            f"jump_{label}": jumps[0],
            f"jump_rise_{label}": jumps[1],
            f"is_current_{label}": np.full_like(decay, not receptor.conductance_based),
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
