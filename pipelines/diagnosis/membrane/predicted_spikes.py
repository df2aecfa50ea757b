"""Prediction of the spikes of recorded neurons from the recorded spikes that reach them.

If everything that reaches a population was recorded, each interval between spikes of its neurons
can be predicted by itself: the membrane starts at the reset after a recorded spike, receives the
recorded presynaptic spikes, and must reach the threshold in the step of the next recorded spike,
and not before. Errors do not accumulate, and the network's chaos does not matter. The neuron is
IF_curr_exp, integrated exactly (Rotter and Diesmann 1999) or by another scheme.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.diagnosis.plastic import is_partly_recorded, is_sample
from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.diagnosis.synapses.transmissions import cell_types_of, projections_of
from pipelines.tables.mappings import as_mapping

Floats = np.ndarray
Ints = np.ndarray

PARAMETERS = (
    "tau_m", "cm", "v_rest", "v_reset", "v_thresh", "tau_refrac", "tau_syn_E", "tau_syn_I",
    "i_offset",
)  # fmt: skip
EXACT = "exact"
SCHEMES = {
    "forward Euler": "forward Euler",
    "forward Euler of the potential alone": "forward Euler",
    "exponential Euler": "exponential Euler",
    "exponential Euler of excitation alone": "exponential Euler",
    "exponential Euler of inhibition alone": "exponential Euler",
    "the midpoint method": "Runge-Kutta of low order",
}
"""Integration schemes other than the exact one, and the cause that each is."""

# Number of time steps and neurons that are predicted: enough for a hundred intervals.
_MOST_STEPS, _MOST_NEURONS = 2000, 16
# Potential (mV) within which the threshold is met.
_ROUNDING_MV = 1e-9
_RECEPTORS = {"excitatory": 0, "inhibitory": 1}


@dataclass(frozen=True)
class Recorded:
    """What was recorded of some neurons of one population in one run.

    Attributes
    ----------
    neurons
        Indices of the neurons, shape (n,).
    parameters
        Parameters that were asked for, by PyNN's names, each of shape (n,).
    fired
        Whether each neuron spikes at the end of each step, shape (n_steps + 1, n).
    inputs
        For each projection the summed weights (nA) that arrive, as shape (n_steps + 1, n), and
        the receptor, 0 (excitatory) or 1.
    timestep
        Time step in ms.
    """

    neurons: Ints
    parameters: Mapping[str, Floats]
    fired: np.ndarray
    inputs: Mapping[str, tuple[Floats, int]]
    timestep: float


@dataclass(frozen=True)
class Fit:
    """How well intervals are predicted, for each candidate and neuron: shape (m, n).

    Attributes
    ----------
    wrong
        Number of intervals whose end is not predicted.
    misfit_mv
        Sum of the potentials above the threshold before a spike, or below it at the spike.
    intervals
        Number of intervals of each neuron, shape (n,); the first, which begins with the unknown
        initial potential, is left out.
    """

    wrong: Ints
    misfit_mv: Floats
    intervals: Ints


def predictable(pair: Pair) -> dict[str, tuple[Recorded, Recorded]]:
    """Populations of IF_curr_exp of which all inputs were recorded in both runs, by name."""
    found = {}
    types = cell_types_of(pair.a)
    for name, kinds in types.items():
        if kinds not in ("IF_curr_exp", ["IF_curr_exp"]):
            continue
        neurons = _chosen(pair, name)
        both = [_recorded(one, name, neurons, pair.timestep) for one in (pair.a, pair.b)]
        if both[0] is not None and both[1] is not None:
            found[name] = (both[0], both[1])
    return found


def _chosen(pair: Pair, population: str) -> Ints:
    """Neurons that are predicted: those that differ, and others that spike."""
    grid, counts = pair.grid, pair.counts
    if population not in grid.populations:
        return np.empty(0, int)
    _, of, neuron = grid.split_keys(counts.keys)
    mine = of == grid.populations.index(population)
    differ = np.unique(neuron[mine & (counts.a != counts.b)])
    others = np.setdiff1d(np.unique(neuron[mine]), differ)
    half = _MOST_NEURONS // 2
    kept = [*differ[: _MOST_NEURONS - min(half, len(others))], *others[:half]]
    return np.sort(np.array(kept, int))


def _recorded(one: Evidence, population: str, neurons: Ints, timestep: float) -> Recorded | None:
    """Recordings of some neurons of a population; None if something is not known."""
    asked = as_mapping(as_mapping(one.record.get("cell_parameters")).get(population))
    if not len(neurons) or any(asked.get(name) is None for name in PARAMETERS):
        return None
    parameters = {}
    for name in PARAMETERS:
        values = np.asarray(asked[name], float)
        if values.ndim and len(values) <= neurons.max():
            return None
        parameters[name] = np.broadcast_to(
            values[neurons] if values.ndim else values, neurons.shape
        )
    steps = np.rint(one.spikes["time_ms"].to_numpy(float) / timestep).astype(np.int64)
    last = min(int(steps.max(initial=0)), _MOST_STEPS)
    early = one.spikes[steps <= last]
    early = early.assign(step=steps[steps <= last])
    inputs = {}
    for name, facts in projections_of(one).items():
        if facts.get("post") != population:
            continue
        receptor = _RECEPTORS.get(str(facts.get("receptor")))
        rows = one.weights[one.weights["projection"] == name]
        from_pre = early[early["population"] == facts.get("pre")]
        if receptor is None or facts.get("plastic") or not len(rows) or not len(from_pre):
            return None
        if is_sample(one, name) or is_partly_recorded(one, facts.get("pre")):
            return None
        rows = rows[rows["time_ms"] == rows["time_ms"].max()]
        inputs[name] = (_arrivals(rows, from_pre, neurons, last, timestep), receptor)
    fired = np.zeros((last + 1, len(neurons)), bool)
    own = early[(early["population"] == population) & early["neuron"].isin(neurons)]
    fired[own["step"], np.searchsorted(neurons, own["neuron"])] = True
    return Recorded(neurons, parameters, fired, inputs, timestep)


def _arrivals(
    connections: object, spikes: object, neurons: Ints, last: int, timestep: float
) -> Floats:
    """Summed weights that arrive at each neuron in each step, shape (last + 1, n)."""
    rows = connections[connections["post"].isin(neurons)]  # type: ignore[index]
    joined = rows[["pre", "post", "weight", "delay_ms"]].merge(
        spikes[["neuron", "step"]].rename(columns={"neuron": "pre"}),  # type: ignore[index]
        on="pre",
    )
    at = joined["step"] + np.rint(joined["delay_ms"] / timestep).astype(np.int64)
    inside = (at <= last).to_numpy()
    arrived = np.zeros((last + 1, len(neurons)))
    places = (at[inside].to_numpy(), np.searchsorted(neurons, joined["post"][inside]))
    np.add.at(arrived, places, joined["weight"][inside].to_numpy(float))
    return arrived


def predict(
    recorded: Recorded,
    changed: Mapping[str, Floats] | None = None,
    weight_factors: Mapping[str, Floats] | None = None,
    delay_steps: Mapping[str, Ints] | None = None,
    scheme: str = EXACT,
) -> Fit:
    """Predict every interval between spikes for some candidates.

    Parameters
    ----------
    recorded
        Recordings of a population.
    changed
        Values of parameters, each of shape (m, 1) or (m, n); others are as asked.
    weight_factors
        Factors of the weights of projections, of such a shape.
    delay_steps
        Steps added to the delays of projections, shape (m,).
    scheme
        Integration scheme: `EXACT`, or one of `SCHEMES`.
    """
    changed, weight_factors, delay_steps = changed or {}, weight_factors or {}, delay_steps or {}
    m = max([1, *(len(v) for v in [*changed.values(), *weight_factors.values(),
                                   *delay_steps.values()])])  # fmt: skip
    n = len(recorded.neurons)
    p = {
        name: np.broadcast_to(changed.get(name, value), (m, n))
        for name, value in recorded.parameters.items()
    }
    step = _stepper(p, recorded.timestep, scheme)
    held_steps = np.ceil(p["tau_refrac"] / recorded.timestep - 1e-6).astype(int)
    v, currents = np.zeros((m, n)), np.zeros((2, m, n))
    since = np.zeros((m, n), int)
    begun = np.zeros(n, bool)
    is_wrong = np.zeros((m, n), bool)
    wrong, misfit = np.zeros((m, n), int), np.zeros((m, n))
    excess = np.zeros((m, n))
    for now in range(1, len(recorded.fired)):
        free = since >= held_steps
        moved, currents = step(v, currents)
        v = np.where(free, moved, v)
        for name, (weights, receptor) in recorded.inputs.items():
            currents[receptor] += _arriving(weights, now, weight_factors.get(name),
                                            delay_steps.get(name))  # fmt: skip
        since += 1
        fired = recorded.fired[now]
        above = np.where(free, v - p["v_thresh"], -1.0)
        crossed = above >= -_ROUNDING_MV
        is_wrong |= begun & (crossed != fired)
        excess = np.maximum(excess, np.where(crossed & ~fired & begun, above, 0.0))
        if fired.any():
            missed = np.where(fired & begun & ~crossed, p["v_thresh"] - v, 0.0)
            misfit += np.where(fired, excess + missed, 0.0)
            wrong += fired & is_wrong
            excess = np.where(fired, 0.0, excess)
            is_wrong &= ~fired
            v = np.where(fired, p["v_reset"], v)
            since = np.where(fired, 0, since)
            begun |= fired
    # The interval that the end cuts off must not have ended before.
    wrong += is_wrong
    misfit += excess
    return Fit(wrong, misfit, np.maximum(recorded.fired.sum(axis=0) - 1, 0))


def _arriving(weights: Floats, now: int, factor: Floats | None, delay: Ints | None) -> Floats:
    if delay is not None:
        at = now - delay
        inside = (at >= 0) & (at < len(weights))
        return np.where(inside[:, None], weights[np.clip(at, 0, len(weights) - 1)], 0.0)
    return weights[now] if factor is None else weights[now] * factor


def _stepper(
    p: Mapping[str, Floats], h: float, scheme: str
) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    """Function from potential and currents to those one step later."""
    tau_m, cm = p["tau_m"], p["cm"]
    tau_syn = np.stack([p["tau_syn_E"], p["tau_syn_I"]])

    def slope(v: Floats, currents: Floats) -> tuple[Floats, Floats]:
        total = currents.sum(axis=0) + p["i_offset"]
        return (p["v_rest"] - v) / tau_m + total / cm, -currents / tau_syn

    def euler(v: Floats, currents: Floats) -> tuple[Floats, Floats]:
        dv, di = slope(v, currents)
        return v + h * dv, currents + h * di

    def euler_of_v(v: Floats, currents: Floats) -> tuple[Floats, Floats]:
        return v + h * slope(v, currents)[0], currents * decays

    def runge_kutta(v: Floats, currents: Floats) -> tuple[Floats, Floats]:
        dv, di = slope(v, currents)
        dv, di = slope(v + h / 2 * dv, currents + h / 2 * di)
        return v + h * dv, currents + h * di

    decay, decays = np.exp(-h / tau_m), np.exp(-h / tau_syn)
    same = np.isclose(tau_syn, tau_m, rtol=1e-9)
    apart = np.where(same, 1.0, tau_m - tau_syn)
    usual = tau_syn * tau_m / (cm * apart) * (decay - decays)
    per_current = np.where(same, h / cm * decay, usual)
    level = p["v_rest"] + tau_m / cm * p["i_offset"]

    def exponential(*held: int) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
        """Scheme in which these currents are held over the step."""
        effect = np.stack(
            [(1 - decay) * tau_m / cm if k in held else per_current[k] for k in (0, 1)]
        )

        def step(v: Floats, currents: Floats) -> tuple[Floats, Floats]:
            moved = level + (v - level) * decay + (effect * currents).sum(axis=0)
            return moved, currents * decays

        return step

    return {
        EXACT: exponential(),
        "forward Euler": euler,
        "forward Euler of the potential alone": euler_of_v,
        "exponential Euler": exponential(0, 1),
        "exponential Euler of excitation alone": exponential(0),
        "exponential Euler of inhibition alone": exponential(1),
        "the midpoint method": runge_kutta,
    }[scheme]
