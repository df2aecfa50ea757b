"""Cell types on Brian2: translations of PyNN's names and units, and the kind of each.

Corrects (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): synaptic currents cannot be recorded (row
"recording isyn"); conductances are integrated by Euler's or Heun's method, and spikes are a step
or two early ("conductances"); `EIF_cond_alpha_isfa_ista` has exponential conductances ("alpha
conductances of EIF") and divides by zero without the exponential term ("delta_T = 0"); reset
parameters are shared by all cells and cannot be set ("reset of each cell"); `HH_cond_exp` spikes in
every step above -40 mV ("one spike an action potential"); quanta of `IF_cond_exp_gsfa_grr` are a
factor 1e9 too large.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pyNN.brian2.standardmodels import cells as stock
from pyNN.standardmodels import build_translations
from pyNN.standardmodels import cells as pynn

from ..shared import frozen_inputs, renewal_sources, spike_trains
from . import integration
from .cell_kinds import CellKind, CompiledKind, Values

_BOTH = ("excitatory", "inhibitory")


class IF_curr_exp(stock.IF_curr_exp):
    __doc__ = stock.IF_curr_exp.__doc__
    recordable = ("spikes", "v", "isyn_exc", "isyn_inh")
    kind = CellKind(
        "IF_curr_exp",
        stock.IF_curr_exp.eqs + integration.THRESHOLD,
        integration.EXPONENTIAL_STEP,
        integration.exponential_propagators,
        integration.EXPONENTIAL_UNITS,
    )


class IF_curr_alpha(stock.IF_curr_alpha):
    __doc__ = stock.IF_curr_alpha.__doc__
    recordable = ("spikes", "v", "isyn_exc", "isyn_inh")
    kind = CellKind(
        "IF_curr_alpha",
        stock.IF_curr_alpha.eqs + integration.THRESHOLD,
        integration.ALPHA_STEP,
        integration.alpha_propagators,
        integration.ALPHA_UNITS,
        proportional_to={"ye": "tau_syn_e", "yi": "tau_syn_i"},
    )


# Translations to NEST's names and units; C_m and g_L follow from cm and tau_m.
_POTENTIALS = (("v_rest", "E_L"), ("v_reset", "V_reset"), ("v_thresh", "V_th"))
LEAKY_TRANSLATIONS = (
    *_POTENTIALS, ("cm", "cm"), ("tau_m", "tau_m"), ("tau_refrac", "t_ref"),
    ("i_offset", "I_e", 1000.0),
)  # fmt: skip
_DECAYS = (("tau_syn_E", "tau_syn_ex"), ("tau_syn_I", "tau_syn_in"))
_REVERSALS = (("e_rev_E", "E_ex"), ("e_rev_I", "E_in"))
_ADAPTATION = (
    ("v_spike", "V_peak"), ("delta_T", "Delta_T"), ("a", "a"), ("b", "b", 1000.0),
    ("tau_w", "tau_w"),
)  # fmt: skip
_CONDUCTANCES = (("v", "V_m"), ("gsyn_exc", "g_ex", 1000.0), ("gsyn_inh", "g_in", 1000.0))

# Columns of ``cells.h``; MEMBRANE_PARAMETERS are not among them, C_m and g_L are derived from them.
LEAKY_COLUMNS = ("E_L", "V_reset", "C_m", "g_L", "V_th", "I_e")
MEMBRANE_PARAMETERS = ("cm", "tau_m")
_SYNAPSE_COLUMNS = ("E_ex", "E_in", "tau_syn_ex", "tau_syn_in")
_TAU_SYN = {"excitatory": "tau_syn_ex", "inhibitory": "tau_syn_in"}
_STATES = ("V_m", "g_ex", "g_in")
_RISES = ("rise_ex", "rise_in")
ADAPTIVE_COLUMNS = (*LEAKY_COLUMNS, "V_peak", "Delta_T", "a", "b", "tau_w")


def membrane(values: Values, dt: float) -> Values:
    """Capacitance (pF) and leak conductance (nS), computed as PyNN does for NEST."""
    return {"C_m": values["cm"] * 1000.0, "g_L": values["cm"] / values["tau_m"] * 1000.0}


def _membrane_and_jumps(values: Values, dt: float) -> Values:
    """The same, and the increase of an alpha conductance's rise per unit of weight (1/ms)."""
    return membrane(values, dt) | {
        "jump_ex": np.e / values["tau_syn_ex"],
        "jump_in": np.e / values["tau_syn_in"],
    }


