"""Cell types on Brian2, each with the equations of the one group that holds all its cells.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): a refractory period one step short (row
"refractory period") and the same for all neurons ("per-neuron tau_refrac"); a threshold that
must be exceeded ("threshold"); synaptic currents that cannot be recorded ("recording isyn");
reset values that all cells of a population share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import brian2
import numpy as np
from pyNN.brian2.standardmodels import cells as stock

from ..shared import drawn, renewal, trains
from . import integration

# Steps for which a spike holds a membrane: beyond those Brian2 lets a neuron go on.
_REFRACTORY = "t_in_timesteps < free_step"


@dataclass(frozen=True)
class CellKind:
    """What Brian2 is told of a cell type.

    Attributes
    ----------
    name
        Name of the Brian2 group.
    equations
        Without `held` and `free_step`, which refractory kinds have beside them.
    threshold, reset
        Brian2 code.
    method
        Name of a Brian2 method of integration, several to choose from, or the code of a step.
    refractory
        Whether a spike holds the membrane for `tau_refrac`.
    derive
        From parameters (SI units) and the step (s) to variables that follow from them.
    units
        Brian2 units of those.
    """

    name: str
    equations: Any
    threshold: str = "v >= v_thresh"
    reset: str = "v = v_reset"
    method: str | tuple[str, ...] | Callable[..., str] = ("exact", "euler", "heun")
    refractory: bool = True
    derive: Callable[[dict[str, np.ndarray], float], dict[str, np.ndarray]] | None = None
    units: tuple[tuple[str, str], ...] = ()

    @property
    def state(self) -> tuple[str, ...]:
        """Variables with a differential equation."""
        return tuple(sorted(self.equations.diff_eq_names))

    def quantity(self, name: str, values: np.ndarray) -> brian2.Quantity:
        """Values of a parameter or state variable, in base units, with their unit."""
        return brian2.Quantity(values, dim=self.equations[name].dim)

    def group(self, size: int, name: str, clock: Any) -> brian2.NeuronGroup:
        """A Brian2 group of this kind."""
        extra = "".join(f"{variable} : {unit} (constant)\n" for variable, unit in self.units)
        reset = self.reset
        if self.refractory:
            extra += "held : integer (constant)\nfree_step : integer\n"
            # Brian2 lets a neuron go on in the step that completes the period.
            reset += "\nfree_step = t_in_timesteps + held + 1"
        return brian2.NeuronGroup(
            size,
            model=self.equations + brian2.Equations(extra),
            threshold=self.threshold,
            reset=reset,
            refractory=_REFRACTORY if self.refractory else False,
            method=self.method,
            clock=clock,
            name=name,
        )


def _code(step: str) -> Callable[..., str]:
    """A method of integration that is given as the code of a step."""

    def method(equations: Any, variables: Any = None, method_options: Any = None) -> str:
        return step

    return method


def _leaky(name: str, equations: Any, **more: Any) -> CellKind:
    parameters = "v_thresh : volt (constant)\nv_reset : volt (constant)\ntau_refrac : second\n"
    return CellKind(name, equations + brian2.Equations(parameters), **more)


class IF_curr_exp(stock.IF_curr_exp):
    __doc__ = stock.IF_curr_exp.__doc__
    recordable = ("spikes", "v", "isyn_exc", "isyn_inh")
    kind = _leaky(
        "IF_curr_exp",
        stock.IF_curr_exp.eqs,
        method=_code(integration.EXPONENTIAL_STEP),
        derive=integration.exponential_propagators,
        units=integration.EXPONENTIAL_UNITS,
    )


class IF_curr_alpha(stock.IF_curr_alpha):
    __doc__ = stock.IF_curr_alpha.__doc__
    kind = _leaky(
        "IF_curr_alpha",
        stock.IF_curr_alpha.eqs,
        method=_code(integration.ALPHA_STEP),
        derive=integration.alpha_propagators,
        units=integration.ALPHA_UNITS,
    )


class IF_curr_delta(stock.IF_curr_delta):
    __doc__ = stock.IF_curr_delta.__doc__
    kind = _leaky(
        "IF_curr_delta",
        stock.IF_curr_delta.eqs,
        method=_code(integration.MEMBRANE_STEP),
        derive=integration.membrane_propagators,
        units=integration.MEMBRANE_UNITS,
    )


class IF_cond_alpha(stock.IF_cond_alpha):
    __doc__ = stock.IF_cond_alpha.__doc__
    kind = _leaky("IF_cond_alpha", stock.IF_cond_alpha.eqs, method="euler")


class IF_cond_exp(stock.IF_cond_exp):
    __doc__ = stock.IF_cond_exp.__doc__
    kind = _leaky("IF_cond_exp", stock.IF_cond_exp.eqs, method="euler")


def _adapting(name: str, equations: Any) -> CellKind:
    return CellKind(
        name,
        equations
        + brian2.Equations("v_reset : volt (constant)\nb : amp (constant)\ntau_refrac : second\n"),
        threshold="v > v_thresh + 5*delta_T",
        reset="v = v_reset\nw += b",
        method="rk2",
    )


class EIF_cond_exp_isfa_ista(stock.EIF_cond_exp_isfa_ista):
    __doc__ = stock.EIF_cond_exp_isfa_ista.__doc__
    kind = _adapting("EIF_cond_exp_isfa_ista", stock.EIF_cond_exp_isfa_ista.eqs)


class EIF_cond_alpha_isfa_ista(stock.EIF_cond_alpha_isfa_ista):
    __doc__ = stock.EIF_cond_alpha_isfa_ista.__doc__
    kind = _adapting("EIF_cond_alpha_isfa_ista", stock.EIF_cond_alpha_isfa_ista.eqs)


class IF_cond_exp_gsfa_grr(stock.IF_cond_exp_gsfa_grr):
    __doc__ = stock.IF_cond_exp_gsfa_grr.__doc__
    kind = CellKind(
        "IF_cond_exp_gsfa_grr",
        stock.IF_cond_exp_gsfa_grr.eqs
        + brian2.Equations(
            "v_thresh : volt (constant)\nv_reset : volt (constant)\ntau_refrac : second\n"
            "q_r : siemens (constant)\nq_s : siemens (constant)\n"
        ),
        reset="v = v_reset\ng_r += q_r\ng_s += q_s",
        method="rk2",
    )


class HH_cond_exp(stock.HH_cond_exp):
    __doc__ = stock.HH_cond_exp.__doc__
    kind = CellKind(
        "HH_cond_exp",
        stock.HH_cond_exp.eqs,
        threshold="v > -40*mV",
        reset="",
        method="euler",
        refractory=False,
    )


class Izhikevich(stock.Izhikevich):
    __doc__ = stock.Izhikevich.__doc__
    kind = CellKind(
        "Izhikevich",
        stock.Izhikevich.eqs + brian2.Equations("tau_refrac : second (constant)"),
        threshold="v >= 30*mV",
        method="euler",
        reset="v = v_reset\nu += d",
    )


class PointNeuron(stock.PointNeuron):
    __doc__ = stock.PointNeuron.__doc__

    @property
    def kind(self) -> CellKind:
        """The kind of this composition, which its equations name."""
        text = "\n".join(f"{equation}" for equation in self.eqs.ordered)
        name = f"PointNeuron_{sha256(text.encode()).hexdigest()[:12]}"
        adapts = isinstance(self.neuron, stock.AdExp)
        return _adapting(name, self.eqs) if adapts else _leaky(name, self.eqs)


class SpikeSourceArray(trains.SpikeSourceArray):
    __doc__ = trains.SpikeSourceArray.__doc__


class SpikeSourcePoisson(drawn.SpikeSourcePoisson):
    __doc__ = drawn.SpikeSourcePoisson.__doc__


class SpikeSourcePoissonRefractory(renewal.SpikeSourcePoissonRefractory):
    __doc__ = renewal.SpikeSourcePoissonRefractory.__doc__


class SpikeSourceGamma(renewal.SpikeSourceGamma):
    __doc__ = renewal.SpikeSourceGamma.__doc__


class SpikeSourceInhGamma(renewal.SpikeSourceInhGamma):
    __doc__ = renewal.SpikeSourceInhGamma.__doc__
