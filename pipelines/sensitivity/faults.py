"""Known faults for the sensitivity study, each a small change of a model or of its input.

A fault acts on the PyNN module that is passed to an experiment's `build`; the backend is not
modified. The share of these faults that the validation finds estimates the share of unknown
faults that it would find.
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
    """A fault that can be injected into a backend.

    Attributes
    ----------
    meaning
        Effect in words, with `{}` for the strength.
    alter
        Injects the fault into a module; None for a fault of the recorded spikes.
    strengths
        Strengths for runs with frozen inputs, in `unit`; the first one is the usual one.
    unit
        Unit of a strength: "step" (time step), "%", "mV", "nA"; empty without strengths.
    statistical
        Strengths for runs with independent inputs; empty if these could not show the fault.
    off_grid
        Whether the fault needs a backend with spikes between the time steps.
    """

    description: str
    inject: FaultInjector | None
    strengths: tuple[float, ...] = (1.0,)
    unit: str = ""
    independent_strengths: tuple[float, ...] = ()
    off_grid: bool = False


def is_possible(fault: str, backend: str) -> bool:
    """Whether a fault can be injected into a backend; true for the empty name, no fault."""
    return not fault or not FAULTS[fault].off_grid or backends.get(backend).off_grid


def with_fault(
    sim: ModuleType, name: str, strength: float, timestep: float, seed: int
) -> ModuleType:
    """Return a copy of a PyNN module with a fault injected, or the module itself for no fault.

    Parameters
    ----------
    sim
        PyNN module of a backend, after `setup`.
    name
        Name of the fault, empty for none.
    strength
        Strength of the fault, in its unit.
    timestep
        Time step in ms.
    seed
        Seed of the run.

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
    # A fraction of 0 may be refused: some backends need at least one dendritic step.
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
