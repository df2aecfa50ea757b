"""Kinds of synapse with spike-timing-dependent plasticity, as Brian2 equations.

Each kind has three pathways with separate delays, which act in this order within a step: `post`
(dendritic delay: potentiates), `arrive` (axonal delay: depresses, then sends the weight) and `pre`
(total delay: the weight reaches the neuron). Which spike pairs count is defined in
`shared.plasticity_rules`.

Corrects (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): all weight dependences are additive (row
"multiplicative; additive potentiation, multiplicative depression"); Gutig's rule fails
("Gutig"); delays are axonal only ("dendritic_delay_fraction"); a zero-lag pair potentiates
("zero-lag pair").
"""

from __future__ import annotations

from ..shared.pairings import PAIRINGS, Pairing
from .synapse_kinds import WEIGHTS, SynapseKind, transit_code

_ALL = PAIRINGS["pair_rule"]
# Columns of the rule table of each kind; times in seconds, weights in Brian2's base units.
_PAIR_RULE = (
    "tau_plus", "tau_minus", "A_plus", "A_minus", "w_max", "w_min", "mu_plus", "mu_minus",
)  # fmt: skip
_TRIPLET = (
    "tau_plus", "tau_minus", "A_plus", "A_minus", "w_max", "w_min", "tau_plus_triplet",
    "tau_minus_triplet", "A_plus_triplet", "A_minus_triplet",
)  # fmt: skip
_VOGELS = ("tau", "eta", "rho", "w_max", "w_min")

_INCREASE = "weight = w_max*clip(weight/w_max + gain, -1e300, 1)\n"
_DECREASE = "weight = w_max*clip(weight/w_max - loss, w_min/w_max, 1e300)\n"


def pair_rule(
    unit: str,
    target: str,
    rule: str,
    mu_plus: float | None,
    mu_minus: float | None,
    ring: bool,
) -> SynapseKind:
    """Synapses with the pair rule (Morrison et al. 2008, eq. 2 to 4; Guetig et al. 2003).

    With w in units of w_max, a postsynaptic spike that reaches the synapse adds
    A_plus (1 - w)^mu_plus x to w, up to 1. A presynaptic spike subtracts
    A_minus (w - w_min)^mu_minus y, down to w_min. The traces x and y of earlier presynaptic and
    postsynaptic spikes decay with tau_plus and tau_minus.

    Parameters
    ----------
    unit
        Brian2 unit of the weight, such as ``"amp"``.
    target
        Variable of the postsynaptic neurons that the weight is added to.
    rule
        Name of the pairing scheme.
    mu_plus, mu_minus
        Fixed exponents, 0 or 1, for which no power is computed; None to read them from the table.
    ring
        Whether several weights can be in transit on a synapse.
    """
    pairing = PAIRINGS[rule]
    values = _values(_PAIR_RULE)
    potentiate = _with_exponent("(1 - weight/w_max)", values["mu_plus"], mu_plus)
    depress = _with_exponent("((weight - w_min)/w_max)", values["mu_minus"], mu_minus)
    at_post = f"gain = {values['A_plus']}*{potentiate}*pre_trace_now\n" + _INCREASE
    at_pre = f"loss = {values['A_minus']}*{depress}*post_trace_now\n" + _DECREASE
    variables: tuple[str, ...] = ()
    if pairing.restricted:
        variables = ("post_spike_pending",)
        at_post += "post_spike_pending = 1\n"
        at_pre = (
            "post_trace_now = post_trace_now*post_spike_pending\n"
            + at_pre
            + "post_spike_pending = 0\n"
        )
    exponents = "".join("n" if mu is None else str(int(mu)) for mu in (mu_plus, mu_minus))
    prefix = "stdp" if pairing is _ALL else rule
    name = f"{prefix}_{exponents}"
    return _kind(name, unit, target, ring, values, at_post, at_pre, variables, pairing=pairing)


def triplet(unit: str, target: str, ring: bool) -> SynapseKind:
    """Synapses with the triplet rule, by the equations of `shared.plasticity_rules.TripletRule`.

    Parameters
    ----------
    unit, target, ring
        As for `pair_rule`.
    """
    values = _values(_TRIPLET)
    # A spike enters its own slow trace only after it has changed the weight.
    at_post = f"""
    slow_now = post_slow*exp((post_time - t)/({values["tau_minus_triplet"]}*second))
    gain = pre_trace_now*({values["A_plus"]} + {values["A_plus_triplet"]}*slow_now)
    {_INCREASE}
    post_slow = slow_now + 1
    """
    at_pre = f"""
    slow_now = pre_slow*exp((pre_time - t)/({values["tau_plus_triplet"]}*second))
    loss = post_trace_now*({values["A_minus"]} + {values["A_minus_triplet"]}*slow_now)
    {_DECREASE}
    pre_slow = slow_now + 1
    """
    decay_code = "".join(
        f"{side}_slow = {side}_slow*exp(({side}_time - t)/({values[tau]}*second))\n"
        for side, tau in (("pre", "tau_plus_triplet"), ("post", "tau_minus_triplet"))
    )
    slow = ("pre_slow", "post_slow")
    return _kind(
        "triplet", unit, target, ring, values, at_post, at_pre, slow, decay_code=decay_code
    )


