"""What the recorded state of one neuron in two runs shows of its cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipelines.diagnosis.membrane.cell_hypotheses import EXCHANGED, explanations
from pipelines.diagnosis.membrane.cell_recording import (
    CONDUCTANCES,
    CURRENTS,
    OTHER_EQUATIONS,
    SAME,
    UNKNOWN,
    Cell,
    Finding,
    Recording,
    all_constants,
    asked_for,
    explanation_in_words,
    with_error,
)
from pipelines.diagnosis.membrane.conductance_fit import conductance_constants
from pipelines.diagnosis.membrane.constants_model import Explanation
from pipelines.diagnosis.membrane.membrane_fit import (
    EXACT_MV,
    FEWEST_STEPS,
    Constants,
    current_constants,
)
from pipelines.diagnosis.membrane.spike_constants import SpikeConstants, spike_constants
from pipelines.diagnosis.membrane.step_residuals import step_finding
from pipelines.diagnosis.run_pair import steps_in_words

_LINEAR, _CONDUCTANCE = ("IF_curr_exp", "IF_curr_alpha"), ("IF_cond_exp", "IF_cond_alpha")
_TIE_MV = 1e-9  # rounding error of a potential
# Coarsest time grid in steps, and smallest number of changes for one.
_COARSEST, _FEWEST_CHANGES = 50, 10
# Noise is named if its residual is so many times larger than that of the other run.
_NOISIER = 3.0
# Smaller residuals (mV) are errors of solvers.
_LEAST_NOISE_MV = 1e-5
# Share of the potentials that have few digits, as initial and reset potentials may have more.
_NEARLY_ALL = 0.9
# Factor of the errors of constants of such a potential.
_ROUNDED_ERRORS = 10.0


def cell_findings(cell: Cell) -> list[Finding]:
    """Find what differs between the recordings of a neuron, apart from its inputs."""
    both = (cell.a, cell.b)
    if grid := _coarser_grid(cell):
        return [grid]
    found = [*_start(cell), *_stamp(cell)]
    if any("v" not in one.state for one in both):
        return found
    kinds = {one.cell_type for one in both} - {""}
    if kinds - {*_LINEAR, *_CONDUCTANCE}:
        # Of other cells v does not show whether its own equation or another variable differs.
        return found
    fits = [_fit(one, cell.timestep, kinds) for one in both]
    few_digits = [_is_rounded(one.state["v"]) for one in both]
    first, second = fits = [
        (_with_larger_errors(fit[0]), fit[1]) if fit is not None and few else fit
        for fit, few in zip(fits, few_digits, strict=True)
    ]
    if not any(few_digits) and (deviating := step_finding(fits, cell)):
        found.append(deviating)
    elif first is not None and second is not None:
        found += _noise(first[0], second[0], cell)
        found += _constants(first[0], second[0], (first[1], second[1]), cell)
    found += _hidden_start(fits, cell)
    if rounding := _rounding(few_digits, fits, found, cell):
        found.append(rounding)
    measured = [
        spike_constants(
            one.state["v"], one.spikes, None if fit is None else fit[0].predicted,
            0.0 if fit is None or fit[0].is_exact else fit[0].residual_mv,
        )
        for one, fit in zip(both, fits, strict=True)
    ]  # fmt: skip
    of_spikes = _of_spikes(measured[0], measured[1], cell)
    if any(one.about == "stamp" for one in found):
        # The sample of the spike is another one, so that the threshold cannot be compared.
        of_spikes = (one for one in of_spikes if one.about != "threshold")
    return [*found, *of_spikes]


def _stamp(cell: Cell) -> Iterator[Finding]:
    """Spikes that have the time of another sample than that of the reset in one run."""
    a, b = cell.a.steps_to_reset, cell.b.steps_to_reset
    if a is None or b is None or a == b:
        return
    text = (
        f"v is reset {a:+d} steps from the time of a spike {cell.where[0]}, {b:+d} {cell.where[1]}"
    )
    causes = ("constant shift", "one population recorded late", "different order of updates")
    yield Finding("stamp", causes, text, a - b)


def _coarser_grid(cell: Cell) -> Finding | None:
    """A state that changes only every few steps in one run."""
    grids = [_grid(one) for one in (cell.a, cell.b)]
    if grids[0] == grids[1] or None in grids:
        return None
    which = int((grids[1] or 0) > (grids[0] or 0))
    text = f"the state changes only every {grids[which]} steps {cell.where[which]}"
    if grids[1 - which] != 1:
        text += f", every {grids[1 - which]} steps {cell.where[1 - which]}"
    return Finding("grid", ("coarser time grid",), text)


def _grid(one: Recording) -> int | None:
    """Number of steps between changes of the state; None if there are too few changes."""
    changes = np.any([np.diff(values) != 0 for values in one.state.values()], axis=0)
    at = np.flatnonzero(changes)
    if len(at) < _FEWEST_CHANGES:
        return None
    return int(min(np.gcd.reduce(np.diff(at)), _COARSEST))


def _start(cell: Cell) -> Iterator[Finding]:
    """Initial values that differ."""
    for name in cell.a.state:
        if name not in cell.b.state:
            continue
        x, y = (float(one.state[name][0]) for one in (cell.a, cell.b))
        if abs(x - y) > SAME * max(abs(x), abs(y)):
            unit = "mV" if name == "v" else "nA" if name in CURRENTS else "uS"
            cause = "different initial potential" if name == "v" else f"different initial {name}"
            text = f"{name} begins at {x:.9g} {unit} {cell.where[0]} and {y:.9g} {cell.where[1]}"
            yield Finding("start", (cause,), text)


def _rounding(
    few: list[bool], fits: list[tuple[Constants, str] | None], found: list[Finding], cell: Cell
) -> Finding | None:
    """A potential with few digits in one run alone, if nothing else explains the difference."""
    if few[0] == few[1] or any(one.about == "constants" for one in found):
        return None
    text = f"v has few digits {cell.where[few.index(True)]}, as after rounding"
    causes = ("rounding",) if None not in fits else ("rounding", *OTHER_EQUATIONS)
    return Finding("constants", causes, text)


def _hidden_start(fits: list[tuple[Constants, str] | None], cell: Cell) -> Iterator[Finding]:
    """A first step that does not follow from the recorded start in one run alone.

    Recorders may give what was asked for as the state at time 0.
    """
    if any(fit is None or not fit[0].is_exact for fit in fits):
        return
    apart = [
        abs(float(one.state["v"][1] - fit[0].predicted[1]))
        for one, fit in zip((cell.a, cell.b), fits, strict=True)
        if fit is not None and 0 not in one.spikes and 1 not in one.spikes
    ]
    if len(apart) == 2 and min(apart) < EXACT_MV < _LEAST_NOISE_MV < max(apart):
        where = cell.where[apart.index(max(apart))]
        text = f"the first step of v does not follow from its start {where}: {max(apart):.6g} mV"
        yield Finding("start", ("different initial potential",), text)


def _fit(one: Recording, timestep: float, kinds: set[str]) -> tuple[Constants, str] | None:
    """Constants of a membrane, and its integration scheme if that can be told from one run."""
    inputs, v = one.inputs(timestep), one.state["v"]
    conductances = {name: given for name, given in inputs.items() if name in CONDUCTANCES}
    if kinds & {*_CONDUCTANCE} or any(name in one.state for name in CONDUCTANCES):
        if conductances:
            found = conductance_constants(v, one.spikes, conductances, timestep)
            return None if found is None else (found.constants, found.scheme)
        inputs = {}
    constants = current_constants(v, one.spikes, inputs, timestep)
    return None if constants is None else (constants, "")


def _noise(a: Constants, b: Constants, cell: Cell) -> Iterator[Finding]:
    """Noise in the membrane of one run, or different noise in both."""
    sizes = [fit.residual_mv for fit in (a, b)]
    which = int(sizes[1] > sizes[0])
    one = (cell.a, cell.b)[which]
    if sizes[which] < _LEAST_NOISE_MV or _is_rounded(one.state["v"]):
        return
    error = sizes[which] / np.sqrt(2 * (a, b)[which].n_steps)
    said = f"noise of {with_error(sizes[which], error)} mV in each step"
    if sizes[which] > _NOISIER * sizes[1 - which]:
        text = f"v has {said} {cell.where[which]}, and {sizes[1 - which]:.2g} mV in the other run"
        yield Finding("noise", ("noise in the membrane",), text)
    else:
        n = min(len(a.predicted), len(b.predicted))
        x, y = ((one.state["v"] - fit.predicted)[1:n] for one, fit in ((cell.a, a), (cell.b, b)))
        if not np.allclose(x, y, atol=0.1 * sizes[which]):
            text = f"v has {said} in both runs, not the same in both"
            yield Finding("noise", ("noise in the membrane",), text)


def _is_rounded(v: np.ndarray) -> bool:
    """Whether nearly all potentials have fewer digits than a 64-bit float."""
    values = np.unique(v)
    short = (values == values.astype(np.float32)) | (values == np.round(values, 6))
    # A potential that rests has the digits of its parameters.
    return len(values) > FEWEST_STEPS and bool(short.mean() > _NEARLY_ALL)


def _with_larger_errors(fit: Constants) -> Constants:
    """Constants of a rounded potential, whose errors are not independent from step to step."""
    return replace(fit, covariance=fit.covariance * _ROUNDED_ERRORS**2)


def _constants(
    a: Constants, b: Constants, schemes: tuple[str, str], cell: Cell
) -> Iterator[Finding]:
    if schemes[0] != schemes[1]:
        which = int(not schemes[0]) if "" in schemes else 1
        said = [f"{scheme or 'accurate integration'} {where}"
                for scheme, where in zip(schemes, cell.where, strict=True)]  # fmt: skip
        text = f"each step of v is that of {said[0]} and of {said[1]}"
        # Constants of a run with another scheme are fitted with it, so that they can be compared.
        yield Finding("constants", (schemes[which],), text)
        return
    if a.lag != b.lag:
        which = int(b.lag != 0)
        steps = (a, b)[which].lag
        text = (
            f"a current acts on v {steps_in_words(-steps, 'later', 'earlier')} {cell.where[which]}"
            f" than {cell.where[1 - which]}"
        )
        yield Finding("constants", ("different order of updates",), text, a.lag - b.lag)
        return
    found = explanations(a, b, cell.timestep, cell.asked.get("v_rest"))
    if found is None:
        return
    if not found:
        yield Finding("constants", (UNKNOWN,), all_constants(a, b, cell))
        return
    listed = [name for one in found for name in one.causes if not _is_refuted(name, one, cell)]
    causes = tuple(dict.fromkeys(listed))
    text = "; or ".join(dict.fromkeys(explanation_in_words(one, cell) for one in found))
    yield Finding("constants", causes, text)


def _is_refuted(cause: str, one: Explanation, cell: Cell) -> bool:
    """Whether time constants are not exchanged, by those that were asked for."""
    if cause != EXCHANGED or not one.parameter.startswith("tau "):
        return False
    other = cell.asked.get("tau_syn_I" if one.parameter.endswith("exc") else "tau_syn_E")
    return other is not None and abs(one.values[1] - other) > 1e-3 * other


def _of_spikes(a: SpikeConstants, b: SpikeConstants, cell: Cell) -> Iterator[Finding]:
    """Findings on the reset, the refractory period and the threshold."""
    first, second = cell.where
    resets = [np.nan if one.reset_mv is None else one.reset_mv for one in (a, b)]
    if abs(resets[1] - resets[0]) > SAME * abs(resets[0]):
        text = f"after a spike v is {resets[0]:.9g} mV {first} and {resets[1]:.9g} {second}"
        yield Finding("reset", ("different v_reset",), text + asked_for(cell, "v_reset"))
    if a.refractory is not None and b.refractory is not None:
        low, high = b.refractory[0] - a.refractory[1], b.refractory[1] - a.refractory[0]
        if low > 0 or high < 0:
            held = [str(x) if x == y else f"{x} to {y}" for x, y in (a.refractory, b.refractory)]
            text = f"after a spike v is held for {held[0]} steps {first} and {held[1]} {second}"
            steps = low if low == high else 0
            text += asked_for(cell, "tau_refrac")
            yield Finding("refractory", ("different tau_refrac",), text, steps)
    for one, other, where in (
        (a, b, (first, second)), (b, a, (second, first)),
    ):  # fmt: skip
        lowest, highest = one.threshold_mv[1], other.threshold_mv[0]
        if highest - lowest > -_TIE_MV:
            # Thresholds are round numbers, so a tie is assumed only at a round potential.
            tie = highest - lowest < _TIE_MV and abs(lowest * 100 - round(lowest * 100)) < 1e-6
            text = (
                f"{lowest:.9g} mV makes a spike {where[0]}, and {highest:.9g} mV none {where[1]}:"
                f" the threshold lies in {_interval(one)} {where[0]}, in {_interval(other)}"
                f" {where[1]}"
            )
            names: tuple[str, ...] = ("threshold tie" if tie else "different v_thresh",)
            if any(of.threshold_mv[0] > of.threshold_mv[1] + _TIE_MV for of in (one, other)):
                # No threshold explains the spikes of that run.
                names = ("noise in the membrane", "different order of updates", *OTHER_EQUATIONS)
            elif _is_tested_late(cell.b if other is b else cell.a, one):
                names = (*names, "different order of updates")
            text += asked_for(cell, "v_thresh")
            yield Finding("threshold", names, text, which=int(other is b))


def _is_tested_late(recording: Recording, usual: SpikeConstants) -> bool:
    """Whether spikes come in the step after the one in which the usual threshold was reached."""
    v = recording.state["v"]
    before = recording.spikes[(recording.spikes > 0) & (recording.spikes <= len(v))] - 1
    low, high = usual.threshold_mv
    reached = np.flatnonzero(v >= high)
    return bool(len(before)) and bool(np.all(v[before] > low)) and set(reached) <= set(before)


def _interval(one: SpikeConstants) -> str:
    low, high = one.threshold_mv
    return f"({low:.9g}, {high:.9g}] mV"
