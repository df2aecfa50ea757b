"""Causes from the recorded state of neurons, in repeated runs or in the table of signals.

Constants of each cell are measured with their errors (`membrane_fit`, `conductance_fit`,
`spike_constants`, `synaptic_inputs`), and hypotheses are tested on their differences
(`cell_hypotheses`, `input_differences`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from pipelines.diagnosis.membrane.cell_findings import cell_findings
from pipelines.diagnosis.membrane.cell_recording import UNKNOWN, Cell, Finding
from pipelines.diagnosis.membrane.recorded_cells import (
    Neuron,
    recorded_cells,
    states_alike,
    states_of_signals,
)
from pipelines.diagnosis.run_pair import Cause, Pair, joined
from pipelines.diagnosis.synapses.input_differences import Receptor, input_causes
from pipelines.diagnosis.synapses.synaptic_inputs import SynapticInput
from pipelines.diagnosis.table_differences import signals_apart

# Causes that move spikes.
_SEEN_IN_SPIKES = ("coarser time grid", "missing or further input")
# Smallest number of spikes that cells with other constants would not have in common.
_FEWEST_SPIKES = 10
# What findings are about, in the order in which causes are named.
_ORDER = ("grid", "stamp", "start", "noise", "constants", "reset", "refractory", "threshold")


def state_causes(pair: Pair) -> list[Cause]:
    """Find causes in the states of single neurons that are known in both runs.

    Parameters
    ----------
    pair
        The runs, with `Evidence.states` or `Evidence.signals`.

    Returns
    -------
    list of Cause
        Causes that fit, what concerns the cell first; empty if no state is known in both runs.
    """
    found = _measured_causes(pair)
    if not found:
        return _repeated_alike(pair)
    if len(found) == 1 and found[0].name not in _SEEN_IN_SPIKES:
        return found
    recorded = _recorded_differently(pair)
    return found if recorded is None else [recorded]


def _measured_causes(pair: Pair) -> list[Cause]:
    cells = recorded_cells(pair)
    findings: dict[str, list[tuple[Neuron, Finding]]] = defaultdict(list)
    receptors = []
    for neuron, cell in cells.items():
        for finding in cell_findings(cell):
            # With the same spikes, only the record has few digits.
            if pair.divergence is not None or "rounding" not in finding.causes:
                findings[finding.about].append((neuron, finding))
        inputs = _inputs(cell, pair.timestep)
        receptors += [
            Receptor(*neuron, name, inputs[0][name], inputs[1][name])
            for name in inputs[0]
            if name in inputs[1] and _jumps_are_comparable(inputs[0][name], inputs[1][name])
        ]
    if "grid" in findings:
        # On another grid all other constants differ as well.
        findings = defaultdict(list, grid=findings["grid"])
        receptors = []
    for more, less in (
        ("noise", "constants"), ("noise", "threshold"), ("constants", "threshold"),
        ("reset", "stamp"), ("constants", "stamp"),
    ):  # fmt: skip
        # What moves v of most cells moves what is measured in a few by more than its error.
        if 2 * _number(findings[more]) >= len(cells) > 2 * _number(findings[less]):
            del findings[less]
    unknown = [(neuron, one) for neuron, one in findings["constants"] if UNKNOWN in one.causes]
    if 2 * _number(unknown) >= len(cells):
        # Inputs are measured by the equations that the cells have in common.
        receptors = []
    findings["threshold"] = _thresholds(findings["threshold"])
    found = [cause for about in _ORDER for cause in _combined(findings[about], cells)]
    return [*found, *input_causes(pair, receptors)]


def _inputs(cell: Cell, timestep: float) -> list[dict[str, SynapticInput]]:
    """Inputs of a neuron in each run; without any in one run alone, those are none."""
    inputs = [one.inputs(timestep) for one in (cell.a, cell.b)]
    for k, one in enumerate((cell.a, cell.b)):
        for name, given in inputs[1 - k].items():
            if name not in inputs[k] and name in one.state:
                inputs[k][name] = replace(
                    given, values=one.state[name], steps=given.steps[:0], sizes=given.sizes[:0]
                )
    return inputs


def _number(found: list[tuple[Neuron, Finding]]) -> int:
    """Number of neurons with a finding."""
    return len({neuron for neuron, _ in found})


def _thresholds(found: list[tuple[Neuron, Finding]]) -> list[tuple[Neuron, Finding]]:
    """Findings on the threshold; if it is higher in some cells and lower in others, it may vary."""
    if len({one.which for _, one in found}) < 2:
        return found
    causes = ("different v_thresh", "noise in the membrane")
    return [(neuron, replace(one, causes=causes)) for neuron, one in found]


def _recorded_differently(pair: Pair) -> Cause | None:
    """Cause of signals that differ in the tables while all spikes of their neurons are the same.

    A cell with other constants or inputs would spike at other times, or at least follow from one
    change alone.
    """
    known = (pair.a, pair.b)
    if pair.divergence is not None or any(one.states for one in known):
        return None
    recorded = [states_of_signals(one.signals) if one.signals is not None else {} for one in known]
    n_spikes = sum(
        int(((pair.a.spikes["population"] == name) & (pair.a.spikes["neuron"] == k)).sum())
        for name, k in recorded[0].keys() & recorded[1].keys()
    )
    if n_spikes < _FEWEST_SPIKES:
        return None
    text = f"all spikes are the same, {n_spikes:,} of the neurons whose signals differ among them"
    return Cause("signals recorded differently", text)


def _repeated_alike(pair: Pair) -> list[Cause]:
    """Cause of signals that differ in the tables, but not when both runs are repeated."""
    repeated = states_alike(pair)
    if pair.divergence is not None or not repeated:
        return []
    apart = signals_apart(pair)
    populations = {population for population, _ in apart}
    alike = [same for (name, _), (same, _) in repeated.items() if name in populations]
    if not alike or not all(alike):
        return []
    names = joined([f"{variable} of {population}" for population, variable in apart])
    text = (
        f"{names} differ in the tables; recorded again, the states of {len(alike)} of their"
        " neurons are the same in both runs"
    )
    return [Cause("signals recorded differently", text)]


def _jumps_are_comparable(a: SynapticInput, b: SynapticInput) -> bool:
    """Whether jumps are measured alike: those of an alpha-shaped current depend on its decay."""
    return not a.is_alpha or abs(a.factor - b.factor) <= 1e-9


def _combined(found: list[tuple[Neuron, Finding]], cells: Mapping[Neuron, Cell]) -> list[Cause]:
    """Causes of findings of one kind: one for all neurons, or one for each population."""
    if not found:
        return []
    # What one neuron refutes is not the cause of the others either.
    found = [(neuron, one) for neuron, one in found if UNKNOWN in one.causes] or found
    if common := _common(found):
        return [_cause(found, common, len(cells))]
    causes = []
    for population in sorted({population for (population, _), _ in found}):
        of = [(neuron, one) for neuron, one in found if neuron[0] == population]
        here = sum(name == population for name, _ in cells)
        causes.append(_cause(of, _common(of) or (UNKNOWN,), here))
    return causes


def _common(found: list[tuple[Neuron, Finding]]) -> tuple[str, ...]:
    """Causes that explain the findings of all neurons."""
    first = found[0][1].causes
    return tuple(name for name in first if all(name in one.causes for _, one in found))


def _cause(found: list[tuple[Neuron, Finding]], names: tuple[str, ...], of: int) -> Cause:
    (population, neuron), first = found[0]
    text = f"{first.text} (neuron {neuron} of {population}"
    number = _number(found)
    if of > 1:
        text += f"; {names[0]} in {number} of {of} recorded neurons"
    alike = {one.steps for _, one in found} == {first.steps}
    return Cause(names[0], f"{text})", number / of, first.steps if alike else 0, names[1:])
