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
from pipelines.sensitivity import fault_kinds as kinds
from pipelines.sensitivity.altered_module import AlteredModule
from pipelines.sensitivity.fault_kinds import FaultInjector


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

    description: str
    inject: FaultInjector | None
    strengths: tuple[float, ...] = (1.0,)
    unit: str = ""
    independent_strengths: tuple[float, ...] = ()
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
    altered = AlteredModule(sim)
    inject = FAULTS[name].inject
    if inject is not None:
        inject(altered, strength, timestep, seed)
    return altered


FAULTS: Mapping[str, Fault] = {
    "spikes recorded late": Fault("spikes are recorded {} step late", None, (1, -1), "step"),
    "refractory period": Fault(
        "refractory periods {} step",
        kinds.cell_parameter("tau_refrac", kinds.shifted_by_steps),
        (1, -1),
        "step",
        (1, 5, 20),
    ),
    "delays": Fault(
        "all delays {} step",
        kinds.synapse_argument("delay", kinds.shifted_by_steps),
        (1, -1),
        "step",
        (1, 10, 20),
    ),
    # None of it would be refused: a backend may want one dendritic step at least.
    "delay fraction": Fault(
        "all but one step of the plastic delays axonal, not dendritic",
        kinds.synapse_argument("dendritic_delay_fraction", kinds.one_step_fraction),
    ),
    "weight dependence": Fault(
        "additive for multiplicative", kinds.swap_weight_dependences, independent_strengths=(1,)
    ),
    "A_plus": Fault("A_plus {} %", kinds.timing_parameter("A_plus"), (2, -2), "%", (2, 20, 100)),
    "A_minus": Fault("A_minus {} %", kinds.timing_parameter("A_minus"), (2, -2), "%", (2, 20, 100)),
    "tau_plus": Fault("tau_plus {} %", kinds.timing_parameter("tau_plus"), (5, -5), "%", (5, 50)),
    "tau_minus": Fault(
        "tau_minus {} %", kinds.timing_parameter("tau_minus"), (5, -5), "%", (5, 50)
    ),
    "tau_syn swapped": Fault(
        "tau_syn_E and tau_syn_I swapped", kinds.swap_time_constants, independent_strengths=(1,)
    ),
    "threshold": Fault(
        "threshold {} mV",
        kinds.cell_parameter("v_thresh", kinds.shifted_by_amount),
        (0.1, -0.1),
        "mV",
        (0.1, 0.5, 1),
    ),
    "reset": Fault(
        "reset {} mV",
        kinds.cell_parameter("v_reset", kinds.shifted_by_amount),
        (0.1, -0.1),
        "mV",
        (0.1, 1, 3),
    ),
    "tau_m": Fault(
        "tau_m {} %",
        kinds.cell_parameter("tau_m", kinds.scaled_by_percent),
        (1, -1),
        "%",
        (1, 5, 10),
    ),
    "weights": Fault(
        "all weights {} %",
        kinds.synapse_argument("weight", kinds.scaled_by_percent),
        (1, -1),
        "%",
        (1, 5, 10),
    ),
    "missing synapses": Fault(
        "{} % of the synapses are missing", kinds.drop_connections, (1,), "%", (1, 5, 20)
    ),
    "shared input": Fault(
        "one Poisson train for all", kinds.share_input_train, independent_strengths=(1,)
    ),
    "other input": Fault("inputs of another seed", kinds.permute_input_intervals),
    "no largest weight": Fault(
        "weights are not cut at w_max", kinds.remove_w_max, independent_strengths=(1,)
    ),
    "cm": Fault(
        "capacitance {} %", kinds.cell_parameter("cm", kinds.scaled_by_percent), (5, -5), "%"
    ),
    "leak": Fault(
        "resting potential {} mV",
        kinds.cell_parameter("v_rest", kinds.shifted_by_amount),
        (0.5, -0.5),
        "mV",
    ),
    "offset": Fault(
        "i_offset {} nA",
        kinds.cell_parameter("i_offset", kinds.shifted_by_amount),
        (0.01, -0.01),
        "nA",
    ),
    "initial v": Fault(
        "potentials at the start {} mV", kinds.shift_initial_potentials, (0.5, -0.5), "mV"
    ),
    "inhibition": Fault("inhibitory weights {} %", kinds.scale_inhibition, (10, -10), "%"),
    "other connections": Fault("connections of another seed", kinds.rewire_connections),
    "synapses twice": Fault("every synapse is there twice", kinds.duplicate_connections),
    "late input": Fault("inputs {} step", kinds.delay_inputs, (1,), "step"),
    "input rate": Fault("{} % of further input spikes", kinds.add_input_spikes, (2,), "%"),
    "silent neuron": Fault(
        "one neuron of each population never fires", kinds.silence_first_neurons
    ),
    "w_max": Fault("w_max {} %", kinds.scale_w_max, (-20, -10), "%"),
    "traces exchanged": Fault("A_plus and A_minus exchanged", kinds.swap_amplitudes),
    "off grid": Fault("spikes between the time steps", kinds.fire_off_grid, off_grid=True),
}
"""All faults, by name."""
