"""Kinds of synapse as Brian2 equations: static and short-term plastic ones (`stdp` has others).

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
from textwrap import dedent
from typing import Any

import brian2
import numpy as np
from scipy.special import exprel

# Columns of the table of a kind; times in seconds, weights in Brian2's base units.
SHORT_TERM = ("U", "tau_rec", "tau_facil")


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
        Variables that are 0 at the start (`recovered`: 1; `pre_time`: before the spikes of
        time 0).
    elapse
        Code that brings traces and resources to the time `t`, of which some row is from then on
        another.
    ring
        Whether weights on their way wait in a ring.
    """

    name: str
    model: str
    on_pre: Mapping[str, str]
    on_post: Mapping[str, str]
    columns: tuple[str, ...] = ()
    resting: tuple[str, ...] = ()
    elapse: str = ""
    ring: bool = False

    @property
    def short_term(self) -> bool:
        """Whether it is that of short-term plasticity, which knows the targets' `tau_syn`."""
        return self.columns == SHORT_TERM

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
WEIGHTS = """
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
_PLACE = "first_place + (({step})//stride) % places"
_SEND = f"transmitted = put_under_way(weight_sent, {_PLACE.format(step='t_in_timesteps + 1')})\n"
_SEND_ONE = "transmitted = weight_sent\n"
# Taken even where the neuron takes nothing.
_DELIVER = (
    f"weight_due = under_way({_PLACE.format(step='t_in_timesteps + 1 - leg')})\n"
    "{target}_post += weight_due*{unit}\n"
)
_DELIVER_ONE = "{target}_post += transmitted*{unit}\n"


def on_the_way(ring: bool, unit: str, target: str) -> tuple[str, str, str]:
    """Code that sends `weight_sent`, code that delivers it, and the variables of both."""
    deliver = (_DELIVER if ring else _DELIVER_ONE).format(target=target, unit=unit)
    return (_SEND if ring else _SEND_ONE), deliver, (_RING if ring else "")


def short_term(unit: str, target: str, ring: bool) -> SynapseKind:
    """Short-term depression and facilitation (Tsodyks, Uziel and Markram 2000, eq. 3 to 5).

    Of a synapse's resources, x are recovered, y active and z = 1 - x - y inactive (variables
    `recovered` and `active`; u is `use`):
    dx/dt = z/tau_rec, dy/dt = -y/tau_syn, and du/dt = -u/tau_facil for the share u that a spike
    uses. A spike raises u by U (1 - u), then moves u x from x to y, and sends weight u x. Where
    tau_facil is 0, u is U at each spike.

    Parameters
    ----------
    unit, target, ring
        As for `stdp.pair_rule`.
    """
    send, deliver, variables = on_the_way(ring, unit, target)
    columns = {
        name: f"rule_value(row + {k})*{'second' if name.startswith('tau') else '1'}"
        for k, name in enumerate(SHORT_TERM)
    }
    # What comes back to x of y, with the two time constants alike, is written so that they may be
    # equal and nothing can overflow.
    elapse = f"""
    tau_rec = {columns["tau_rec"]}
    tau_syn = tau_of_target(j)*second
    past = t - pre_time
    syn_is_slow = int(tau_syn > tau_rec)
    slow = past/(syn_is_slow*tau_syn + (1 - syn_is_slow)*tau_rec)
    fast = past/(syn_is_slow*tau_rec + (1 - syn_is_slow)*tau_syn)
    back = -expm1(-slow) - exp(-slow)*slow*exprel(slow - fast)
    inactive = 1 - recovered - active
    tau_facil = {columns["tau_facil"]}
    use = use*int(tau_facil > 0*second)*exp(-past/(tau_facil + 1e-300*second))
    recovered = recovered + back*active - expm1(-past/tau_rec)*inactive
    active = active*exp(-past/tau_syn)
    pre_time = t
    """
    arrive = f"""
    use = use + {columns["U"]}*(1 - use)
    moved = use*recovered
    recovered = recovered - moved
    active = active + moved
    weight_sent = weight*moved
    """
    return SynapseKind(
        f"short_term{'_ring' if ring else ''}",
        model=WEIGHTS + "recovered : 1\nactive : 1\nuse : 1\npre_time : second\n" + variables,
        on_pre={"arrive": elapse + arrive + send, "pre": deliver},
        on_post={},
        columns=SHORT_TERM,
        resting=("recovered", "active", "use", "pre_time"),
        elapse=dedent(elapse),
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


def interpret(code: str, made: Any, values: dict[str, Any]) -> None:
    """Carry out code of a kind on NumPy arrays, as its functions do on those of `made`.

    Parameters
    ----------
    values
        Variables of some synapses, and the time `t` (s); what the code assigns is added.
    """
    tables = {"rule_value": "rule_table", "tau_of_target": "target_tau"}
    functions = {
        name: getattr(made, array).__getitem__
        for name, array in tables.items()
        if hasattr(made, array)
    }
    known = {"exp": np.exp, "expm1": np.expm1, "exprel": exprel, "second": 1.0, "int": np.int64}
    with np.errstate(over="ignore", divide="ignore"):
        exec(code, known | functions, values)


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
    # Of the postsynaptic neuron `j`, in seconds.
    "tau_of_target": _function(
        "tau_of_target",
        1,
        "cdef double tau_of_target(int cell):\n    return _namespace_target_tau[cell]\n",
        "target_tau",
        lambda taus, cell: taus[cell],
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
