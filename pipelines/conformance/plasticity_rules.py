"""Checks of the rules of plasticity beside the pair rule: against the reference, and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from .check import check
from .neurons import begin
from .stdp import W_MAX, plastic_pair, rule_case, weight_dependence, weight_of

SCHEMES = {
    "nearest_symmetric": "NearestNeighbourSymmetricRule",
    "presynaptic_centred": "PresynapticCentredRule",
    "reduced_symmetric": "ReducedSymmetricRule",
}
_OTHERS = {"triplet": ("TripletRule", "triplet rule"), "vogels": ("Vogels2011Rule",) * 2}

for _name, _class in SCHEMES.items():
    _case = rule_case(
        ("additive", 1.0, 1.0), ("multiplicative", 5.0, 0.3), ("gutig", 5.0, 0.5), timed_by=_class
    )
    _case.__name__ = f"{_name}_on_poisson_trains"
    check("pairing schemes")(_case)
for _name, (_class, _row) in _OTHERS.items():
    _case = rule_case(("additive", 1.0, 1.0), ("additive", 5.0, 0.3), timed_by=_class)
    _case.__name__ = f"{_name}_on_poisson_trains"
    check(_row)(_case)


@check("pairing schemes")
def pairs_that_each_scheme_counts(sim: Any) -> tuple[Any, Any]:
    """Post at 5, pre at 50 and 56, post at 60 and 85, pre at 100: pairs counted by hand.

    With a dendritic delay of 1 ms the postsynaptic spikes reach the synapse at 6, 61 and 86. The
    first comes before any presynaptic spike, and potentiates nothing.
    """
    begin(sim)
    made = [
        plastic_pair(
            sim, [50.0, 56.0, 100.0], [5.0, 60.0, 85.0], weight_dependence(sim, "additive"),
            1.0, 1.0, rule=rule,
        )[0]
        for rule in SCHEMES.values()
    ]  # fmt: skip
    sim.run(120.0)

    def weight(potentiating: list[float], depressing: list[float]) -> float:
        plus, minus = (np.exp(-np.array(lags) / 20) for lags in (potentiating, depressing))
        return float(0.5 + 0.01 * np.sum(plus) - 0.02 * np.sum(minus))

    return [weight_of(one) for one in made], [
        weight([5, 30], [44, 50, 14]),
        weight([11, 5], [44, 50, 14]),
        weight([5], [44, 14]),
    ]


@check("Vogels2011Rule")
def inhibitory_plasticity_of_negative_weights(sim: Any) -> tuple[Any, Any]:
    """Pre at 50 and 90, post at 60: weights of inhibitory currents change in size."""
    begin(sim)
    synapse, _ = plastic_pair(
        sim, [50.0, 90.0], [60.0], sim.AdditiveWeightDependence(w_min=0.0, w_max=-W_MAX), 1.0, 1.0,
        receptor_type="inhibitory", weight=-0.5 * W_MAX, rule="Vogels2011Rule",
        tau=20.0, eta=0.1 * W_MAX, rho=0.005,
    )  # fmt: skip
    sim.run(100.0)
    # 0.5 + 0.1 (exp(-11/20) + exp(-29/20) - 2 * 0.2)
    return [weight_of(synapse)], [-0.5 - 0.1 * (np.exp(-11 / 20) + np.exp(-29 / 20) - 0.4)]
