"""Signatures in the recorded state of one neuron in two runs, up to the first difference.

Between spikes the membrane of a leaky integrate-and-fire neuron is a linear function of its state
one step before (Rotter and Diesmann 1999), so its constants can be fitted to a recording. The
variable that differs first, current or potential, shows where the cause is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.diagnosis.run_pair import Cause, steps_in_words

State = Mapping[str, np.ndarray]

_INPUTS = ("isyn_exc", "isyn_inh")
# Relative tolerance of recorded values, and of constants that are fitted to them.
_SAME, _SAME_FIT = 1e-7, 1e-5
# Smallest number of steps for a fit, and the largest residual (mV) of a linear membrane.
_FEWEST, _LINEAR_MV = 20, 1e-5
# Rounding error of a potential (mV).
_TIE_MV = 1e-9


@dataclass(frozen=True)
class _Membrane:
    """Constants of a membrane, fitted between its spikes.

    Attributes
    ----------
    tau_ms, level_mv
        Time constant, and steady potential without synaptic input.
    per_current
        Change of potential (mV) one step after a synaptic current of 1 nA, for each active input.
    reset_mv, refractory_steps
        Reset potential and refractory period of its first spike; None without a spike.
    highest_mv, crossed_mv
        Highest potential without a spike, and lowest potential that caused a spike.
    """

    tau_ms: float
    level_mv: float
    per_current: Mapping[str, float]
    reset_mv: float | None
    refractory_steps: int | None
    highest_mv: float
    crossed_mv: float


def state_causes(
    states: tuple[State, State], spikes_ms: tuple[np.ndarray, np.ndarray], timestep: float
) -> list[Cause]:
    """Find causes in the state of the neuron with the first difference.

    Parameters
    ----------
    states
        State in each run: ``time_ms``, ``v`` (mV) and, where the neuron has them, ``isyn_exc`` and
        ``isyn_inh`` (nA), each of shape (n_samples,), from 0 on.
    spikes_ms
        Spike times of the neuron in each run.
    timestep
        Time step in ms.
    """
    if any("v" not in state for state in states):
        return []
    n = min(len(state["v"]) for state in states)
    a, b = ({name: np.asarray(values)[:n] for name, values in s.items()} for s in states)
    first_v, first_i = _first_difference(a, b, ("v",)), _first_difference(a, b, _INPUTS)
    if first_v is None and first_i is None:
        return []
    if first_v == 0:
        text = f"v begins at {a['v'][0]:.9g} mV in one run and at {b['v'][0]:.9g} mV in the other"
        return [Cause("different initial state", text, 1.0)]
    steps = [np.rint(np.asarray(t) / timestep).astype(int) for t in spikes_ms]
    if first_i is not None and (first_v is None or first_i <= first_v):
        return list(_causes_of_currents(a, b, first_i, timestep))
    fits = [_fit_membrane(s, at[at < n], timestep) for s, at in zip((a, b), steps, strict=True)]
    if fits[0] is None or fits[1] is None:
        return []
    return list(_causes_of_membranes(fits[0], fits[1]))


def _first_difference(a: State, b: State, names: tuple[str, ...]) -> int | None:
    """Index of the first sample at which one of these variables differs; None if none does."""
    first = []
    for name in names:
        if name in a and name in b:
            scale = max(np.abs(a[name]).max(initial=0), np.abs(b[name]).max(initial=0))
            apart = np.flatnonzero(np.abs(a[name] - b[name]) > _SAME * scale)
            first += apart[:1].tolist()
    return min(first, default=None)


def _causes_of_currents(a: State, b: State, first: int, timestep: float) -> Iterator[Cause]:
    time = first * timestep
    for name in _INPUTS:
        if name not in a or name not in b:
            continue
        x, y = (_decay(s[name], timestep) for s in (a, b))
        if x is not None and y is not None and abs(x - y) > _SAME_FIT * x:
            text = f"{name} decays with {x:.6g} ms in the first run, {y:.6g} ms in the second"
            yield Cause("different tau_syn", text, 1.0)
            return
    for name in _INPUTS:
        if name not in a or name not in b or _first_difference(a, b, (name,)) != first:
            continue
        jumps = [_jumps(s[name], timestep) for s in (a, b)]
        (at_a, by_a), (at_b, by_b) = jumps
        both = np.intersect1d(at_a, at_b)
        if first in both:
            x, y = by_a[at_a == first][0], by_b[at_b == first][0]
            text = f"the first input that differs, {name} at {time:g} ms, is {x:.6g} and {y:.6g} nA"
            yield Cause("different synaptic weight", f"{text}: {y / x:.6g} times as large", 1.0)
            continue
        lonely, other = (at_a, at_b) if first in at_a else (at_b, at_a)
        later = other[other > first]
        size = dict(zip(at_a, by_a, strict=True)) | dict(zip(at_b, by_b, strict=True))
        if len(later) and later[0] not in lonely and np.isclose(size[later[0]], size[first]):
            steps = int(later[0] - first) * (1 if first in at_a else -1)
            by = steps_in_words(steps, "later", "earlier")
            text = f"an input of {name} at {time:g} ms comes {by}"
            yield Cause("different delay or time of input", f"{text} in the second run", 1.0, steps)
        elif len(lonely):
            which = "first" if first in at_a else "second"
            text = f"an input of {name} at {time:g} ms is there in the {which} run alone"
            yield Cause("missing or further input", text, 1.0)


def _decay(current: np.ndarray, timestep: float) -> float | None:
    """Time constant (ms) of a synaptic current, from steps without input; None if unknown."""
    there = np.abs(current[:-1]) > 1e-9
    ratio = current[1:][there] / current[:-1][there]
    ratio = ratio[(ratio > 0) & (ratio < 1)]
    if len(ratio) < 2:
        return None
    typical = float(np.median(ratio))
    if np.mean(np.abs(ratio - typical) < 1e-6) < 0.5:
        return None
    return -timestep / np.log(typical)


def _jumps(current: np.ndarray, timestep: float) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the samples with an input, and the jumps (nA) of the current."""
    tau = _decay(current, timestep)
    kept = np.exp(-timestep / tau) if tau else 1.0
    jump = np.append(current[:1], current[1:] - kept * current[:-1])
    at = np.flatnonzero(np.abs(jump) > 1e-6 * np.abs(current).max(initial=1e-12))
    return at, jump[at]


