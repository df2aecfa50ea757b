"""Recordings of one neuron in two runs, and what was measured in them, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.diagnosis.membrane.constants_model import Explanation
from pipelines.diagnosis.membrane.membrane_fit import Constants
from pipelines.diagnosis.synapses.synaptic_inputs import SynapticInput, measure_input

State = Mapping[str, np.ndarray]

CURRENTS, CONDUCTANCES = ("isyn_exc", "isyn_inh"), ("gsyn_exc", "gsyn_inh")
# Relative tolerance of recorded values.
SAME = 1e-9

UNKNOWN = "different cell constants"
"""Name of the cause of constants that differ in no known way."""
OTHER_EQUATIONS = ("different cell type", UNKNOWN)
"""Causes of a potential that obeys other equations."""


@dataclass(frozen=True)
class Recording:
    """The state of one neuron in one run.

    Attributes
    ----------
    state
        ``v`` (mV), and currents (nA) or conductances (uS), one sample for each time step.
    spikes : ndarray of int
        Samples at which the neuron is reset, or spikes if it is not.
    cell_type
        PyNN's name of its type; empty if unknown.
    steps_to_reset
        Number of steps from the time of a spike to the reset; None if unknown.
    """

    state: State
    spikes: np.ndarray
    cell_type: str = ""
    steps_to_reset: int | None = None

    def inputs(self, timestep: float) -> dict[str, SynapticInput]:
        """Its synaptic currents or conductances that are not constant."""
        is_alpha = "alpha" in self.cell_type if self.cell_type else None
        found = {
            name: measure_input(self.state[name], timestep, is_alpha)
            for name in (*CURRENTS, *CONDUCTANCES)
            if name in self.state
        }
        return {name: given for name, given in found.items() if given is not None}


@dataclass(frozen=True)
class Cell:
    """One neuron in both runs.

    Attributes
    ----------
    a, b
        Its recordings, of the same length.
    timestep
        In ms.
    where
        Phrases for "in the first run" and "in the second run".
    asked
        Parameters that both runs were asked for, by PyNN's names; empty if unknown.
    """

    a: Recording
    b: Recording
    timestep: float
    where: tuple[str, str]
    asked: Mapping[str, float]


@dataclass(frozen=True)
class Finding:
    """Something that differs between the two recordings of a neuron.

    Attributes
    ----------
    about
        What it concerns: ``"grid"``, ``"start"``, ``"noise"``, ``"constants"``, ``"reset"``,
        ``"refractory"``, ``"threshold"`` or ``"stamp"``.
    causes
        Names of causes that fit equally well.
    text
        What was measured.
    steps
        Number of steps by which something is longer in the second run.
    which
        Index of the run with the larger value; None if there is none.
    """

    about: str
    causes: tuple[str, ...]
    text: str
    steps: int = 0
    which: int | None = None


def all_constants(a: Constants, b: Constants, cell: Cell) -> str:
    listed = []
    for name in a.names:
        if name in b.names:
            (x, error_x), (y, error_y) = a[name], b[name]
            if abs(x - y) > 5 * np.hypot(error_x, error_y) + SAME * max(abs(x), abs(y)):
                values = f"{with_error(x, error_x)} and {with_error(y, error_y)}"
                listed.append(f"{pynn_name(name)} {values}")
    return f"no single change explains what was measured in both runs: {', '.join(listed)}"


def explanation_in_words(one: Explanation, cell: Cell) -> str:
    if one.meaning:
        return (
            f"the constants {cell.where[one.which]} are those of {one.meaning} for the cell that is"
            f" integrated exactly {cell.where[1 - one.which]}"
        )
    if not one.parameter:
        return (
            "the time constants of excitation and inhibition are exchanged"
            if ("exchanged" in one.causes[0])
            else f"{one.causes[0].removeprefix('different ')} explains the potential without input"
        )
    name, (x, y) = pynn_name(one.parameter), one.values
    if one.parameter == "step":
        return f"the equations are solved for {with_error(y, one.error)} of a step {cell.where[1]}"
    unit = {"cm": "nF", "level": "mV"}.get(one.parameter, "ms")
    unit = "mV" if one.parameter.startswith("e_rev") else unit
    if name == "cm" and one.is_relative:
        # Without synaptic currents of known size only the ratio is measured.
        factor = with_error(y / x, one.error / abs(x))
        return f"cm is {factor} times as large {cell.where[1]}"
    text = (
        f"{name} is {x:.9g} {unit} {cell.where[0]} and {with_error(y, one.error)} {cell.where[1]}"
    )
    if one.parameter == "level" and {"cm", "tau_m"} <= cell.asked.keys():
        current = (y - x) * cell.asked["cm"] / cell.asked["tau_m"]
        text += f", as by {current:+.6g} nA"
    return text + asked_for(cell, name)


def asked_for(cell: Cell, name: str) -> str:
    """What both runs were asked for, in brackets; empty if it is not known."""
    asked = cell.asked.get(name)
    return "" if asked is None else f" ({name} of {asked:.9g} was asked for)"


def pynn_name(name: str) -> str:
    """Name of a constant in PyNN, or in words."""
    kind, _, given = name.partition(" ")
    receptor = "E" if given.endswith("exc") else "I"
    if kind == "level":
        return "v without input"
    if kind in ("tau", "e_rev"):
        return f"tau_syn_{receptor}" if kind == "tau" else f"e_rev_{receptor}"
    return name


def with_error(value: float, error: float) -> str:
    """A number with its standard error in units of the last digit, such as ``21.0000(1)``."""
    if not np.isfinite(error) or error <= 0:
        return f"{value:.9g}"
    digits = int(np.clip(-np.floor(np.log10(error)), 0, 9))
    last = max(round(error * 10**digits), 1)
    return f"{value:.{digits}f}({last})"