_ARRIVING: dict[str, Any] = {
    "arriving": ("arriving_ex", "arriving_in"), "receptors": _TAU_SYN,
}  # fmt: skip
_EXP = _ARRIVING | {
    "added_to": {"arriving_ex": ("g_ex", None), "arriving_in": ("g_in", None)},
    "propagators": membrane,
}
_ALPHA = _ARRIVING | {
    "added_to": {"arriving_ex": ("rise_ex", "jump_ex"), "arriving_in": ("rise_in", "jump_in")},
    "propagators": _membrane_and_jumps,
}
_JUMPS = ("jump_ex", "jump_in")
ADAPTIVE_TRANSLATIONS = (*LEAKY_TRANSLATIONS, *_ADAPTATION)


class _CompiledCell:
    """Mixin of cell types that have a `CompiledKind`."""

    receptor_types = _BOTH
    state_variable_translations = build_translations(*_CONDUCTANCES)
    post_synaptic_variables: ClassVar = dict(
        zip(_BOTH, ("arriving_ex", "arriving_in"), strict=True)
    )


class IF_cond_exp(_CompiledCell, pynn.IF_cond_exp):
    __doc__ = pynn.IF_cond_exp.__doc__
    translations = build_translations(*LEAKY_TRANSLATIONS, *_DECAYS, *_REVERSALS)
    kind = CompiledKind(
        "IF_cond_exp",
        "leaky_exp",
        _STATES,
        (*LEAKY_COLUMNS, *_SYNAPSE_COLUMNS, *MEMBRANE_PARAMETERS),
        **_EXP,
    )


class IF_cond_alpha(_CompiledCell, pynn.IF_cond_alpha):
    __doc__ = pynn.IF_cond_alpha.__doc__
    translations = IF_cond_exp.translations
    kind = CompiledKind(
        "IF_cond_alpha",
        "leaky_alpha",
        (*_STATES, *_RISES),
        (*LEAKY_COLUMNS, *_SYNAPSE_COLUMNS, *_JUMPS, *MEMBRANE_PARAMETERS),
        **_ALPHA,
    )


class IF_facets_hardware1(_CompiledCell, pynn.IF_facets_hardware1):
    __doc__ = pynn.IF_facets_hardware1.__doc__
    translations = build_translations(
        *_POTENTIALS, *_DECAYS, ("e_rev_I", "E_in"), ("g_leak", "g_L")
    )  # fmt: skip
    extra_parameters: ClassVar = {"C_m": 200.0, "t_ref": 1.0, "E_ex": 0.0}
    kind = CompiledKind(
        "IF_facets_hardware1",
        "leaky_exp",
        _STATES,
        (*LEAKY_COLUMNS, *_SYNAPSE_COLUMNS),
        **(_EXP | {"propagators": None}),
    )


class IF_cond_exp_gsfa_grr(_CompiledCell, pynn.IF_cond_exp_gsfa_grr):
    __doc__ = pynn.IF_cond_exp_gsfa_grr.__doc__
    _own = ("tau_sfa", "E_sfa", "q_sfa", "tau_rr", "E_rr", "q_rr")
    translations = build_translations(
        *LEAKY_TRANSLATIONS, *_DECAYS, *_REVERSALS,
        ("tau_sfa", "tau_sfa"), ("e_rev_sfa", "E_sfa"), ("q_sfa", "q_sfa"),
        ("tau_rr", "tau_rr"), ("e_rev_rr", "E_rr"), ("q_rr", "q_rr"),
    )  # fmt: skip
    # PyNN has these two in nS.
    state_variable_translations = build_translations(
        *_CONDUCTANCES, ("g_s", "g_sfa"), ("g_r", "g_rr")
    )
    kind = CompiledKind(
        "IF_cond_exp_gsfa_grr",
        "adapting",
        (*_STATES, "g_sfa", "g_rr"),
        (*LEAKY_COLUMNS, *_SYNAPSE_COLUMNS, *_own, *MEMBRANE_PARAMETERS),
        **_EXP,
    )


_W = ("w", "w", 1000.0)


class EIF_cond_exp_isfa_ista(_CompiledCell, pynn.EIF_cond_exp_isfa_ista):
    __doc__ = pynn.EIF_cond_exp_isfa_ista.__doc__
    translations = build_translations(*ADAPTIVE_TRANSLATIONS, *_DECAYS, *_REVERSALS)
    state_variable_translations = build_translations(*_CONDUCTANCES, _W)
    kind = CompiledKind(
        "EIF_cond_exp_isfa_ista",
        "exponential_exp",
        (*_STATES, "w"),
        (*ADAPTIVE_COLUMNS, *_SYNAPSE_COLUMNS, *MEMBRANE_PARAMETERS),
        **_EXP,
    )


