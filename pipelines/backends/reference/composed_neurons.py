"""Neurons with adaptation conductances, of neuromorphic hardware, and with named receptors.

Units are those of `neurons`.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..shared.time_grid import ceil_steps
from .neurons import ConductanceExp, CurrentExp, Values
from .nonlinear_neurons import AdaptiveExponentialAlpha


class ConductanceExpAdapting(ConductanceExp):
    """Leaky integrate-and-fire neurons with conductances for adaptation and refractoriness.

    As `ConductanceExp`, with two more currents, g_s (e_rev_sfa - v) and g_r (e_rev_rr - v) pA:

        dg_s/dt = -g_s / tau_sfa                         g_s += q_sfa when the neuron spikes
        dg_r/dt = -g_r / tau_rr                          g_r += q_rr

    g_s, g_r and q in nS. Muller et al. (2007), Neural Comput. 19:2958-3010.
    """

    variables = ("v", "gsyn_exc", "gsyn_inh", "g_s", "g_r")

    def synaptic_current(self, y: np.ndarray, v: np.ndarray) -> np.ndarray:
        p = self.parameters
        adapting = y[3] * (v - p["e_rev_sfa"]) + y[4] * (v - p["e_rev_rr"])
        return super().synaptic_current(y, v) + 1e-3 * adapting

    def receptor_derivatives(self, y: np.ndarray) -> np.ndarray:
        p = self.parameters
        return np.vstack(
            [super().receptor_derivatives(y), -y[3] / p["tau_sfa"], -y[4] / p["tau_rr"]]
        )

    def fire(self, not_refractory: np.ndarray) -> np.ndarray:
        spiking = super().fire(not_refractory)
        for row, name in ((3, "q_sfa"), (4, "q_rr")):
            self.state[row, spiking] += self.parameters[name][spiking]
        return spiking


class FacetsHardware(ConductanceExp):
    """Neurons as `ConductanceExp`, with some fixed parameters, and a leak conductance in nS.

    cm = 0.2 nF, tau_refrac = 1 ms, e_rev_E = 0 mV, tau_m = cm / g_leak.
    """

    constants: ClassVar[dict[str, float]] = {"cm": 0.2, "tau_refrac": 1.0, "e_rev_E": 0.0}

    def update_constants(self) -> None:
        self.parameters["tau_m"] = 1e3 * self.parameters["cm"] / self.parameters["g_leak"]
        self.refractory_steps = ceil_steps(self.parameters["tau_refrac"], self.dt)


class _NamedReceptors:
    """Mixin of neurons with named receptors, whose parameters are called "receptor.name"."""

    def __init__(self, receptors: list[str], parameters: Values, n: int, dt: float) -> None:
        self.receptors = receptors
        self.variables = ("v", *self.receptor_variables(receptors), *self.own_variables)
        super().__init__(parameters, n, dt)  # type: ignore[call-arg]

    # Further state variables, after those of the receptors.
    own_variables: tuple[str, ...] = ()
    parameters: Values
    variables: tuple[str, ...]

    @staticmethod
    def receptor_variables(receptors: list[str]) -> list[str]:
        """Names of the state variables of the receptors."""
        return [f"{prefix}.{name}" for name in ("gsyn", "rise") for prefix in receptors]

    def receptor_parameter(self, name: str) -> np.ndarray:
        """A parameter of the receptors, shape (n_receptors, n)."""
        return np.stack([self.parameters[f"{receptor}.{name}"] for receptor in self.receptors])

    def reversal_potentials(self) -> np.ndarray:
        """Reversal potentials (mV) of the receptors, shape (n_receptors, n)."""
        return self.receptor_parameter("e_syn")


class NamedCurrents(_NamedReceptors, CurrentExp):
    """Neurons as `CurrentExp`, with a current isyn for each receptor."""

    @staticmethod
    def receptor_variables(receptors: list[str]) -> list[str]:
        return [f"{receptor}.isyn" for receptor in receptors]


class NamedAlpha(_NamedReceptors, AdaptiveExponentialAlpha):
    """Neurons as `AdaptiveExponentialAlpha`, with a conductance gsyn for each receptor."""

    own_variables = ("w",)


class NamedBeta(NamedAlpha):
    """Neurons as `NamedAlpha`, but for conductances that rise and fall by two time constants:

        dgsyn/dt = r - gsyn / tau_decay
        dr/dt    = -r / tau_rise                         r += w c at a spike

    with c such that gsyn peaks at w. Roth and van Rossum (2010), Modeling Synapses, eq. 6.4 and
    6.5, in De Schutter, Computational Modeling Methods for Neuroscientists.
    """

    def rise_tau(self) -> np.ndarray:
        return self.receptor_parameter("tau_rise")

    def decay_tau(self) -> np.ndarray:
        return self.receptor_parameter("tau_decay")

    def rise_per_weight(self) -> np.ndarray:
        rise, decay = self.rise_tau(), self.decay_tau()
        are_equal = decay == rise
        difference = np.where(are_equal, 1.0, decay - rise)
        peak = decay * rise * np.log(decay / rise) / difference
        height = np.where(are_equal, 1.0, np.exp(-peak / decay) - np.exp(-peak / rise))
        return np.where(are_equal, np.e / decay, (1 / rise - 1 / decay) / height)
