"""Corrections of plasticity, taken out; see `ablations`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tests.conformance.ablations import part, without


def _nest_rule(change: Callable[[Any, dict[str, Any]], dict[str, Any]]) -> None:
    """Change what NEST's synapses are given."""
    module = part("nest.projections")
    translate = module.stdp_parameters
    module.stdp_parameters = lambda block, *rest: change(block, translate(block, *rest))


def _brian2_rule(change: Callable[[Any], Any]) -> None:
    """Change the equations of Brian2's synapses."""
    module = part("brian2.stdp")
    write = module.pair_rule
    module.pair_rule = lambda *arguments, **ring: change(write(*arguments, **ring))


def _replaced(code: dict[str, str], pathway: str, before: str, after: str) -> dict[str, str]:
    assert before in code[pathway]
    return code | {pathway: code[pathway].replace(before, after)}


@without("dendritic_delay_fraction", "nest", "rule_additive_split_delays")
def all_of_the_delay_dendritic() -> None:
    part("nest.projections").split_delays = lambda block, dt, label: (
        np.zeros(len(block), dtype=np.int64),
        block.delay_steps(dt, label),
    )


@without("dendritic_delay_fraction", "nest", "rule_additive_axonal_delay")
def a_dendritic_part_of_a_step_unasked() -> None:
    module = part("nest.projections")
    split = module.split_delays

    def at_least_a_step(*arguments: Any) -> tuple[np.ndarray, np.ndarray]:
        axonal, dendritic = split(*arguments)
        return axonal + dendritic - np.maximum(dendritic, 1), np.maximum(dendritic, 1)

    module.split_delays = at_least_a_step


@without("dendritic_delay_fraction", "brian2", "one_pair", "rule_additive_split_delays")
def all_of_the_delay_axonal() -> None:
    part("brian2.projections").split_delays = lambda block, dt, label: (
        block.delay_steps(dt, label),
        np.zeros(len(block), dtype=np.int64),
    )


@without(
    "multiplicative; additive potentiation, multiplicative depression", "brian2",
    "rule_multiplicative_axonal_delay", "rule_additive_multiplicative_axonal_delay",
)  # fmt: skip
@without("Gutig", "brian2", "rule_gutig_axonal_delay")
def all_rules_additive() -> None:
    part("brian2.stdp")._with_exponent = lambda base, exponent, value: "1"


@without("Gutig", "nest", "gutig_with_exponents_of_its_own")
def exponents_of_one_half() -> None:
    _nest_rule(lambda block, values: values | {"mu_plus": 0.5, "mu_minus": 0.5})


@without("A_plus = 0", "nest", "depression_without_potentiation")
def a_rate_that_is_a_plus() -> None:
    _nest_rule(
        lambda block, values: (
            values | {"lambda": block.parameters["A_plus"], "alpha": block.parameters["A_minus"]}
        )
    )


@without("weight read back", "brian2", "weight_as_last_transmitted")
def the_weight_now() -> None:
    cls = part("brian2.projections").Projection
    read = cls._values
    cls._values = lambda self, part, name: read(
        self, part, "weight_now" if name == "weight" else name
    )


@without("weight read back", "nest", "weight_now_and_as_last_transmitted")
def the_last_transmitted_for_now() -> None:
    cls = part("nest.projections").Projection
    read = cls._attribute

    def transmitted(self: Any, name: str, *rest: Any) -> Any:
        return read(self, "weight" if name == "weight_now" else name, *rest)

    cls._attribute = transmitted


@without("zero-lag pair", "brian2", "pair_of_lag_zero")
def pairs_of_lag_zero_that_count() -> None:
    before = "post_trace_now = int(post_time == t)*post_trace_old + int(post_time < t)*decayed"

    def change(rule: Any) -> Any:
        return replace(
            rule, on_pre=_replaced(rule.on_pre, "arrive", before, "post_trace_now = decayed")
        )

    _brian2_rule(change)


@without("tau_minus a projection", "nest", "two_values_of_tau_minus")
def the_last_tau_minus_wins() -> None:
    import nest

    def set_tau_minus(post: Any, wanted: np.ndarray, label: str, name: str) -> None:
        nest.SetStatus(post.node_collection, {name: float(np.nanmax(wanted))})

    part("nest.projections").set_tau_minus = set_tau_minus


@without("inhibitory STDP", "brian2", "bounds_of_an_inhibitory_synapse")
def bounds_of_excitatory_weights() -> None:
    before = "w_max*clip(weight/w_max + gain, -1e300, 1)"
    after = (
        "int(weight + w_max*gain <= w_max)*(weight + w_max*gain)"
        " + int(weight + w_max*gain > w_max)*w_max"
    )
    _brian2_rule(lambda rule: replace(rule, on_post=_replaced(rule.on_post, "post", before, after)))


@without("pairing schemes", "brian2", "pairs_that_each_scheme_counts")
def all_pairs_in_each_scheme() -> None:
    schemes = part("shared.plasticity_rules").PAIRINGS
    for name in schemes:
        schemes[name] = schemes["pair_rule"]


@without("pairing schemes", "nest", "pairs_that_each_scheme_counts")
def a_clock_that_begins_at_0() -> None:
    part("nest.lead_in").require_lead_in = lambda *_: None


@without("triplet rule", "nest", "triplet_on_poisson_trains")
@without("Vogels2011Rule", "nest", "vogels_on_poisson_trains")
def other_rules_as_pair_rules() -> None:
    part("nest.projections").MODELS.update(
        dict.fromkeys(("triplet", "vogels_2011"), "stdp_synapse")
    )


@without("triplet rule", "brian2", "triplet_on_poisson_trains")
@without("Vogels2011Rule", "brian2", "inhibitory_plasticity_of_negative_weights")
def depression_without_bound_or_sign() -> None:
    module = part("brian2.stdp")
    module._DECREASE = "weight = weight - loss\n"


@without("w_min other than 0", "nest", "smallest_weight_above_zero")
def no_synapses_that_carry_w_min() -> None:
    part("nest.projections").Projection._floor_parameters = lambda self, block: {}


@without("array parameters", "nest", "potentiation_of_each_synapse")
def one_value_for_all_synapses() -> None:
    _nest_rule(lambda block, values: {k: np.mean(v) for k, v in values.items()})


@without('get("A_minus", "w_max")', "nest", "rule_parameters_read_back")
def nest_s_own_parameters() -> None:
    cls = part("nest.projections").Projection
    read = cls._attribute
    names = {"A_minus": "alpha", "w_max": "Wmax"}

    def raw(self: Any, name: str, *rest: Any) -> Any:
        if name in names:
            return np.asarray(self.nest_connections.get(names[name]))
        return read(self, name, *rest)

    cls._attribute = raw


@without("STDPMechanism.base_translations", "nest", "parameters_of_one_mechanism_after_another")
@without("STDPMechanism.base_translations", "brian2", "parameters_of_one_mechanism_after_another")
def translations_of_the_class() -> None:
    from pyNN.standardmodels import synapses as stock

    cls = part("shared.synapse_types").STDPMechanism
    cls._build_translations = stock.STDPMechanism._build_translations


@without("current- and conductance-based in one process", "brian2", "read_back_beside_another_unit")
def the_last_unit_for_all() -> None:
    module = part("brian2.projections")
    make, made = module.ProjectionPart, []

    def remember(group: Any, scale: float) -> Any:
        made.append(make(group, scale))
        for one in made:
            one.scale = scale
        return made[-1]

    module.ProjectionPart = remember
