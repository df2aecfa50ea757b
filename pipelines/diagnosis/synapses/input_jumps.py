"""Recorded inputs of receptors in both runs, and the projections through which they come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.diagnosis.synapses.synaptic_inputs import SynapticInput
from pipelines.diagnosis.synapses.transmissions import Transmissions, transmissions_to

FEWEST = 3
"""Smallest number of inputs that show how they differ."""
SAME = 1e-6
"""Relative difference of sizes that is no rounding error."""


@dataclass(frozen=True)
class Receptor:
    """Recorded inputs of one receptor of one neuron in both runs."""

    population: str
    neuron: int
    variable: str
    a: SynapticInput
    b: SynapticInput


@dataclass(frozen=True)
class Jumps:
    """Inputs of one receptor until the runs part; sizes are 0 where there is none."""

    receptor: Receptor
    steps: np.ndarray
    a: np.ndarray
    b: np.ndarray

    @property
    def differs(self) -> np.ndarray:
        """Whether the input of each step differs, beyond rounding."""
        largest = max(np.abs(self.a).max(initial=0.0), np.abs(self.b).max(initial=0.0))
        return np.abs(self.a - self.b) > SAME * largest


def guilty_projections(one: Jumps, pair: Pair) -> tuple[list[str], bool]:
    """Projections through which inputs that differ come, and whether some of them are right."""
    known = transmissions_of(one, pair)
    if known is None:
        return [], False
    wrong = np.isin(known.step, one.steps[one.differs])
    right = np.isin(known.step, one.steps[~one.differs])
    pairs_wrong = set(zip(known.projection[wrong], known.pre[wrong], strict=True))
    pairs_right = set(zip(known.projection[right], known.pre[right], strict=True))
    names = [known.projections[index] for index in sorted({p for p, _ in pairs_wrong})]
    return names, bool(pairs_wrong) and pairs_wrong <= pairs_right


def transmissions_of(one: Jumps, pair: Pair) -> Transmissions | None:
    """Transmissions to a receptor in the first run; None if its projections are not known."""
    receptor = one.receptor
    return transmissions_to(
        pair.a, receptor.population, receptor.neuron, receptor.variable, pair.timestep
    )


def own_spike_steps(receptor: Receptor, one: Evidence, timestep: float) -> np.ndarray:
    """Steps of the spikes of the neuron of a receptor in one run."""
    rows = one.spikes
    mine = (rows["population"] == receptor.population) & (rows["neuron"] == receptor.neuron)
    return np.rint(rows.loc[mine, "time_ms"].to_numpy(float) / timestep)