def _fit_membrane(state: State, spikes: np.ndarray, timestep: float) -> _Membrane | None:
    v = state["v"]
    held = np.zeros(len(v), bool)
    refractory = None
    for spike in spikes:
        end = spike
        while end + 1 < len(v) and v[end + 1] == v[spike]:
            end += 1
        held[spike : end + 1] = True
        if refractory is None and end + 1 < len(v):
            refractory = int(end - spike)
    names = [n for n in _INPUTS if n in state and np.ptp(state[n]) > 0]
    columns = np.column_stack([v, *(state[n] for n in names), np.ones(len(v))])[:-1]
    free = ~held[:-1] & ~held[1:]
    if free.sum() < _FEWEST:
        return None
    # Centred, because the potential is large compared with the other columns.
    middle = columns[free].mean(axis=0)
    middle[-1] = 0.0
    fit, _, rank, _ = np.linalg.lstsq(columns[free] - middle, v[1:][free], rcond=None)
    predicted = (columns - middle) @ fit
    if rank < columns.shape[1] or np.abs(predicted - v[1:])[free].max() > _LINEAR_MV:
        return None
    if not 0 < fit[0] < 1:
        return None
    offset = fit[-1] - middle[:-1] @ fit[:-1]
    crossed = predicted[[s - 1 for s in spikes if s > 0 and not held[s - 1]]]
    return _Membrane(
        tau_ms=float(-timestep / np.log(fit[0])),
        level_mv=float(offset / (1 - fit[0])),
        per_current=dict(zip(names, fit[1:-1].tolist(), strict=True)),
        reset_mv=float(v[spikes[0]]) if len(spikes) else None,
        refractory_steps=refractory,
        highest_mv=float(v[~held].max()),
        crossed_mv=float(crossed.min()) if len(crossed) else np.inf,
    )


def _causes_of_membranes(a: _Membrane, b: _Membrane) -> Iterator[Cause]:
    def both(x: float, y: float, unit: str) -> str:
        return f"{x:.7g} and {y:.7g} {unit}"

    def apart(x: float, y: float) -> bool:
        return abs(x - y) > _SAME_FIT * max(abs(x), abs(y))

    named = False
    if apart(a.tau_ms, b.tau_ms):
        named = True
        yield Cause("different tau_m", f"tau_m is {both(a.tau_ms, b.tau_ms, 'ms')}", 1.0)
    else:
        inputs = [n for n in a.per_current if n in b.per_current]
        ratios = [b.per_current[n] / a.per_current[n] for n in inputs]
        if ratios and all(apart(1.0, r) and not apart(r, ratios[0]) for r in ratios):
            named = True
            text = f"the same current moves the membrane {ratios[0]:.7g} times as far"
            yield Cause("different cm", f"{text} in the second run: capacitance", 1.0)
        if apart(a.level_mv, b.level_mv):
            named = True
            text = f"without input the membrane goes to {both(a.level_mv, b.level_mv, 'mV')}"
            yield Cause("different resting potential or constant current", text, 1.0)
    if a.reset_mv is not None and b.reset_mv is not None and apart(a.reset_mv, b.reset_mv):
        named = True
        text = f"after a spike v is {both(a.reset_mv, b.reset_mv, 'mV')}"
        yield Cause("different reset potential", text, 1.0)
    held = (a.refractory_steps, b.refractory_steps)
    if None not in held and held[0] != held[1]:
        named = True
        text = f"after a spike v is held for {held[0]} and {held[1]} steps"
        yield Cause("refractory period", text, 1.0, (held[1] or 0) - (held[0] or 0))
    if named:
        return
    for one, other, which in ((a, b, ("first", "second")), (b, a, ("second", "first"))):
        gap = other.highest_mv - one.crossed_mv
        if gap > -_TIE_MV:
            text = (
                f"{one.crossed_mv:.9g} mV makes a spike in the {which[0]} run, and"
                f" {other.highest_mv:.9g} mV none in the {which[1]} one"
            )
            # Thresholds are round numbers, so a tie is assumed only at a round potential.
            tie = gap < _TIE_MV and abs(one.crossed_mv * 100 - round(one.crossed_mv * 100)) < 1e-6
            yield Cause("threshold tie" if tie else "different threshold", text, 1.0)
