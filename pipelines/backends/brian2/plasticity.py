"""Kinds of synapse as Brian2 equations: static, short-term plastic, and the pair rule of STDP.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): all weight dependences are additive (row
"multiplicative; additive potentiation, multiplicative depression"); Gutig's rule fails
("Gutig"); delays are axonal only ("dendritic_delay_fraction"); a zero-lag pair potentiates
("zero-lag pair").

The text of a kind depends on nothing but the kind, so that each is compiled once on a machine.
Values that differ between projections stand in a table, of which a synapse knows its row. A
weight leaves the synapse when the presynaptic spike reaches it, and reaches the neuron after the
rest of the delay; where several can be on that way, they wait in the synapse's places of a ring,
those of one step as their sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import brian2
import numpy as np

# Columns of the table of a kind; times in seconds, weights in Brian2's base units.
PAIR_RULE = (
    "tau_plus", "tau_minus", "A_plus", "A_minus", "w_max", "w_min", "mu_plus", "mu_minus",
)  # fmt: skip
SHORT_TERM = ("U", "tau_rec", "tau_facil", "tau_syn")


@dataclass(frozen=True)
class SynapseKind:
    """Equations of one kind of synapse.

    Attributes
    ----------
    name
        Part of the name of the Brian2 object.
    model
        Variables of a synapse.
    on_pre, on_post
        Code of each pathway, in the order in which pathways act within a step.
    columns
        Names of the table's columns.
    resting
        Variables that are 0 at the start (x of short-term plasticity: 1; `pre_time`: before the
        spikes of time 0).
    ring
        Whether weights on their way wait in a ring.
    """

    name: str
    model: str
    on_pre: Mapping[str, str]
    on_post: Mapping[str, str]
    columns: tuple[str, ...] = ()
    resting: tuple[str, ...] = ()
    ring: bool = False

    @property
    def plastic(self) -> bool:
        """Whether a synapse has a state beside its weight."""
        return bool(self.columns)

    @property
    def pathways(self) -> tuple[str, ...]:
        """Names of the pathways, in the order in which they act within a step."""
        return (*self.on_post, *self.on_pre)


def static(unit: str, target: str) -> SynapseKind:
    """A constant weight, in Brian2's `unit`, that is added to the neuron's variable `target`."""
    return SynapseKind(
        "static",
        model=f"weight : {unit} (constant)",
        on_pre={"pre": f"{target}_post += weight"},
        on_post={},
    )


# Weights are plain numbers in Brian2's base units.
_WEIGHTS = """
weight : 1
transmitted : 1
row : integer (constant)
"""
# Of a synapse's places in the ring, spikes that reach it in steps of one stride share one.
_RING = """
first_place : integer (constant)
places : integer (constant)
stride : integer (constant)
leg : integer (constant)
"""
_TRACES = ("pre_trace", "post_trace", "post_trace_old", "pre_time", "post_time")
_PLACE = "first_place + (({step})//stride) % places"
_SEND = f"transmitted = put_under_way(weight_sent, {_PLACE.format(step='t_in_timesteps + 1')})\n"
_SEND_ONE = "transmitted = weight_sent\n"
# Taken even where the neuron takes nothing.
_DELIVER = (
    f"arriving = under_way({_PLACE.format(step='t_in_timesteps + 1 - leg')})\n"
    "{target}_post += arriving*{unit}\n"
)
_DELIVER_ONE = "{target}_post += transmitted*{unit}\n"


def _on_the_way(ring: bool, unit: str, target: str) -> tuple[str, str, str]:
    """Code that sends `weight_sent`, code that delivers it, and the variables of both."""
    deliver = (_DELIVER if ring else _DELIVER_ONE).format(target=target, unit=unit)
    return (_SEND if ring else _SEND_ONE), deliver, (_RING if ring else "")


def pair_rule(
    unit: str, target: str, mu_plus: float | None, mu_minus: float | None, ring: bool
) -> SynapseKind:
    """The pair rule (Morrison et al. 2008, eq. 2 to 4; Guetig et al. 2003).

    With w in units of w_max: a postsynaptic spike that reaches the synapse adds
    A_plus (1 - w)^mu_plus x to it, up to 1, and a presynaptic one takes
    A_minus (w - w_min)^mu_minus y, down to w_min; x and y are the traces of all earlier
    spikes from the other side, which decay with tau_plus and tau_minus.

    Three pathways with delays of their own, in this order within a step: `post` (dendritic
    delay: potentiate), `arrive` (axonal delay: depress, then send the weight) and `pre` (whole
    delay: the weight reaches the neuron).

    Parameters
    ----------
    unit
        Brian2 unit of the weight, such as ``"amp"``.
    target
        Variable of the postsynaptic neurons that the weight is added to.
    mu_plus, mu_minus
        Exponents that are 0 or 1, which need no power; None where they are in the table.
    ring
        Whether several weights can be under way on a synapse.
    """
    send, deliver, variables = _on_the_way(ring, unit, target)
    potentiate = _with_exponent("(1 - weight/w_max)", "mu_plus", mu_plus)
    depress = _with_exponent("((weight - w_min)/w_max)", "mu_minus", mu_minus)
    post = f"""
    w_max = {_value("w_max")}
    tau_plus = {_value("tau_plus")}*second
    tau_minus = {_value("tau_minus")}*second
    gain = {_value("A_plus")}*{potentiate}*pre_trace*exp((pre_time - t)/tau_plus)
    weight = w_max*clip(weight/w_max + gain, -1e300, 1)
    post_trace_old = post_trace*exp((post_time - t)/tau_minus)
    post_trace = post_trace_old + 1
    post_time = t
    """
    # A postsynaptic spike that arrives in this very step is a pair of lag zero: it does not
    # count, so the trace from before it is read.
    arrive = f"""
    w_max = {_value("w_max")}
    w_min = {_value("w_min")}
    tau_plus = {_value("tau_plus")}*second
    tau_minus = {_value("tau_minus")}*second
    decayed = post_trace*exp((post_time - t)/tau_minus)
    seen = int(post_time == t)*post_trace_old + int(post_time < t)*decayed
    weight = w_max*clip(weight/w_max - {_value("A_minus")}*{depress}*seen, w_min/w_max, 1e300)
    pre_trace = pre_trace*exp((pre_time - t)/tau_plus) + 1
    pre_time = t
    weight_sent = weight
    """
    exponents = "".join("n" if mu is None else str(int(mu)) for mu in (mu_plus, mu_minus))
    return SynapseKind(
        f"stdp_{exponents}{'_ring' if ring else ''}",
        model=_WEIGHTS
        + "pre_trace : 1\npost_trace : 1\npost_trace_old : 1\n"
        + "pre_time : second\npost_time : second\n"
        + variables,
        on_post={"post": post},
        on_pre={"arrive": arrive + send, "pre": deliver},
        columns=PAIR_RULE,
        resting=_TRACES,
        ring=ring,
    )


def _with_exponent(base: str, name: str, value: float | None) -> str:
    if value == 0:
        return "1"
    if value == 1:
        return base
    return f"(clip({base}, 0, 1)**{_value(name)})"


def _value(name: str) -> str:
    """A value of the pair rule's table, in the row of the synapse."""
    return f"rule_value(row + {PAIR_RULE.index(name)})"


