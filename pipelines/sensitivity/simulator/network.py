"""Networks of the small simulator, as plain arrays that a fault can change.

Units: mV, ms, nA, nF. Cells are IF_curr_exp with PyNN's parameter names.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import numpy as np

EXCITATORY, INHIBITORY = "excitatory", "inhibitory"
CELL = {
    "cm": 0.25, "tau_m": 20.0, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0,
    "tau_refrac": 2.0, "tau_syn_E": 3.0, "tau_syn_I": 8.0, "i_offset": 0.0,
}  # fmt: skip
"""Constants of the cells of the study's networks."""


@dataclass
class Cells:
    """A population of integrate-and-fire neurons.

    Attributes
    ----------
    parameters
        Values by PyNN's names, each of shape (n,).
    initial_v
        Potentials (mV) at time 0, shape (n,).
    """

    parameters: dict[str, np.ndarray]
    initial_v: np.ndarray

    @property
    def n(self) -> int:
        """Number of neurons."""
        return len(self.initial_v)


@dataclass
class Rule:
    """Constants of a pair rule of plasticity, as in PyNN, and its variants.

    Attributes
    ----------
    mu_plus, mu_minus
        Exponents of the weight dependence: 0 for additive, 1 for multiplicative.
    nearest
        Whether only the nearest spike counts.
    zero_lag
        Whether a pair of lag zero potentiates.
    bounded
        Whether weights stay between w_min and w_max.
    active
        Whether weights change.
    """

    A_plus: float
    A_minus: float
    w_max: float
    tau_plus: float = 20.0
    tau_minus: float = 20.0
    w_min: float = 0.0
    mu_plus: float = 0.0
    mu_minus: float = 0.0
    dendritic_fraction: float = 1.0
    nearest: bool = False
    zero_lag: bool = False
    bounded: bool = True
    active: bool = True


@dataclass
class Synapses:
    """A projection: its connections, and its rule of plasticity if it has one.

    Attributes
    ----------
    source, target
        Names of the populations.
    receptor
        `EXCITATORY` or `INHIBITORY`.
    pre, post
        Indices of the neurons in their populations, shape (n_synapses,).
    weight, delay_ms
        In nA and ms, shape (n_synapses,).
    rule
        None for static synapses.
    """

    source: str
    target: str
    receptor: str
    pre: np.ndarray
    post: np.ndarray
    weight: np.ndarray
    delay_ms: np.ndarray
    rule: Rule | None = None

    def select(self, rows: np.ndarray) -> None:
        """Keep, repeat or reorder connections, given their indices or a mask."""
        for name in ("pre", "post", "weight", "delay_ms"):
            setattr(self, name, getattr(self, name)[rows])


@dataclass
class Network:
    """A network, what is recorded of it, and for how long it runs.

    Attributes
    ----------
    parameters
        Parameters of the experiment as they were asked for.
    sources
        Spike times (ms) of each neuron of each source population.
    recorded_signals
        Recorded neurons of each population, for v, isyn_exc and isyn_inh at each step.
    initial_reading
        Whether weights are read at the beginning too, not only at the end.
    """

    parameters: dict[str, object]
    seed: int
    timestep: float
    duration: float
    cells: dict[str, Cells] = field(default_factory=dict)
    sources: dict[str, list[np.ndarray]] = field(default_factory=dict)
    synapses: dict[str, Synapses] = field(default_factory=dict)
    recorded_signals: dict[str, tuple[int, ...]] = field(default_factory=dict)
    initial_reading: bool = True

    def copy(self) -> Network:
        """An independent copy."""
        return copy.deepcopy(self)

    @property
    def sizes(self) -> dict[str, int]:
        """Number of neurons of each population."""
        own = {name: cells.n for name, cells in self.cells.items()}
        return own | {name: len(trains) for name, trains in self.sources.items()}


def cells(n: int, initial_v: np.ndarray, **changed: float | np.ndarray) -> Cells:
    """Cells with the constants of `CELL`, but for those given."""
    values = {name: np.full(n, value) for name, value in CELL.items()}
    for name, value in changed.items():
        values[name] = np.broadcast_to(np.asarray(value, float), n).copy()
    return Cells(values, np.array(initial_v, float))


def connect(
    source: str, target: str, pairs: np.ndarray, weight: float, delay_ms: float,
    rule: Rule | None = None,
) -> Synapses:  # fmt: skip
    """Synapses of one weight and delay; negative weights go to the inhibitory receptor."""
    receptor = EXCITATORY if weight > 0 else INHIBITORY
    n = len(pairs)
    pre, post = np.array(pairs[:, 0]), np.array(pairs[:, 1])
    return Synapses(
        source, target, receptor, pre, post, np.full(n, weight), np.full(n, delay_ms), rule
    )


def poisson_trains(
    rng: np.random.Generator, n: int, rate_hz: float, duration: float, timestep: float
) -> list[np.ndarray]:
    """Poisson trains (ms) on the grid, at most one spike a step, from 2 ms on."""
    steps = round(duration / timestep)
    chance = rate_hz * timestep * 1e-3
    drawn = (np.flatnonzero(rng.random(steps) < chance) for _ in range(n))
    return [np.round(train[train * timestep > 2.0] * timestep, 10) for train in drawn]
