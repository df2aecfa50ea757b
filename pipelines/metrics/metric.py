"""What a metric is: where its values come from, how it is summarised, how two runs are compared.

A margin is a decision of whoever asks, not a fact: those of the built-in metrics are what a sweep
gets that says nothing. Rates, intervals and counts: 10 %, which is below what differs between
laboratories and between two choices of a published parameter (references of `cuba_network`
disagree by more), and above the seed floor of a second of a thousand neurons. Correlations are
near zero: there a share means nothing, and the margin is absolute, 0.02, the order of the published
seed floor of the microcircuit (Gutzen et al. 2018: 0.02 to 0.06 at 900 s). Synchrony and spectra
vary most from seed to seed: 20 %. Weights: 5 % of the mean. Signals have a zero of their own, as
potentials do: their margin is a share of how far they spread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.metrics.distances import (
    ks_distance,
    largest_difference,
    relative_distance,
    rms_difference,
    shape_distance,
)

Floats = NDArray[np.float64]

POPULATION, PROJECTION, SIGNAL, NETWORK = "population", "projection", "signal", "network"
"""What a metric can be of; `NETWORK` is a whole run, also the name in the column `population`."""

KINDS = (POPULATION, PROJECTION, SIGNAL, NETWORK)
"""In the order of the rows of a run in the table `metrics`."""

DISTANCE_NAMES: dict[Callable[[Any, Any], float], str] = {
    ks_distance: "KS", relative_distance: "relative", shape_distance: "shape",
    largest_difference: "largest", rms_difference: "rms",
}  # fmt: skip
"""What the tables call a distance; others have the name of their function."""

# Digits of a value that can tell two runs apart.
_DIGITS = 9


class Margin(Enum):
    """What a margin is a share of."""

    MEAN = "magnitude of the means of the runs"
    SPREAD = "standard deviation of the values of a run, mean over the runs"
    NOTHING = "nothing: it is in the unit of the metric"


@dataclass(frozen=True)
class Metric:
    """A named number or distribution of one run.

    A metric with a summary is a row of the table `metrics`; one with a distance is compared
    between backends and has rows in the table `comparisons`. One with both has the same meaning
    in either: it is a single number, and its sample has one value.

    Attributes
    ----------
    name
        Unique among the metrics of an experiment.
    unit
        "1" for a number. Of weights: that of current-based synapses. "" for that of a variable.
    meaning
        In a few words; of a distribution, with what one value is of ("firing rate, a neuron").
    sample
        Gives its values from what it is `of`, in a defined order, shape (n,), or one number. NaN
        stands for what does not exist, and is left out.
    of
        `POPULATION`: the sample is computed from spike trains (`spike_trains.Trains`) of each
        population; `PROJECTION`: from the readings of weights (`recorded.Readings`) of each
        projection; `SIGNAL`: from each recorded variable (`recorded.Signal`) of each population;
        `NETWORK`: from all that a run recorded (`recorded.Run`).
    summary
        Number for the table `metrics`, from the values.
    distance
        Of two samples, for the table `comparisons`; NaN where they cannot be compared.
    margin
        Difference of the means of two backends that does not matter, as a share of `margin_of`.
    margin_of
        See `Margin`.
    tolerance
        Distance up to which two runs are identical. If it is 0, their values must be equal to
        nine digits of the largest.
    digits_of
        Name of the metric whose largest value is meant instead: a change of weights is known no
        better than the weights.
    """

    name: str
    unit: str
    meaning: str
    sample: Callable[[Any], ArrayLike]
    of: str = POPULATION
    summary: Callable[[Floats], float] | None = None
    distance: Callable[[Any, Any], float] | None = None
    margin: float = 0.10
    margin_of: Margin = Margin.MEAN
    tolerance: float = 0.0
    digits_of: str = ""

    def __post_init__(self) -> None:
        if self.of not in KINDS:
            raise ValueError(f"metric '{self.name}' is of '{self.of}': it can be of {KINDS}")
        if self.summary is None and self.distance is None:
            raise ValueError(f"metric '{self.name}' has neither a summary nor a distance")
        if not self.margin > 0:
            raise ValueError(f"metric '{self.name}' has the margin {self.margin}, not above 0")

    @property
    def distance_name(self) -> str:
        """What the tables call the distance; empty if there is none."""
        if self.distance is None:
            return ""
        return DISTANCE_NAMES.get(self.distance, self.distance.__name__)

    def distance_of(self, a: Floats, b: Floats) -> float:
        """Distance of two samples; NaN if the metric has none."""
        return np.nan if self.distance is None else float(self.distance(a, b))

    def values(self, subject: Any) -> Floats:
        """The sample as an array, without NaN.

        Parameters
        ----------
        subject
            What the metric is `of`.
        """
        found = np.atleast_1d(np.asarray(self.sample(subject), float))
        return found[~np.isnan(found)]

    def rounded(self, values: Floats, largest: float | None = None) -> Floats:
        """Values to nine digits of the largest: equal ones must not be told apart by their last.

        Parameters
        ----------
        values
            The sample.
        largest
            Largest value of the metric `digits_of`, if there is one.
        """
        # A ratio that is near 0 is known no better than one that is 1.
        least = 1.0 if self.unit == "1" else 0.0
        scale = float(np.abs(values).max(initial=least)) if largest is None else largest
        if self.tolerance or not 0 < scale < np.inf:
            return values
        return np.round(values, _DIGITS - int(np.ceil(np.log10(scale))))

    def are_identical(self, a: Floats, b: Floats) -> bool:
        """Whether two samples, rounded, are the same."""
        if np.array_equal(a, b):
            return True
        return bool(self.tolerance and self.distance_of(a, b) <= self.tolerance)

    def margin_between(self, a: Sequence[Floats], b: Sequence[Floats]) -> float:
        """The margin in the unit of the metric, for samples of the runs of two backends."""
        runs = [values for values in (*a, *b) if len(values)]
        if self.margin_of is Margin.NOTHING:
            return self.margin
        if self.margin_of is Margin.SPREAD:
            return self.margin * float(np.mean([values.std() for values in runs]))
        return self.margin * float(np.abs([values.mean() for values in runs]).mean())