def short_term(unit: str, target: str, ring: bool) -> SynapseKind:
    """Short-term depression and facilitation (Tsodyks, Uziel and Markram 2000, eq. 3 to 5).

    Of a synapse's resources, x are recovered, y active and z = 1 - x - y inactive:
    dx/dt = z/tau_rec, dy/dt = -y/tau_syn, and du/dt = -u/tau_facil for the share u that a spike
    uses. A spike raises u by U (1 - u), then moves u x from x to y, and sends weight u x. Where
    tau_facil is 0, u is U at each spike, also at several in one step.
    """
    send, deliver, variables = _on_the_way(ring, unit, target)
    columns = {
        name: f"rule_value(row + {k})*{'second' if name.startswith('tau') else '1'}"
        for k, name in enumerate(SHORT_TERM)
    }
    # Where tau_syn is tau_rec, the response of x to y has its limit.
    arrive = f"""
    tau_rec = {columns["tau_rec"]}
    tau_syn = {columns["tau_syn"]}
    past = t - pre_time
    kept_y = exp(-past/tau_syn)
    kept_z = exp(-past/tau_rec)
    alike = int(tau_syn == tau_rec)
    apart = tau_syn - tau_rec + alike*second
    other = ((kept_z - 1)*tau_rec - (kept_y - 1)*tau_syn)/apart
    x_of_y = alike*(1 - kept_y*(1 + past/tau_syn)) + (1 - alike)*other
    z = 1 - x - y
    tau_facil = {columns["tau_facil"]}
    u = u*int(tau_facil > 0*second)*exp(-past/(tau_facil + 1e-300*second))
    x = x + x_of_y*y + (1 - kept_z)*z
    y = y*kept_y
    u = u + {columns["U"]}*(1 - u)
    used = u*x
    x = x - used
    y = y + used
    pre_time = t
    weight_sent = weight*used
    """
    return SynapseKind(
        f"short_term{'_ring' if ring else ''}",
        model=_WEIGHTS + "x : 1\ny : 1\nu : 1\npre_time : second\n" + variables,
        on_pre={"arrive": arrive + send, "pre": deliver},
        on_post={},
        columns=SHORT_TERM,
        resting=("x", "y", "u", "pre_time"),
        ring=ring,
    )


def _function(name: str, arguments: int, cython: str, array: str, numpy: Any) -> brian2.Function:
    """A function of `arguments` numbers, the last an index into an array of the Synapses object."""
    made = brian2.Function(
        None,
        arg_units=[1] * arguments,
        return_unit=1,
        arg_types=["float"] * (arguments - 1) + ["integer"],
        return_type="float",
    )
    made.implementations.add_dynamic_implementation(
        "cython",
        lambda owner: cython,
        namespace=lambda owner: {f"_{array}": getattr(owner, array)},
        name=name,
    )
    made.implementations.add_dynamic_implementation(
        "numpy", lambda owner: partial(numpy, getattr(owner, array)), name=name
    )
    return made


def _put(ring: np.ndarray, value: Any, place: Any) -> Any:
    ring[place] += value
    return value


def _take(ring: np.ndarray, place: Any) -> Any:
    value = ring[place]
    ring[place] = 0.0
    return value


# What the code of plastic synapses calls. `rule_table` holds one row of columns after another,
# and `row` of a synapse is where its row begins.
FUNCTIONS = {
    "rule_value": _function(
        "rule_value",
        1,
        "cdef double rule_value(int place):\n    return _namespace_rule_table[place]\n",
        "rule_table",
        lambda table, place: table[place],
    ),
    "put_under_way": _function(
        "put_under_way",
        2,
        "cdef double put_under_way(double value, int place):\n"
        "    _namespace_ring[place] += value\n"
        "    return value\n",
        "ring",
        _put,
    ),
    "under_way": _function(
        "under_way",
        1,
        "cdef double under_way(int place):\n"
        "    cdef double value = _namespace_ring[place]\n"
        "    _namespace_ring[place] = 0.0\n"
        "    return value\n",
        "ring",
        _take,
    ),
}
