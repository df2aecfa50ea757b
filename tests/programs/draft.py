"""What is drawn so far of a program, and how numbers of it are drawn and written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# Numbers that are drawn for themselves; more are left to an expression.
_LISTED = 6


@dataclass(frozen=True)
class Cells:
    """A population, view or assembly, and what a synapse onto it or from it has to know.

    Attributes
    ----------
    name
        How the script calls it.
    size
        Number of cells.
    populations
        The populations that it is a part of, or is made of.
    rate
        Guess of the rate of spikes, in Hz.
    tau_syn
        Time constants of excitatory and inhibitory currents, in ms; None for sources.
    capacity, rheobase
        Of the least excitable, in nF and nA.
    unit
        Of weights of synapses onto them.
    celltype
        PyNN's name of it; empty for assemblies and sources.
    is_assembly
        Whether it is an assembly, whose parts may be of one population.
    """

    name: str
    size: int
    populations: tuple[str, ...]
    rate: float
    tau_syn: tuple[float, float] | None = None
    capacity: float = 1.0
    rheobase: float = 1.0
    unit: str = "nA"
    celltype: str = ""
    is_assembly: bool = False

    @property
    def is_source(self) -> bool:
        """Whether synapses onto it are impossible."""
        return self.tau_syn is None


class Draft:
    """A program under way.

    Attributes
    ----------
    rng
        What everything is drawn from.
    dt, duration
        Time step and length of all runs, in ms.
    min_delay_steps
        Smallest delay.
    statements
        What has been written.
    cells
        By name: populations, views and assemblies.
    poisson, arrays
        Names of populations that are sources.
    renewal
        Of other sources that are drawn, the parameter that sets the rate, and its value.
    currents
        Kinds of the sources of currents that may be changed, by name.
    tau_minus
        By population, in ms: it belongs to the postsynaptic neuron on NEST.
    unseeded
        How often a generator of the script is left out, so that `setup` seeds what is drawn.
    recorded_late
        Populations that are recorded from a later run on, if at all.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng([18, seed])
        self.statements: list[str] = []
        self.cells: dict[str, Cells] = {}
        self.poisson: list[str] = []
        self.arrays: list[str] = []
        self.renewal: dict[str, tuple[str, float]] = {}
        self.currents: dict[str, str] = {}
        self.tau_minus: dict[str, float] = {}
        self.unseeded = self.pick(0.0, 0.5, 1.0, weights=(3, 2, 2))
        self.recorded_late: set[str] = set()
        self.dt = 0.1
        self.duration = 100.0
        self.min_delay_steps = 1
        self._made: dict[str, int] = {}

    def write(self, *statements: str) -> None:
        """Add statements to the program."""
        self.statements += statements

    def written(self, write: Callable[[], None]) -> list[str]:
        """What is written by a function, which is not added to the program."""
        before, self.statements = self.statements, []
        try:
            write()
            return self.statements
        finally:
            self.statements = before

    def name(self, kind: str) -> str:
        """A new name: the kind and a number."""
        number = self._made[kind] = self._made.get(kind, -1) + 1
        return f"{kind}{number}"

    def is_recorded(self, cells: Cells) -> bool:
        """Whether these are neurons that are recorded from the start."""
        return not cells.is_source and not self.recorded_late.intersection(cells.populations)

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return bool(self.rng.random() < probability)

    def pick(self, *options: Any, weights: Sequence[float] | None = None) -> Any:
        """One of the options."""
        chances = None if weights is None else np.asarray(weights) / np.sum(weights)
        return options[int(self.rng.choice(len(options), p=chances))]

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return int(self.rng.integers(low, high + 1))

    def uniform(self, low: float, high: float) -> float:
        """A number of few digits."""
        return float(f"{self.rng.uniform(low, high):.3g}")

    def seed(self) -> int:
        """A seed for a generator of the script."""
        return int(self.rng.integers(1, 10_000))

    def steps(self, low: float, high: float) -> float:
        """A whole number of steps between two times (ms), at least one, in ms."""
        first = max(int(np.ceil(low / self.dt - 1e-9)), 1)
        return self.ms(self.between(first, max(int(high / self.dt + 1e-9), first)))

    def ms(self, step: int) -> float:
        """The time of a step."""
        return round(step * self.dt, 6)

    def generator(self) -> str:
        """NumPy's generator with a seed of its own, in the script."""
        return f"np.random.default_rng({self.seed()})"

    def seeded(self) -> list[str]:
        """PyNN's generator with a seed of its own, in the script, as an argument; or none."""
        if self.chance(self.unseeded):
            return []
        return [f"rng=sim.NumpyRNG(seed={self.seed()})"]

    def several(self, low: float, high: float, size: int) -> str:
        """Values for as many cells: a list, an array, or PyNN's random numbers."""
        kind = self.pick("array", "list", "drawn")
        if kind == "list" and size <= _LISTED:
            return str([self.uniform(low, high) for _ in range(size)])
        if kind == "drawn":
            return self.drawn(low, high)
        return f"{self.generator()}.uniform({low:.4g}, {high:.4g}, {size})"

    def drawn(self, low: float, high: float) -> str:
        """PyNN's random numbers between two limits."""
        if self.chance(0.6):
            arguments = ['"uniform"', f"({low:.4g}, {high:.4g})"]
        else:
            middle, width = (low + high) / 2, (high - low) / 3
            kind = self.pick("normal_clipped", "normal_clipped_to_boundary", weights=(3, 1))
            arguments = [f'"{kind}"', f"mu={middle:.4g}, sigma={width:.4g}"]
            arguments.append(f"low={low:.4g}, high={high:.4g}")
        return f"sim.RandomDistribution({', '.join(arguments + self.seeded())})"

    def several_steps(self, low: float, high: float, shape: Any) -> str:
        """An array of times on the grid."""
        first, last = max(round(low / self.dt), 1), max(round(high / self.dt), 2)
        drawn = f"{self.generator()}.integers({first}, {last + 1}, {shape})"
        return f"np.round({drawn} * {self.dt}, 6)"
