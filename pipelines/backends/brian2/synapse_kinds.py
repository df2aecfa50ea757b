"""Kinds of synapse as Brian2 equations: static and short-term plastic ones; `stdp` has the others.

The code of a kind depends on the kind alone, so each is compiled once on a machine. Parameters
that differ between projections are stored in a table; each synapse stores where its row begins.
How weights travel from synapses to neurons is described in `spikes_in_transit`.
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

# Columns of the table of a kind; times in seconds, `U` a number.
SHORT_TERM_COLUMNS = ("U", "tau_rec", "tau_facil")


@dataclass(frozen=True)
class SynapseKind:
    """Equations and code of one kind of synapse.

    Attributes
    ----------
    name
        First part of the name of the Brian2 object.
    model
        Variables of a synapse.
    on_pre, on_post
        Code of each pathway, in the order in which pathways act within a step.
    columns
        Names of the table's columns.
    state_variables
        Variables beside the weight. They start at 0, except `recovered` (1) and `pre_time` (one
        step before time 0).
    decay_code
        Code that lets traces and resources decay to the time `t`, before parameters change.
    ring
        Whether weights in transit wait in a ring buffer.
    """

    name: str
    model: str
    on_pre: Mapping[str, str]
    on_post: Mapping[str, str]
    columns: tuple[str, ...] = ()
    state_variables: tuple[str, ...] = ()
    decay_code: str = ""
    ring: bool = False

    @property
    def short_term(self) -> bool:
        """Whether it has short-term plasticity, whose code reads the targets' `tau_syn`."""
        return self.columns == SHORT_TERM_COLUMNS

    @property
    def plastic(self) -> bool:
        """Whether a synapse has state variables beside its weight."""
        return bool(self.columns)

    @property
    def pathways(self) -> tuple[str, ...]:
        """Names of the pathways, in the order in which they act within a step."""
        return (*self.on_post, *self.on_pre)


def static(unit: str, target: str) -> SynapseKind:
    """Synapses with a constant weight, in Brian2's `unit`, added to the neurons' `target`."""
    return SynapseKind(
        "static",
        model=f"weight : {unit} (constant)",
        on_pre={"pre": f"{target}_post += weight"},
        on_post={},
    )


# Variables of all plastic kinds; weights are plain numbers in Brian2's base units.
WEIGHTS = """
weight : 1
transmitted : 1
row : integer (constant)
"""
# Variables of kinds with a ring buffer. Weights sent within one stride of steps share a slot.
_RING = """
first_slot : integer (constant)
slots : integer (constant)
stride : integer (constant)
transit_steps : integer (constant)
"""
_PLACE = "first_slot + (({step})//stride) % slots"
_SEND = f"transmitted = store_in_ring(weight_sent, {_PLACE.format(step='t_in_timesteps + 1')})\n"
_SEND_ONE = "transmitted = weight_sent\n"
# The slot is emptied even if the neuron is refractory and the weight is not added.
_DELIVER = (
    f"weight_due = take_from_ring({_PLACE.format(step='t_in_timesteps + 1 - transit_steps')})\n"
    "{target}_post += weight_due*{unit}\n"
)
_DELIVER_ONE = "{target}_post += transmitted*{unit}\n"


def transit_code(ring: bool, unit: str, target: str) -> tuple[str, str, str]:
    """Code that moves weights from synapses to neurons.

    Returns
    -------
    send, deliver, variables : str
        Code that sends `weight_sent`, code that delivers it, and the variables that both use.
    """
    deliver = (_DELIVER if ring else _DELIVER_ONE).format(target=target, unit=unit)
    return (_SEND if ring else _SEND_ONE), deliver, (_RING if ring else "")


