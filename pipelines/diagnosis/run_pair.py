"""Pairs of runs whose difference is to be explained, and causes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

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
from pipelines.diagnosis.kinds.spikes import DESCRIPTIONS

# Number of first spikes of a run that signatures use; later spikes no longer show a cause.
_EARLY_SPIKES = 50_000
# Largest number of alternatives that are named in the label of a cause.
_MOST_IN_LABEL = 3
# Names of what is seen rather than of one cause.
_DESCRIPTIONS = frozenset({*DESCRIPTIONS, "one train for all", "different weight rule"})


@dataclass(frozen=True)
class Recorded:
    """What a run recorded, whether or not there are rows of it; None where that is not known.

    Attributes
    ----------
    spikes, weights, signals
        Populations, projections, and pairs of population and variable.
    """

    spikes: frozenset[str] | None = None
    weights: frozenset[str] | None = None
    signals: frozenset[tuple[str, str]] | None = None


@dataclass(frozen=True)
class Evidence:
    """Data of one run that is compared.

    Attributes
    ----------
    record
        Its row of `runs`: ``seed``, ``backend``, ``connectivity_sha256``, ``input_sha256``, and
        its parameters, as far as they are known.
    spikes, weights, signals
        Its rows of these tables. `signals` is None if they are unknown.
    states
        State of single neurons, recorded when the run was repeated: (population, neuron) ->
        ``time_ms`` and variables, each of shape (n_samples,), in PyNN's units.
    built
        What the backend reports of the network that it built, when the run was repeated; None if
        it was not.
    recorded
        What the run recorded, which tells silence from no recording.
    """

    record: dict[str, object]
    spikes: pd.DataFrame
    weights: pd.DataFrame
    signals: pd.DataFrame | None = None
    states: Mapping[tuple[str, int], Mapping[str, np.ndarray]] = field(default_factory=dict)
    built: Any = None
    recorded: Recorded = Recorded()


@dataclass(frozen=True)
class Pair:
    """Two runs whose difference is to be explained.

    Attributes
    ----------
    a, b
        The runs.
    timestep
        Time step in ms.
    where
        Phrases for "in the first run" and "in the second run" in explanations.
    uses
        Names that the code of the experiment uses from PyNN; empty if unknown.
    """

    a: Evidence
    b: Evidence
    timestep: float
    where: tuple[str, str] = ("in the first run", "in the second run")
    uses: frozenset[str] = frozenset()

    @property
    def backends(self) -> tuple[str, str]:
        """Names of their backends; empty where unknown."""
        first, second = (str(one.record.get("backend") or "") for one in (self.a, self.b))
        return first, second

    @cached_property
    def grid(self) -> OnGrid:
        """Their spikes on one grid."""
        return on_grid(self.a.spikes, self.b.spikes, self.timestep)

    @cached_property
    def divergence(self) -> Divergence | None:
        """First difference of their spikes; None if all are the same."""
        return first_divergence(self.grid, self.counts)

    @cached_property
    def counts(self) -> Counts:
        """Number of their spikes at each step and neuron."""
        return counts_of(self.grid)

    @cached_property
    def early(self) -> OnGrid:
        """Their first spikes on the grid."""
        return self.grid.first_spikes(_EARLY_SPIKES)


@dataclass(frozen=True)
class Cause:
    """A cause that fits the data of two runs, or several that the data cannot tell apart.

    Attributes
    ----------
    name
        Name of the cause, of `pipelines.diagnosis.catalogue`.
    explanation
        Evidence for it, with numbers and their uncertainty.
    share
        Share of the examined items that fit, 0 to 1.
    steps
        Number of time steps by which events are later or longer in the second run; 0 if none.
    alternatives
        Names of other causes that fit the same data as well.
    """

    name: str
    explanation: str
    share: float = 1.0
    steps: int = 0
    alternatives: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cause and its alternatives."""
        return (self.name, *self.alternatives)

    @property
    def label(self) -> str:
        """Its name, or a choice such as ``"a or b"`` or ``"a or 6 others"``."""
        more = len(self.alternatives)
        if more <= _MOST_IN_LABEL:
            return one_of([*self.names])
        # A description of what is seen has all of its causes as alternatives.
        return self.name if self.name in _DESCRIPTIONS else f"{self.name} or {more} others"

    @property
    def text(self) -> str:
        """The label, the explanation, and the alternatives that are not in the label."""
        told = f"{self.label}: {self.explanation}"
        if not self.alternatives:
            return told
        if len(self.alternatives) <= _MOST_IN_LABEL:
            return f"{told}; these data cannot tell them apart"
        names = self.alternatives if self.name in _DESCRIPTIONS else self.names
        return f"{told}; these data cannot tell apart {joined([*names])}"


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


def one_of(names: list[str]) -> str:
    """Names as a choice, such as ``"a, b or c"``."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
