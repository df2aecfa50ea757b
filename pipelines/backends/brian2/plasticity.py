"""The pair rule of spike-timing-dependent plasticity, as Brian2 equations.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): all weight dependences are additive (row
"multiplicative; additive potentiation, multiplicative depression"); Gutig's rule fails
("Gutig"); delays are axonal only ("dendritic_delay_fraction"); a zero-lag pair potentiates
("zero-lag pair").

Three pathways with delays of their own, in this order within a step: `post` (a postsynaptic
spike reaches the synapse after the dendritic delay: potentiate), `arrive` (a presynaptic
spike reaches it after the axonal delay: depress, then put the weight under way) and `pre`
(after the whole delay, that weight reaches the neuron). Weights under way wait in a ring of
`slots` values a synapse: a bursting neuron has several spikes under way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RULE_PARAMETERS = (
    "tau_plus", "tau_minus", "A_plus", "A_minus", "w_max", "w_min", "mu_plus", "mu_minus",
)  # fmt: skip

_STATE = """
weight : {unit}
transmitted : {unit}
pre_trace : 1
post_trace : 1
post_trace_old : 1
pre_time : second
post_time : second
"""


@dataclass(frozen=True)
class PairRule:
    """Equations of one plastic projection: model, and code of the three pathways."""

    model: str
    post: str
    arrive: str
    pre: str


def pair_rule(unit: str, target: str, shared: dict[str, float | None], slots: int) -> PairRule:
    """Write the equations of the pair rule (Morrison et al. 2008, eq. 2 to 4; Guetig 2003).

    Parameters
    ----------
    unit
        Brian2 unit of the weight, such as ``"amp"``.
    target
        Variable of the postsynaptic group that the weight is added to.
    shared
        Value of each rule parameter that all synapses share, None where they differ. An
        exponent of 0 or 1 that all share needs no power.
    slots
        Weights that can be under way at once on one synapse.
    """
    potentiate = _with_exponent("(1 - weight/w_max)", "mu_plus", shared["mu_plus"])
    depress = _with_exponent("((weight - w_min)/w_max)", "mu_minus", shared["mu_minus"])
    post = f"""
    gain = A_plus*{potentiate}*pre_trace*exp((pre_time - t)/tau_plus)
    weight = w_max*clip(weight/w_max + gain, -inf, 1)
    post_trace_old = post_trace*exp((post_time - t)/tau_minus)
    post_trace = post_trace_old + 1
    post_time = t
    """
    # A postsynaptic spike that arrives in this very step is a pair of lag zero: it does not
    # count, so the trace from before it is read.
    arrive = f"""
    decayed = post_trace*exp((post_time - t)/tau_minus)
    seen = int(post_time == t)*post_trace_old + int(post_time < t)*decayed
    weight = w_max*clip(weight/w_max - A_minus*{depress}*seen, w_min/w_max, inf)
    transmitted = weight
    pre_trace = pre_trace*exp((pre_time - t)/tau_plus) + 1
    pre_time = t
    """
    send, deliver, ring = _ring(unit, slots)
    return PairRule(
        model=_STATE.format(unit=unit) + ring + _declarations(unit, shared),
        post=post.replace("inf", "1e300"),
        arrive=arrive.replace("inf", "1e300") + send,
        pre=deliver.format(target=target),
    )


def _with_exponent(base: str, name: str, value: float | None) -> str:
    if value == 0:
        return "1"
    if value == 1:
        return base
    return f"(clip({base}, 0, 1)**{name})"


def _declarations(unit: str, shared: dict[str, float | None]) -> str:
    units = {"tau_plus": "second", "tau_minus": "second", "w_max": unit, "w_min": unit}
    lines = []
    for name in RULE_PARAMETERS:
        flags = "constant" if shared[name] is None else "constant, shared"
        lines.append(f"{name} : {units.get(name, '1')} ({flags})")
    return "\n".join(lines) + "\n"


def _ring(unit: str, slots: int) -> tuple[str, str, str]:
    """Code that puts a weight under way and that delivers it, and the ring's variables."""
    if slots == 1:
        return "", "{target}_post += transmitted\n", ""
    variables = "".join(f"w_{k} : {unit}\n" for k in range(slots))
    variables += "next_in : integer\nnext_out : integer\n"
    send = "".join(
        f"w_{k} = int(next_in == {k})*weight + int(next_in != {k})*w_{k}\n" for k in range(slots)
    )
    send += f"next_in = (next_in + 1) % {slots}\n"
    due = " + ".join(f"int(next_out == {k})*w_{k}" for k in range(slots))
    deliver = f"{{target}}_post += {due}\nnext_out = (next_out + 1) % {slots}\n"
    return send, deliver, variables


def ring_slots(dendritic_steps: np.ndarray, shortest_interval_steps: int) -> int:
    """Weights that can be under way at once: floor(d_dendritic / shortest interval) + 1."""
    longest = int(np.max(dendritic_steps, initial=0))
    return longest // max(1, shortest_interval_steps) + 1