def short_term(unit: str, target: str, ring: bool) -> SynapseKind:
    """Synapses with short-term plasticity (Tsodyks, Uziel and Markram 2000, eq. 3 to 5).

    Fractions of a synapse's resources are recovered (x), active (y) and inactive
    (z = 1 - x - y); a spike uses the fraction u of x. The variables are `recovered`, `active` and
    `use`: dx/dt = z/tau_rec, dy/dt = -y/tau_syn, du/dt = -u/tau_facil. A spike increases u by
    U (1 - u), moves u x from x to y, and sends weight u x. If tau_facil is 0, u is U at each spike.

    Parameters
    ----------
    unit, target, ring
        As for `stdp.pair_rule`.
    """
    send, deliver, variables = transit_code(ring, unit, target)
    columns = {
        name: f"rule_value(row + {k})*{'second' if name.startswith('tau') else '1'}"
        for k, name in enumerate(SHORT_TERM_COLUMNS)
    }
    # The resources that return from y to x (`back`) are written in a form that holds for equal
    # time constants tau_rec and tau_syn, and cannot overflow.
    decay_code = f"""
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
        on_pre={"arrive": decay_code + arrive + send, "pre": deliver},
        on_post={},
        columns=SHORT_TERM_COLUMNS,
        state_variables=("recovered", "active", "use", "pre_time"),
        decay_code=dedent(decay_code),
        ring=ring,
    )


def _table_function(
    name: str, arguments: int, cython: str, array: str, numpy: Any
) -> brian2.Function:
    """A Brian2 function that accesses an array of the ``Synapses`` object.

    Parameters
    ----------
    name
        Name in Brian2 code.
    arguments
        Number of arguments, the last of which is an index into the array.
    cython, numpy
        Implementations: Cython source, and a function of the array and the arguments.
    array
        Attribute of the ``Synapses`` object that holds the array.
    """
    function = brian2.Function(
        None,
        arg_units=[1] * arguments,
        return_unit=1,
        arg_types=["float"] * (arguments - 1) + ["integer"],
        return_type="float",
    )
    function.implementations.add_dynamic_implementation(
        "cython",
        lambda owner: cython,
        namespace=lambda owner: {f"_{array}": getattr(owner, array)},
        name=name,
    )
    function.implementations.add_dynamic_implementation(
        "numpy", lambda owner: partial(numpy, getattr(owner, array)), name=name
    )
    return function


def run_on_arrays(code: str, synapses: Any, values: dict[str, Any]) -> None:
    """Run the `decay_code` of a kind on NumPy arrays.

    Parameters
    ----------
    code
        The code.
    synapses
        ``brian2.Synapses`` object whose tables the code's functions read.
    values
        Variables of some synapses, and the time `t` (s). Assigned variables are added.
    """
    tables = {"rule_value": "rule_table", "tau_of_target": "target_tau"}
    functions = {
        name: getattr(synapses, array).__getitem__
        for name, array in tables.items()
        if hasattr(synapses, array)
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


# Functions called by the code of plastic synapses. `rule_table` is a flat array of rows, and the
# variable `row` of a synapse is the index at which its row begins.
FUNCTIONS = {
    "rule_value": _table_function(
        "rule_value",
        1,
        "cdef double rule_value(int place):\n    return _namespace_rule_table[place]\n",
        "rule_table",
        lambda table, place: table[place],
    ),
    # Time constant of the postsynaptic neuron `j`, in seconds.
    "tau_of_target": _table_function(
        "tau_of_target",
        1,
        "cdef double tau_of_target(int cell):\n    return _namespace_target_tau[cell]\n",
        "target_tau",
        lambda taus, cell: taus[cell],
    ),
    "store_in_ring": _table_function(
        "store_in_ring",
        2,
        "cdef double store_in_ring(double value, int place):\n"
        "    _namespace_ring[place] += value\n"
        "    return value\n",
        "ring",
        _put,
    ),
    "take_from_ring": _table_function(
        "take_from_ring",
        1,
        "cdef double take_from_ring(int place):\n"
        "    cdef double value = _namespace_ring[place]\n"
        "    _namespace_ring[place] = 0.0\n"
        "    return value\n",
        "ring",
        _take,
    ),
}
