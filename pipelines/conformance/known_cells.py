"""Known differences: cell types beyond `IF_curr_exp`."""

from __future__ import annotations

from .difference import RECONCILED, Difference

_CELLS = ("brian2/cell_types.py", "brian2/cell_kinds.py", "brian2/adaptive_solver.py")

KNOWN = (
    Difference(
        row="conductances",
        construct="IF_cond_exp, IF_cond_alpha, and all cells with conductances",
        behaviour={
            "nest": "adaptive Runge-Kutta-Fehlberg steps within a time step",
            "brian2": "Euler's method, or Heun's",
        },
        right="NEST",
        evidence="a conductance of tau_syn 5 ms has lost 1 % too much after that time; spikes "
        "come a step or two early",
        severity="S",
        state=RECONCILED,
        how="one compiled function a cell type takes the same steps as NEST: spikes are the same, "
        "signals to the last bit where fewer than three spikes arrive at a receptor in a step",
        modules=_CELLS,
        stock={
            "brian2": {
                "exponential_conductance": "0.364169680087, expected 0.367879",
                "alpha_conductance": "0, expected 0.00053289",
            }
        },
    ),
    Difference(
        row="alpha conductances of EIF",
        construct="EIF_cond_alpha_isfa_ista",
        behaviour={"nest": "ok", "brian2": "exponential conductances"},
        right="NEST",
        evidence="10 nS at once in place of 0.53 nS after a step",
        severity="S",
        state=RECONCILED,
        how="alpha conductances",
        modules=_CELLS,
        stock={"brian2": {"alpha_conductance_of_an_adaptive_cell": "0.01, expected 0.00053289"}},
    ),
    Difference(
        row="delta_T = 0",
        construct="an adaptive exponential cell without its exponential",
        behaviour={"nest": "fires at v_thresh", "brian2": "divides by zero: no spike, or fails"},
        right="NEST",
        evidence="no spike in place of 17",
        severity="S",
        state=RECONCILED,
        how="a cell with delta_T = 0 fires at v_thresh, any other at v_spike",
        modules=_CELLS,
        stock={"brian2": {"adaptive_cell_without_exponential": "shape (0,), expected (17,)"}},
    ),
    Difference(
        row="reset of each cell",
        construct="c and d of Izhikevich, v_reset and b of EIF: for each cell, or set",
        behaviour={"nest": "ok", "brian2": "those of the first cell for all; set() fails"},
        right="NEST",
        evidence="v after a spike is -65 mV for -55 mV",
        severity="S",
        state=RECONCILED,
        how="every parameter is a value of each cell",
        modules=_CELLS,
        stock={"brian2": {"reset_of_each_cell": "-65, expected -55"}},
    ),
    Difference(
        row="one spike an action potential",
        construct="HH_cond_exp",
        behaviour={
            "nest": "a spike where v has passed its peak",
            "brian2": "a spike in every step in which v is above -40 mV",
        },
        right="NEST",
        evidence="5 spikes for 2 action potentials",
        severity="S",
        state=RECONCILED,
        how="a spike where v has passed its peak above v_offset + 30 mV, at most one in 2 ms",
        modules=_CELLS,
        stock={"brian2": {"spikes_of_action_potentials": "5, expected 2"}},
    ),
)
