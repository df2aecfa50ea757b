"""Faults that are put into a backend on purpose, each a small and known change of its meaning.

A fault acts on the PyNN module that an experiment's `build` is given; the backend stays as it is.
What the validation finds of them says what it would find of a fault that nobody put there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from pipelines import backends
from pipelines.errors import BadInput
from pipelines.sensitivity import fault_kinds as put
from pipelines.sensitivity.altered_module import Altered
from pipelines.sensitivity.fault_kinds import Alter


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes
    ----------
    meaning
        What it does, with `{}` for its strength.
    alter
        Puts it into a module; None for what is done to the recorded spikes.
    strengths
        The usual one first, in `unit`.
    unit
        Of a strength: "step" (of time), "%", "mV"; empty where there is but one.
    statistical
        Further strengths, at which independent runs are compared; empty where that would not
        show it.
    off_grid
        Whether it needs a backend that can have spikes between the time steps.
    """

    meaning: str
    alter: Alter | None
    strengths: tuple[float, ...] = (1.0,)
    unit: str = ""
    statistical: tuple[float, ...] = ()
    off_grid: bool = False


def is_possible(fault: str, backend: str) -> bool:
    """Whether a backend can have a fault; no fault (an empty name) always."""
    return not fault or not FAULTS[fault].off_grid or backends.get(backend).off_grid


def with_fault(
    sim: ModuleType, name: str, strength: float, timestep: float, seed: int
) -> ModuleType:
    """A module like `sim` with a fault in it; `sim` itself for no fault.

    Parameters
    ----------
    sim
        A backend that is set up.
    name
        Of the fault, empty for none.
    strength
        In the fault's unit.
    timestep
        In ms.
    seed
        Of the run.

    Raises
    ------
    BadInput
        If there is no such fault.
    """
    if not name:
        return sim
    if name not in FAULTS:
        raise BadInput("fault", f"there is no '{name}'", given=name, among=FAULTS)
    altered = Altered(sim)
    alter = FAULTS[name].alter
    if alter is not None:
        alter(altered, strength, timestep, seed)
    return altered


FAULTS: Mapping[str, Fault] = {
    "spikes recorded late": Fault("spikes are recorded {} step late", None, (1, -1), "step"),
    "refractory period": Fault(
        "refractory periods {} step",
        put.cells("tau_refrac", put.steps),
        (1, -1),
        "step",
        (1, 5, 20),
    ),
    "delays": Fault(
        "all delays {} step", put.synapses("delay", put.steps), (1, -1), "step", (1, 10, 20)
    ),
    # None of it would be refused: a backend may want one dendritic step at least.
    "delay fraction": Fault(
        "all but one step of the plastic delays axonal, not dendritic",
        put.synapses("dendritic_delay_fraction", put.one_step),
    ),
    "weight dependence": Fault("additive for multiplicative", put.swap_rules, statistical=(1,)),
    "A_plus": Fault(
        "A_plus {} %", put.rule("A_plus"), (2, -2), "%", (2, 20, 100)
    ),
    "A_minus": Fault(
        "A_minus {} %", put.rule("A_minus"), (2, -2), "%", (2, 20, 100)
    ),
    "tau_plus": Fault(
        "tau_plus {} %", put.rule("tau_plus"), (5, -5), "%", (5, 50)
    ),
    "tau_minus": Fault(
        "tau_minus {} %", put.rule("tau_minus"), (5, -5), "%", (5, 50)
    ),
    "tau_syn swapped": Fault(
        "tau_syn_E and tau_syn_I swapped", put.swap_time_constants, statistical=(1,)
    ),
    "threshold": Fault(
        "threshold {} mV", put.cells("v_thresh", put.more), (0.1, -0.1), "mV", (0.1, 0.5, 1)
    ),
    "reset": Fault("reset {} mV", put.cells("v_reset", put.more), (0.1, -0.1), "mV", (0.1, 1, 3)),
    "tau_m": Fault("tau_m {} %", put.cells("tau_m", put.percent), (1, -1), "%", (1, 5, 10)),
    "weights": Fault(
        "all weights {} %", put.synapses("weight", put.percent), (1, -1), "%", (1, 5, 10)
    ),
    "missing synapses": Fault("{} % of the synapses are missing", put.drop, (1,), "%", (1, 5, 20)),
    "shared input": Fault("one Poisson train for all", put.share_train, statistical=(1,)),
    "other input": Fault("inputs of another seed", put.redraw),
    "no largest weight": Fault("weights are not cut at w_max", put.lift_bound, statistical=(1,)),
    "cm": Fault("capacitance {} %", put.cells("cm", put.percent), (5, -5), "%"),
    "leak": Fault("resting potential {} mV", put.cells("v_rest", put.more), (0.5, -0.5), "mV"),
    "offset": Fault("i_offset {} nA", put.cells("i_offset", put.more), (0.01, -0.01), "nA"),
    "initial v": Fault("potentials at the start {} mV", put.start, (0.5, -0.5), "mV"),
    "inhibition": Fault("inhibitory weights {} %", put.inhibition, (10, -10), "%"),
    "other connections": Fault("connections of another seed", put.connect_others),
    "synapses twice": Fault("every synapse is there twice", put.connect_twice),
    "late input": Fault("inputs {} step", put.late_input, (1,), "step"),
    "input rate": Fault("{} % of further input spikes", put.more_input, (2,), "%"),
    "silent neuron": Fault("one neuron of each population never fires", put.silence),
    "w_max": Fault("w_max {} %", put.bound, (-20, -10), "%"),
    "traces exchanged": Fault("A_plus and A_minus exchanged", put.swap_traces),
    "off grid": Fault("spikes between the time steps", put.leave_grid, off_grid=True),
}  # fmt: skip
"""All faults, by name."""
