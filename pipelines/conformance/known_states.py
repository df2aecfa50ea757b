"""Known differences: states and parameters of cell types."""

from __future__ import annotations

from .difference import PARTLY, RECONCILED, Difference

KNOWN = (
    Difference(
        row="units of initial values",
        construct="initialize(gsyn_exc=), initialize(w=)",
        behaviour={"nest": "a factor 1000 too small: no unit is converted", "brian2": "ok"},
        right="Brian2: uS and nA, as PyNN's documentation says",
        evidence="0.049 nS for 49 nS, 0.0999 pA for 99.93 pA after one step",
        severity="S",
        state=RECONCILED,
        how="initial values are converted as what is recorded is",
        modules=("nest/populations.py",),
        stock={
            "nest": {
                "initial_conductance": "0.0490099336653, expected 49.00",
                "initial_adaptation": "0.0999305796626, expected 99.93",
            }
        },
    ),
    Difference(
        row="initial synaptic current",
        construct="initialize(isyn_exc=)",
        behaviour={"nest": "ignored, with a warning in the log", "brian2": "ok"},
        right="Brian2",
        evidence="-65 for -61.859 mV after 10 ms",
        severity="S",
        state=PARTLY,
        how="refused on NEST, which has no way to set it, unless it is 0; so are conductances of "
        "`HH_cond_exp` and receptors of a `PointNeuron`",
        modules=("nest/cell_types.py", "nest/populations.py"),
        stock={"nest": {"initial_synaptic_current": "-65, expected -61.858"}},
        refused={"nest": ("initial_synaptic_current",)},
    ),
    Difference(
        row="IF_curr_delta's potential",
        construct="initialize(v=) and record('v') of IF_curr_delta",
        behaviour={
            "nest": "starts at NEST's own -70 mV; recording fails in the first run",
            "brian2": "ok",
        },
        right="Brian2",
        evidence="a jump of 3 mV from -52 mV makes no spike",
        severity="S, R",
        state=RECONCILED,
        how="the cell type says what its potential is called in NEST",
        modules=("nest/cell_types.py",),
        stock={
            "nest": {
                "initial_potential_of_a_cell_of_jumps": "0, expected 1",
                "potential_of_a_cell_of_jumps": "IllegalConnection",
            }
        },
    ),
    Difference(
        row="IF_cond_exp_gsfa_grr",
        construct="a population of IF_cond_exp_gsfa_grr",
        behaviour={"nest": "KeyError", "brian2": "q_sfa and q_rr a factor 1e9 too large"},
        right="PyNN's documentation: nS",
        evidence="the error",
        severity="S, R",
        state=RECONCILED,
        how="g_s and g_r, in nS as PyNN counts them, are NEST's g_sfa and g_rr",
        modules=("nest/cell_types.py", "brian2/cell_types.py"),
        stock={
            "nest": {"adaptation_by_a_conductance": "KeyError: 'g_r'"},
            "brian2": {"adaptation_by_a_conductance": ", expected 13.57256127"},
        },
    ),
    Difference(
        row="PointNeuron parameters",
        construct="PointNeuron with a parameter for each cell, or set()",
        behaviour={"nest": "NotImplementedError", "brian2": "set() fails with a KeyError"},
        right="documented by PyNN",
        evidence="the error",
        severity="R",
        state=RECONCILED,
        how='parameters are flat, "receptor.name"',
        modules=(
            "nest/cell_types.py",
            "nest/populations.py",
            "brian2/composed_neurons.py",
            "shared/point_neuron.py",
        ),
        stock={
            "nest": {"receptors_of_each_cell": "NotImplementedError"},
            "brian2": {"receptors_of_each_cell": "KeyError"},
        },
    ),
)
