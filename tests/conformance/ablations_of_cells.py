"""Corrections of cell types, taken out one at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests.conformance.ablations import part, without

DT = 0.1


def _step(run: Any) -> None:
    """Let cells take steps of Python's."""
    kinds = part("brian2.cell_kinds")
    kinds.CompiledStep = type("Step", (kinds.CompiledStep,), {"run": run})


@without("conductances", "brian2", "exponential_conductance")
def euler_s_method() -> None:
    def run(step: Any) -> None:
        conductance, arrived, tau = step._columns[5], step._columns[7], 5.0
        conductance += arrived
        conductance -= DT * conductance / tau
        arrived[:] = 0.0

    _step(run)


@without("alpha conductances of EIF", "brian2", "alpha_conductance_of_an_adaptive_cell")
def exponential_conductances() -> None:
    cells = part("brian2.cell_types")
    cells.EIF_cond_alpha_isfa_ista.kind = cells.EIF_cond_exp_isfa_ista.kind


@without("delta_T = 0", "brian2", "adaptive_cell_without_exponential")
def an_exponential_of_any_slope() -> None:
    celltype, leak = (
        getattr(part("brian2.cell_types"), k) for k in ("EIF_cond_exp_isfa_ista", "membrane")
    )
    celltype.kind = replace(
        celltype.kind,
        propagators=lambda values, dt: (
            leak(values, dt) | {"Delta_T": np.maximum(values["Delta_T"], 1e-9)}
        ),
    )


@without("reset of each cell", "brian2", "reset_of_each_cell")
def one_reset_for_all() -> None:
    celltype = part("brian2.cell_types").Izhikevich
    celltype.kind = replace(
        celltype.kind, propagators=lambda values, dt: {"c": np.full(3, values["c"][0])}
    )


@without("one spike an action potential", "brian2", "spikes_of_action_potentials")
def a_spike_in_every_step() -> None:
    def run(step: Any) -> None:
        step.take_step()
        rows = np.flatnonzero(step._columns[4] > -40.0)
        step.spikespace[: len(rows)] = rows
        step.spikespace[-1] = len(rows)

    _step(run)
