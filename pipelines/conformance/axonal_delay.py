"""Checks of plasticity with a purely axonal delay, which stock Brian2 has and NEST has not."""

from __future__ import annotations

from typing import Any

from .check import check
from .neurons import begin
from .stdp import (
    MULTIPLICATIVE,
    TO_THE_BOUNDS,
    W_MAX,
    plastic_pair,
    rule_case,
    weight_dependence,
    weight_of,
)

for _rule, _row in (
    ("additive", "dendritic_delay_fraction"),
    ("multiplicative", MULTIPLICATIVE),
    ("additive_multiplicative", MULTIPLICATIVE),
    ("gutig", "Gutig"),
):
    _case = rule_case((_rule, 1.0, 0.0))
    _case.__name__ = f"rule_{_rule}_axonal_delay"
    check(_row, refusable=True)(_case)


@check("zero-lag pair", refusable=True)
def pair_of_lag_zero_axonal(sim: Any) -> tuple[Any, Any]:
    """Pre at 50 reaches the synapse with post at 51; only the depression of 90 counts."""
    begin(sim)
    synapse, _ = plastic_pair(
        sim, [50.0, 90.0], [51.0], weight_dependence(sim, "additive"), 1.0, 0.0, tau_minus=30.0
    )
    sim.run(100.0)
    # 0.5 - 0.02 exp(-40/30)
    return [weight_of(synapse)], [0.494728057238]


@check("inhibitory STDP", refusable=True)
def bounds_of_an_inhibitory_synapse_axonal(sim: Any) -> tuple[Any, Any]:
    """Potentiation ends at w_max, depression at 0."""
    begin(sim)
    synapses = [
        plastic_pair(
            sim, [50.0, 90.0], [60.0],
            sim.AdditiveWeightDependence(w_min=0.0, w_max=-W_MAX), 1.0, 0.0,
            receptor_type="inhibitory", weight=-0.5 * W_MAX, **timing,
        )[0]
        for timing in TO_THE_BOUNDS
    ]  # fmt: skip
    sim.run(100.0)
    return [weight_of(synapse) for synapse in synapses], [-1.0, 0.0]


@check("weight read back", refusable=True)
def weight_as_last_transmitted_axonal(sim: Any) -> tuple[Any, Any]:
    """Potentiated at 60, after the last presynaptic spike: not transmitted yet."""
    begin(sim)
    synapse, _ = plastic_pair(sim, [50.0], [60.0], weight_dependence(sim, "additive"), 1.0, 0.0)
    sim.run(100.0)
    return [weight_of(synapse)], [0.5]
