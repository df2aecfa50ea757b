"""What is compared of two runs, and the difference that does not matter.

A margin is a decision of whoever asks, not a fact: these defaults are what a sweep gets that says
nothing. Rates, intervals and counts: 10 %, which is below what differs between laboratories and
between two choices of a published parameter (references of `cuba_network` disagree by more), and
above the seed floor of a second of a thousand neurons. Correlations are near zero: there a share
means nothing, and the margin is absolute, 0.02, the order of the published seed floor of the
microcircuit (Gutzen et al. 2018: 0.02 to 0.06 at 900 s). Synchrony and spectra vary most from
seed to seed: 20 %. Weights: 5 % of the mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.errors import BadInput
from pipelines.metrics.distances import ks_distance, relative_distance, shape_distance


@dataclass(frozen=True)
class Compared:
    """How one metric of two runs is compared.

    Attributes
    ----------
    distance
        Of two samples.
    distance_name
        What to call it.
    margin
        Of the means: a share of their magnitude if `relative`, else in the metric's unit.
    relative
        See `margin`.
    """

    distance: Callable[[Any, Any], float]
    distance_name: str
    margin: float
    relative: bool = True


COMPARED: dict[str, Compared] = {
    "rate": Compared(ks_distance, "KS", 0.10),
    "isi_cv": Compared(ks_distance, "KS", 0.10),
    "lv": Compared(ks_distance, "KS", 0.10),
    "fano_factor": Compared(ks_distance, "KS", 0.10),
    "correlation": Compared(ks_distance, "KS", 0.02, relative=False),
    "latency": Compared(ks_distance, "KS", 0.10),
    "synchrony": Compared(relative_distance, "relative", 0.20),
    "spectrum": Compared(shape_distance, "shape", 0.20),
    "weight": Compared(ks_distance, "KS", 0.05),
    "weight_change": Compared(ks_distance, "KS", 0.10),
}
"""Every metric whose distribution is compared, in the order of the report."""


def compared(margins: Mapping[str, float], where: str = "margins") -> dict[str, Compared]:
    """`COMPARED` with the margins that a sweep gives instead.

    Raises
    ------
    BadInput
        If there is no such metric.
    """
    for name in margins:
        if name not in COMPARED:
            raise BadInput(where, f"there is no metric '{name}'", given=name, among=COMPARED)
    return {
        name: Compared(
            one.distance, one.distance_name, float(margins.get(name, one.margin)), one.relative
        )
        for name, one in COMPARED.items()
    }


def margin_of(one: Compared, means_a: np.ndarray, means_b: np.ndarray) -> float:
    """The margin in the unit of the metric, for the means of the runs of two backends."""
    if not one.relative:
        return one.margin
    return one.margin * float(np.abs(np.concatenate([means_a, means_b])).mean())
