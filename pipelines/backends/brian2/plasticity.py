"""Kinds of synapse as Brian2 equations: static and short-term plastic ones (`stdp` has others).

The text of a kind depends on nothing but the kind, so that each is compiled once on a machine.
Values that differ between projections stand in a table, of which a synapse knows its row. A
weight leaves the synapse when the presynaptic spike reaches it, and reaches the neuron after the
rest of the delay; where several can be on that way, they wait in the synapse's places of a ring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import brian2
import numpy as np

# Columns of the table of a kind; times in seconds, weights in Brian2's base units.
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
        Variables that are 0 at the start (x of short-term plasticity: 1).
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
WEIGHTS = """
weight : 1
transmitted : 1
row : integer (constant)
"""
_RING = """
first_place : integer (constant)
places : integer (constant)
sent : integer
delivered : integer
"""
COUNTERS = ("sent", "delivered")
_SEND = "transmitted = put_under_way(weight_sent, first_place + sent % places)\nsent = sent + 1\n"
_SEND_ONE = "transmitted = weight_sent\n"
_DELIVER = (
    "{target}_post += under_way(first_place + delivered % places)*{unit}\n"
    "delivered = delivered + 1\n"
)
_DELIVER_ONE = "{target}_post += transmitted*{unit}\n"


def on_the_way(ring: bool, unit: str, target: str) -> tuple[str, str, str]:
    """Code that sends `weight_sent`, code that delivers it, and the variables of both."""
    deliver = (_DELIVER if ring else _DELIVER_ONE).format(target=target, unit=unit)
    return (_SEND if ring else _SEND_ONE), deliver, (_RING if ring else "")


def short_term(unit: str, target: str, ring: bool) -> SynapseKind:
    """Short-term depression and facilitation (Tsodyks, Uziel and Markram 2000, eq. 3 to 5).

    Of a synapse's resources, x are recovered, y active and z = 1 - x - y inactive:
    dx/dt = z/tau_rec, dy/dt = -y/tau_syn, and du/dt = -u/tau_facil for the share u that a spike
    uses. A spike raises u by U (1 - u), then moves u x from x to y, and sends weight u x.
    """
    send, deliver, variables = on_the_way(ring, unit, target)
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
    u = u*exp(-past/({columns["tau_facil"]} + 1e-300*second))
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
        model=WEIGHTS + "x : 1\ny : 1\nu : 1\npre_time : second\n" + variables,
        on_pre={"arrive": arrive + send, "pre": deliver},
        on_post={},
        columns=SHORT_TERM,
        resting=("x", "y", "u", "pre_time", *(COUNTERS if ring else ())),
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
    ring[place] = value
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
        "    _namespace_ring[place] = value\n"
        "    return value\n",
        "ring",
        _put,
    ),
    "under_way": _function(
        "under_way",
        1,
        "cdef double under_way(int place):\n    return _namespace_ring[place]\n",
        "ring",
        lambda ring, place: ring[place],
    ),
}