def vogels_2011(unit: str, target: str, ring: bool) -> SynapseKind:
    """Synapses with inhibitory plasticity, by the equations of `plasticity_rules.Vogels2011Rule`.

    Parameters
    ----------
    unit, target, ring
        As for `pair_rule`.
    """
    values = _values(_VOGELS)
    rate = f"{values['eta']}/abs(w_max)"
    at_post = f"gain = {rate}*pre_trace_now\n" + _INCREASE
    at_pre = f"gain = {rate}*post_trace_now\n" + _INCREASE
    at_pre += f"loss = {rate}*2*{values['rho']}*{values['tau']}\n" + _DECREASE
    taus = ("tau", "tau")
    return _kind("vogels_2011", unit, target, ring, values, at_post, at_pre, taus=taus)


def _kind(
    name: str,
    unit: str,
    target: str,
    ring: bool,
    values: dict[str, str],
    at_post: str,
    at_pre: str,
    variables: tuple[str, ...] = (),
    taus: tuple[str, str] = ("tau_plus", "tau_minus"),
    pairing: Pairing = _ALL,
    decay_code: str = "",
) -> SynapseKind:
    """A kind that changes `weight` whenever a presynaptic or postsynaptic spike arrives.

    Parameters
    ----------
    values
        Expressions of the rule's parameters, by name, in the order of the table's columns.
    at_post, at_pre
        Code for the arrival of a postsynaptic and of a presynaptic spike. They read the trace of
        the other side: `pre_trace_now` and `post_trace_now`.
    variables
        Names of further variables of a synapse.
    taus
        Names of the time constants of the presynaptic and the postsynaptic trace.
    decay_code
        Code that lets the further variables decay to the time `t`.
    """
    send, deliver, transit_variables = transit_code(ring, unit, target)
    bounds = f"w_max = {values['w_max']}\nw_min = {values['w_min']}\n"
    begin = bounds + "".join(
        f"{tau} = {values[name]}*second\n"
        for tau, name in zip(("tau_pre", "tau_post"), taus, strict=True)
    )
    post = f"""
    pre_trace_now = pre_trace*exp((pre_time - t)/tau_pre)
    {at_post}
    {"pre_trace = 0" if pairing.resets_pre_trace else ""}
    post_trace_old = post_trace*exp((post_time - t)/tau_post)
    post_trace = {"post_trace_old + 1" if pairing.all_post else "1"}
    post_time = t
    """
    # A postsynaptic spike that arrives in the same step forms a pair with zero lag, which does
    # not count: the trace from before that spike is used.
    arrive = f"""
    decayed = post_trace*exp((post_time - t)/tau_post)
    post_trace_now = int(post_time == t)*post_trace_old + int(post_time < t)*decayed
    {at_pre}
    pre_trace = {"pre_trace*exp((pre_time - t)/tau_pre) + 1" if pairing.all_pre else "1"}
    pre_time = t
    weight_sent = weight
    """
    decay_code += """
    pre_trace = pre_trace*exp((pre_time - t)/tau_pre)
    post_trace = post_trace*exp((post_time - t)/tau_post)
    pre_time = t
    post_time = t
    """
    traces = ("pre_trace", "post_trace", "post_trace_old", *variables)
    return SynapseKind(
        f"{name}{'_ring' if ring else ''}",
        model=WEIGHTS
        + "".join(f"{one} : 1\n" for one in traces)
        + "pre_time : second\npost_time : second\n"
        + transit_variables,
        on_post={"post": _lines(begin + post)},
        on_pre={"arrive": _lines(begin + arrive + send), "pre": deliver},
        columns=tuple(values),
        state_variables=(*traces, "pre_time", "post_time"),
        decay_code=_lines(begin + decay_code),
        ring=ring,
    )


def _lines(code: str) -> str:
    """Code without indentation and empty lines."""
    return "".join(f"{line.strip()}\n" for line in code.splitlines() if line.strip())


def _with_exponent(base: str, exponent: str, value: float | None) -> str:
    if value == 0:
        return "1"
    if value == 1:
        return base
    # The base is negative for a weight set beyond its bound: `clip` makes the power defined.
    whole = f"int({exponent} == 1)"
    return f"({whole}*{base} + (1 - {whole})*clip({base}, 0, 1)**{exponent})"


def _values(columns: tuple[str, ...]) -> dict[str, str]:
    """Expressions that read the rule's parameters from the table, by name."""
    return {name: f"rule_value(row + {k})" for k, name in enumerate(columns)}
