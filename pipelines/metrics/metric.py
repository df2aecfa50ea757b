"""Definition of a metric: the source of its values, its summary, its distance and its margin.

A margin is a decision, not a fact. The margins of the built-in metrics apply to sweeps that set
none of their own. Rates, intervals and counts: 10 %, which is below what differs between
laboratories and between two choices of a published parameter (references of `cuba_network`
disagree by more), and above the seed floor of a second of a thousand neurons. Correlations are
near zero, where a share means nothing: their margin is absolute, 0.02, the order of the published
seed floor of the microcircuit (Gutzen et al. 2018: 0.02 to 0.06 at 900 s). Synchrony, Fano factors,
latencies and spectra vary most from seed to seed: 20 %, as a ratio. Weights: 5 % of the mean. A
change of weights can be of either sign, so that its mean may be near zero: its margin is a share
of the mean magnitude. The zero of a signal, such as a potential, is arbitrary: its margin is a
share of the standard deviation.

The margin of a distance is 0.1 for those in 0 ... 1. In a distribution, values that differ by less
than the margin of the metric count as the same: where all neurons are nearly alike, a difference
of a percent would otherwise be a distance of 1. So the two margins say that nine of ten neurons,
pairs or connections are the same within the margin. For courses and spectra it is how much
further apart runs of two backends may be than runs of one. Two normal distributions a quarter of
their standard deviation apart have a Kolmogorov-Smirnov distance of 0.1, a small effect in the
usual terms (Cohen 1988: 0.2); the published seed floors of rates and of intervals (0.01 to 0.03)
are well below it.

Margins have an upper limit. Above a quarter of a mean, "the same" would include regimes that are
told apart in papers; metrics that decide nothing on their own (secondary ones) may have up to a
half on a logarithmic scale, a factor of 1.5. Mean correlations of asynchronous networks are of the
order of 0.01, so that theirs ends at 0.1.
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
"""Kinds of metrics, by subject; `NETWORK` is a whole run, and its name in column `population`."""

KINDS = (POPULATION, PROJECTION, SIGNAL, NETWORK)
"""All kinds, in the order of the rows of a run in the table `metrics`."""

DISTANCE_NAMES: dict[Callable[[Any, Any], float], str] = {
    ks_distance: "KS", relative_distance: "relative", shape_distance: "shape",
    largest_difference: "largest", rms_difference: "rms",
}  # fmt: skip
"""Names of distances in the tables; other distances have the name of their function."""

# Significant digits in which two runs must agree to count as equal.
_DIGITS = 9


# Distances in 0 ... 1, whose margin is `DISTANCE_MARGIN` if a metric names no other.
_BOUNDED = (ks_distance, shape_distance, largest_difference, rms_difference)

DISTANCE_MARGIN = 0.1
"""Usual margin of the distances in 0 ... 1, see above."""

LARGEST_SHARE, LARGEST_SECONDARY_RATIO = 0.25, 0.5
"""Upper limits of a margin that is a share, and of that of a secondary metric on a log scale."""


class Scale(Enum):
    """Scale on which the values of a run are averaged to the one number that is compared."""

    LINEAR = "linear"
    LOG = "log"


class Margin(Enum):
    """Reference value that a margin is a share of."""

    MEAN = "magnitude of the smaller of the means of two backends"
    MAGNITUDE = "magnitude of the values of a run, mean over the runs"
    SPREAD = "standard deviation of the values of a run, mean over the runs"
    NOTHING = "nothing: it is in the unit of the metric"


@dataclass(frozen=True)
class Metric:
    """A named number or distribution of one run.

    A metric with a summary is a row of the table `metrics`; one with a distance is compared
    between backends and has rows in the table `comparisons`. A metric with both is a single
    number: its sample has one value.

    Attributes
    ----------
    name
        Unique among the metrics of an experiment.
    unit
        "1" for a pure number; for weights, the unit of current-based synapses; "" for the unit of
        the recorded variable.
    meaning
        What it is, in a few words; for a distribution, also what one value belongs to ("firing
        rate, a neuron").
    sample
        Function from the subject named by `of` to the values, shape (n,) in a defined order, or to
        one number. NaN means that a value does not exist; it is left out.
    of
        `POPULATION`: the sample is computed from spike trains (`spike_trains.Trains`) of each
        population; `PROJECTION`: from the readings of weights (`recorded.Readings`) of each
        projection; `SIGNAL`: from each recorded variable (`recorded.Signal`) of each population;
        `NETWORK`: from all that a run recorded (`recorded.Run`).
    summary
        Function from the values to the number in the table `metrics`.
    distance
        Function from two samples to their distance in the table `comparisons`; NaN where they
        cannot be compared.
    margin
        Largest difference of the means of two backends that does not matter, as a share of
        `margin_of`.
    margin_of
        Reference value of the margin; on a logarithmic scale the margin is a ratio less 1, and
        this is not used.
    scale
        `Scale.LINEAR`: the number of a run is the mean of its values. `Scale.LOG`: the mean of the
        logarithms of those above 0, for values with a heavy tail. Zeros have no logarithm: they
        are left out of this number, not of the distance, which shows if one backend has more.
    primary
        Whether a verdict of equivalence needs this metric. A secondary one can show that backends
        are different, but not being certain about it leaves the verdict to the others.
    distance_margin
        Largest distance beyond `margin` between the distributions of two backends that does not
        matter; for distances other than that of Kolmogorov and Smirnov, how much larger the mean
        distance may be between backends than within them. None for the usual one:
        `DISTANCE_MARGIN` for a distance in 0 ... 1, none for others.
    largest_margin
        Upper limit of the margin. None for the usual one: see `LARGEST_SHARE`; a margin in the
        unit of the metric has none.
    tolerance
        Distance up to which two runs are identical. If it is 0, their values must be equal to
        nine digits of the largest.
    digits_of
        Name of another metric whose largest value sets these nine digits: a change of weights
        is no more precise than the weights.
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
    scale: Scale = Scale.LINEAR
    primary: bool = True
    distance_margin: float | None = None
    largest_margin: float | None = None

    def __post_init__(self) -> None:
        if self.of not in KINDS:
            raise ValueError(f"metric '{self.name}' is of '{self.of}': it can be of {KINDS}")
        if self.summary is None and self.distance is None:
            raise ValueError(f"metric '{self.name}' has neither a summary nor a distance")
        if not self.margin > 0:
            raise ValueError(f"metric '{self.name}' has the margin {self.margin}, not above 0")
        if self.margin > self.limit:
            raise ValueError(
                f"metric '{self.name}' has the margin {self.margin:g}: at most {self.limit:g}"
            )

    @property
    def limit(self) -> float:
        """Upper limit of the margin."""
        if self.largest_margin is not None:
            return self.largest_margin
        if self.scale is Scale.LOG and not self.primary:
            return LARGEST_SECONDARY_RATIO
        if self.scale is Scale.LINEAR and self.margin_of is Margin.NOTHING:
            return np.inf
        return LARGEST_SHARE

    @property
    def limit_of_excess(self) -> float:
        """Margin of the distance; NaN if only the means are compared."""
        if self.distance_margin is not None:
            return self.distance_margin
        return DISTANCE_MARGIN if self.distance in _BOUNDED else np.nan

    @property
    def compares_distributions(self) -> bool:
        """Whether its distance is that of two distribution functions."""
        return self.distance is ks_distance

    @property
    def share(self) -> float:
        """Margin as a share of the mean of one backend; 0 if it is no such share."""
        of_mean = self.scale is Scale.LINEAR and self.margin_of is Margin.MEAN
        return self.margin if of_mean else 0.0

    @property
    def distance_name(self) -> str:
        """Name of the distance in the tables; empty if there is none."""
        if self.distance is None:
            return ""
        return DISTANCE_NAMES.get(self.distance, self.distance.__name__)

    def distance_of(self, a: Floats, b: Floats) -> float:
        """Distance of two samples; NaN if the metric has none."""
        return np.nan if self.distance is None else float(self.distance(a, b))

    def upwards(self, values: Floats, margin: float) -> Floats:
        """Values plus the margin, each by its own share if the margin is one.

        Parameters
        ----------
        values
            The values.
        margin
            The margin on the scale of the metric, see `margin_between`.
        """
        share = float(np.expm1(margin)) if self.scale is Scale.LOG else self.share
        return values + (share * np.abs(values) if share else margin)

    def values(self, subject: Any) -> Floats:
        """The sample as an array, without NaN.

        Parameters
        ----------
        subject
            Object of the kind given by `of`, from which the metric is computed.
        """
        found = np.atleast_1d(np.asarray(self.sample(subject), float))
        return found[~np.isnan(found)]

    def rounded(self, values: Floats, largest: float | None = None) -> Floats:
        """Values rounded to nine digits of the largest, so that rounding errors do not matter.

        Parameters
        ----------
        values
            The sample.
        largest
            Largest value of the metric `digits_of`, if there is one.
        """
        # A ratio near 0 is no more precise than a ratio of 1.
        least = 1.0 if self.unit == "1" else 0.0
        scale = float(np.abs(values).max(initial=least)) if largest is None else largest
        if self.tolerance or not 0 < scale < np.inf:
            return values
        return np.round(values, _DIGITS - int(np.ceil(np.log10(scale))))

    def are_identical(self, a: Floats, b: Floats) -> bool:
        """Whether two samples, rounded, are the same; nothing is not the same as nothing."""
        if not len(a) or not len(b):
            return False
        if np.array_equal(a, b):
            return True
        return bool(self.tolerance and self.distance_of(a, b) <= self.tolerance)

    def number(self, values: Floats) -> float:
        """The number of a run on the scale of the metric; NaN if there is none."""
        if self.scale is Scale.LOG:
            values = np.log(values[values > 0])
        return float(values.mean()) if len(values) else np.nan

    def margin_between(self, a: Sequence[Floats], b: Sequence[Floats]) -> float:
        """The margin on the scale of the metric, for samples of the runs of two backends.

        A share of a mean is one of the smaller mean: 20 % more on either backend is the same
        difference.
        """
        if self.scale is Scale.LOG:
            return float(np.log1p(self.margin))
        sides = [[values for values in runs if len(values)] for runs in (a, b)]
        if self.margin_of is Margin.NOTHING:
            return self.margin
        if self.margin_of is Margin.MEAN:
            means = [float(np.mean([x.mean() for x in side])) for side in sides if side]
            return self.margin * min(abs(mean) for mean in means)
        runs = [*sides[0], *sides[1]]
        of_run = np.std if self.margin_of is Margin.SPREAD else _magnitude
        return self.margin * float(np.mean([of_run(values) for values in runs]))


def _magnitude(values: Floats) -> float:
    return float(np.abs(values).mean())