class EIF_cond_alpha_isfa_ista(_CompiledCell, pynn.EIF_cond_alpha_isfa_ista):
    __doc__ = pynn.EIF_cond_alpha_isfa_ista.__doc__
    translations = EIF_cond_exp_isfa_ista.translations
    state_variable_translations = EIF_cond_exp_isfa_ista.state_variable_translations
    kind = CompiledKind(
        "EIF_cond_alpha_isfa_ista",
        "exponential_alpha",
        (*_STATES, "w", *_RISES),
        (*ADAPTIVE_COLUMNS, *_SYNAPSE_COLUMNS, *_JUMPS, *MEMBRANE_PARAMETERS),
        **_ALPHA,
    )


class HH_cond_exp(_CompiledCell, pynn.HH_cond_exp):
    __doc__ = pynn.HH_cond_exp.__doc__
    recordable = ("spikes", "v", "gsyn_exc", "gsyn_inh", "m", "n", "h")
    translations = build_translations(
        ("gbar_Na", "g_Na", 1000.0), ("gbar_K", "g_K", 1000.0), ("g_leak", "g_L", 1000.0),
        ("cm", "C_m", 1000.0), ("v_offset", "V_T"), ("i_offset", "I_e", 1000.0),
        ("e_rev_Na", "E_Na"), ("e_rev_K", "E_K"), ("e_rev_leak", "E_L"), *_DECAYS, *_REVERSALS,
    )  # fmt: skip
    state_variable_translations = build_translations(
        *_CONDUCTANCES, ("m", "Act_m"), ("n", "Act_n"), ("h", "Inact_h")
    )
    kind = CompiledKind(
        "HH_cond_exp",
        "traub",
        (*_STATES, "Act_m", "Inact_h", "Act_n"),
        ("g_Na", "g_K", "g_L", "C_m", "E_Na", "E_K", "E_L", "V_T", *_SYNAPSE_COLUMNS, "I_e"),
        fixed_refractory_period=2.0,
        **(_EXP | {"propagators": None}),
    )


class Izhikevich(_CompiledCell, pynn.Izhikevich):
    __doc__ = pynn.Izhikevich.__doc__
    translations = build_translations(
        ("a", "a"), ("b", "b"), ("c", "c"), ("d", "d"), ("i_offset", "I_e", 1000.0)
    )
    state_variable_translations = build_translations(("v", "V_m"), ("u", "U_m"))
    post_synaptic_variables = dict.fromkeys(_BOTH, "arriving")
    kind = CompiledKind(
        "Izhikevich",
        "quadratic",
        ("V_m", "U_m"),
        ("a", "b", "c", "d", "I_e"),
        arriving=("arriving",),
        weight_unit=("1", 1.0),
        has_delta_synapses=True,
    )


def leak_propagators(values: Values, dt: float) -> Values:
    """Propagators of the membrane over a step of `dt` ms: of potential (1) and current (mV/pA)."""
    p_vv = np.exp(-dt / values["tau_m"])
    return {"p_vv": p_vv, "p_vc": 1 / (values["cm"] * 1000.0) * (1 - p_vv) * values["tau_m"]}


class IF_curr_delta(_CompiledCell, pynn.IF_curr_delta):
    __doc__ = pynn.IF_curr_delta.__doc__
    translations = build_translations(*LEAKY_TRANSLATIONS)
    state_variable_translations = build_translations(("v", "V_m"))
    post_synaptic_variables = dict.fromkeys(_BOTH, "arriving")
    kind = CompiledKind(
        "IF_curr_delta",
        "delta",
        ("V_m",),
        ("E_L", "V_reset", "V_th", "I_e", "p_vv", "p_vc", *MEMBRANE_PARAMETERS),
        arriving=("arriving",),
        weight_unit=("1", 1.0),
        has_delta_synapses=True,
        propagators=leak_propagators,
    )


class SpikeSourceArray(spike_trains.SpikeSourceArray):
    __doc__ = spike_trains.SpikeSourceArray.__doc__


class SpikeSourcePoisson(frozen_inputs.SpikeSourcePoisson):
    __doc__ = frozen_inputs.SpikeSourcePoisson.__doc__


class SpikeSourcePoissonRefractory(renewal_sources.SpikeSourcePoissonRefractory):
    __doc__ = renewal_sources.SpikeSourcePoissonRefractory.__doc__


class SpikeSourceGamma(renewal_sources.SpikeSourceGamma):
    __doc__ = renewal_sources.SpikeSourceGamma.__doc__


class SpikeSourceInhGamma(renewal_sources.SpikeSourceInhGamma):
    __doc__ = renewal_sources.SpikeSourceInhGamma.__doc__
