"""Two runs to be explained, and what an explanation is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from pipelines.diagnosis.first_divergence import (
    Counts,
    Divergence,
    OnGrid,
    counts_of,
    first_divergence,
    on_grid,
)

# Spikes of a run that are looked at one neuron at a time: later ones show no cause any more.
_EARLY_SPIKES = 50_000


@dataclass(frozen=True)
class Evidence:
    """What is known of one run.

    Attributes
    ----------
    record
        Its row of `runs`: ``seed``, ``backend``, ``connectivity_sha256``, ``input_sha256``, and
        its parameters, as far as they are known.
    spikes, weights
        Its rows of these tables.
    """

    record: dict[str, object]
    spikes: pd.DataFrame
    weights: pd.DataFrame


@dataclass(frozen=True)
class Pair:
    """Two runs to be explained.

    Attributes
    ----------
    a, b
        The runs.
    timestep
        In ms.
    where
        How an explanation speaks of something that is in the first run, and in the second.
    uses
        Names that the code of the experiment takes from PyNN; empty if it is not known.
    """

    a: Evidence
    b: Evidence
    timestep: float
    where: tuple[str, str] = ("in the first run", "in the second run")
    uses: frozenset[str] = frozenset()

    @property
    def backends(self) -> tuple[str, str]:
        """Names of their backends, empty where they are not known."""
        first, second = (str(one.record.get("backend") or "") for one in (self.a, self.b))
        return first, second

    @cached_property
    def grid(self) -> OnGrid:
        """Their spikes on one grid."""
        return on_grid(self.a.spikes, self.b.spikes, self.timestep)

    @cached_property
    def divergence(self) -> Divergence | None:
        """Where their spikes part."""
        return first_divergence(self.grid, self.counts)

    @cached_property
    def counts(self) -> Counts:
        """Their spikes, step by step and neuron by neuron."""
        return counts_of(self.grid)

    @cached_property
    def early(self) -> OnGrid:
        """Their first spikes alone."""
        return self.grid.first_spikes(_EARLY_SPIKES)


@dataclass(frozen=True)
class Cause:
    """A known cause that fits.

    Attributes
    ----------
    name
        Of the signature.
    explanation
        What fits it, with numbers.
    share
        Part of what was looked at that fits, 0 to 1.
    steps
        By how many time steps something is later or longer in the second run, for what is.
    """

    name: str
    explanation: str
    share: float
    steps: int = 0


def mode(values: np.ndarray) -> tuple[int, float]:
    """Most frequent integer of an array, and its share of the entries."""
    if not len(values):
        return 0, 0.0
    unique, count = np.unique(values, return_counts=True)
    return int(unique[count.argmax()]), float(count.max() / len(values))


def steps_in_words(steps: int, above: str = "longer", below: str = "shorter") -> str:
    """Number of time steps with a word for its sign, such as ``"2 steps longer"``."""
    n = abs(steps)
    return f"{n} step{'' if n == 1 else 's'} {above if steps > 0 else below}"


def joined(names: list[str]) -> str:
    """Names as an enumeration, such as ``"a, b and c"``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
