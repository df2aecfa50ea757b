"""Leaky integrate-and-fire cells, integrated exactly or otherwise: states known in advance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.linalg import expm

from pipelines.diagnosis.run_pair import Evidence, Pair

DT = 0.1
WEIGHTS = pd.DataFrame(
    {name: [] for name in ("projection", "pre", "post", "weight", "delay_ms", "time_ms")}
)


def exact(a, h=DT):
    return expm(a * h)


def euler(a, h=DT):
    return np.eye(len(a)) + a * h


def euler_twice(a, h=DT):
    return euler(a, h / 2) @ euler(a, h / 2)


def runge_kutta_2(a, h=DT):
    return np.eye(len(a)) + a * h + a @ a * h**2 / 2


def backward_euler(a, h=DT):
    return np.linalg.inv(np.eye(len(a)) - a * h)


def exponential_euler(a, h=DT):
    """v exact, with the current held over the step; the current exact."""
    m = expm(a * h)
    tau_m, cm = -1 / a[0, 0], 1 / a[0, 1]
    m[0, 1:] = 0.0
    m[0, 1] = (1 - m[0, 0]) * tau_m / cm
    return m


def inputs(steps, n, seed):
    """Steps at which `n` inputs arrive."""
    return np.sort(np.random.default_rng(seed).choice(np.arange(20, steps - 5), n, replace=False))


def cell(
    steps=1500, tau_m=20.0, cm=0.25, rest=-65.0, reset=-65.0, threshold=-50.0, held=20, tau_e=3.0,
    tau_i=8.0, start=-60.0, w_e=1.2, w_i=-0.6, offset=0.0, scheme=exact, alpha=False, noise=0.0,
    seed=1, every=1, late=0, lost=(), act=0, first_input=20, inhibition=80, excitation=150,
):  # fmt: skip
    """State of one cell and the samples at which it spikes.

    `every`: steps between changes of the state; `late`: steps by which excitation comes later;
    `lost`: indices of inputs that are missing; `act`: steps by which currents act earlier on v.
    """
    at_e = np.delete(inputs(steps, excitation, 8), list(lost)) + late
    at_i = inputs(steps, inhibition, 9)
    arriving = np.zeros((2, steps))
    arriving[0, at_e[(at_e >= first_input) & (at_e < steps)]] = w_e
    arriving[1, at_i] = w_i
    rng, level = np.random.default_rng(seed), rest + offset * tau_m / cm
    matrices, gains = [], []
    for tau in (tau_e, tau_i):
        a = np.array([[-1 / tau_m, 1 / cm, 0], [0, -1 / tau, 1], [0, 0, -1 / tau]])
        matrices.append(scheme(a if alpha else a[:2, :2]))
        gains.append(np.e / tau if alpha else 1.0)
    currents = np.zeros((2, steps))
    states = [np.zeros(len(m) - 1) for m in matrices]
    v, wait, spikes = np.full(steps, start), 0, []
    for k in range(1, steps):
        v[k], currents[:, k] = v[k - 1], currents[:, k - 1]
        if k % every:
            continue
        before = [state.copy() for state in states]
        for row, m in enumerate(matrices):
            states[row] = m[1:, 1:] @ states[row]
            states[row][-1] += gains[row] * arriving[row, k - every + 1 : k + 1].sum()
            currents[row, k] = states[row][0]
        if wait:
            wait -= 1
            continue
        acting = states if act else before
        moved = sum(m[0, 1:] @ state for m, state in zip(matrices, acting, strict=True))
        v[k] = level + matrices[0][0, 0] * (v[k - 1] - level) + moved
        v[k] += noise * rng.normal() if noise else 0.0
        if v[k] >= threshold:
            v[k], wait = reset, held
            spikes.append(k)
    names = ("isyn_exc", "isyn_inh")
    state = {"time_ms": np.arange(steps) * DT, "v": v, **dict(zip(names, currents, strict=True))}
    return state, np.array(spikes, int)


def conductance_cell(
    steps=1500, tau_m=20.0, cm=0.25, rest=-65.0, e_rev=(0.0, -80.0), tau=(3.0, 8.0), start=-62.0,
    threshold=-50.0, held=20, weight=(0.012, 0.02), scheme="accurate", noise=0.0,
):  # fmt: skip
    """The same of a cell with exponential conductances, by Runge-Kutta in many parts of a step."""
    arriving = np.zeros((2, steps))
    for row, n in enumerate((150, 80)):
        arriving[row, inputs(steps, n, row)] = weight[row]
    g, v, wait, spikes = np.zeros((2, steps)), np.full(steps, start), 0, []
    tau_s, e, rng = np.array(tau), np.array(e_rev), np.random.default_rng(1)

    def slope(at, given):
        return -(at - rest) / tau_m - np.sum(given * (at - e)) / cm

    for k in range(1, steps):
        begin = g[:, k - 1]
        g[:, k] = begin * np.exp(-DT / tau_s) + arriving[:, k]
        if wait:
            v[k], wait = v[k - 1], wait - 1
            continue
        now = v[k - 1]
        if scheme == "euler":
            now = now + DT * slope(now, begin)
        elif scheme == "exponential":
            rate = 1 / tau_m + begin.sum() / cm
            now = now + slope(now, begin) * -np.expm1(-rate * DT) / rate
        else:
            h = DT / 5
            for part in range(5):
                g0, g1, g2 = (begin * np.exp(-(part + x) * h / tau_s) for x in (0, 0.5, 1))
                k1 = slope(now, g0)
                k2 = slope(now + h / 2 * k1, g1)
                k3 = slope(now + h / 2 * k2, g1)
                now = now + h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(now + h * k3, g2))
        now += noise * rng.normal() if noise else 0.0
        v[k] = now
        if now >= threshold:
            v[k], wait = -65.0, held
            spikes.append(k)
    state = {"time_ms": np.arange(steps) * DT, "v": v, "gsyn_exc": g[0], "gsyn_inh": g[1]}
    return state, np.array(spikes, int)


def evidence(cells, record=None, weights=WEIGHTS, others=()):
    """A run with these cells, by (population, neuron), and spikes of `others`."""
    rows = [
        {"population": population, "neuron": neuron, "time_ms": step * DT}
        for (population, neuron), (_, spikes) in cells.items()
        for step in spikes
    ]
    rows += [dict(zip(("population", "neuron", "time_ms"), one, strict=True)) for one in others]
    spikes = pd.DataFrame(rows, columns=["population", "neuron", "time_ms"])
    return Evidence(
        record or {}, spikes, weights, states={key: state for key, (state, _) in cells.items()}
    )


def pair_of(a, b):
    """Two runs of one cell."""
    return Pair(evidence({("p", 0): a}), evidence({("p", 0): b}), DT)
