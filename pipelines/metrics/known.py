"""The metrics of an experiment: the built-in ones, and those of its own ``metrics.py``.

Such a file defines ``METRICS``, a list of `Metric`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.errors import BadInput, UnusableCode
from pipelines.experiment import Experiment, load_experiment, load_part
from pipelines.experiment.files import METRICS
from pipelines.metrics.metric import Metric
from pipelines.metrics.metric_errors import MetricErrors
from pipelines.metrics.signal_metrics import SIGNAL_METRICS
from pipelines.metrics.spike_metrics import SPIKE_METRICS
from pipelines.metrics.weight_metrics import WEIGHT_METRICS


@dataclass(frozen=True)
class KnownMetrics:
    """The metrics of an experiment.

    Attributes
    ----------
    metrics
        In the order of the tables; their names are unique.
    own
        Names of the experiment's own metrics, which may raise anything.
    errors
        Errors of these metrics in what was computed so far; None without a metrics.py.
    unusable
        Why the experiment's metrics.py cannot be used; empty if it can.
    """

    metrics: tuple[Metric, ...]
    own: frozenset[str] = frozenset()
    errors: MetricErrors | None = None
    unusable: str = ""

    def __getitem__(self, name: str) -> Metric:
        return {metric.name: metric for metric in self.metrics}[name]

    @property
    def compared(self) -> dict[str, Metric]:
        """Metrics of the table `comparisons` by name."""
        return {metric.name: metric for metric in self.metrics if metric.distance is not None}

    @property
    def summarised(self) -> dict[str, Metric]:
        """Metrics of the table `metrics` by name."""
        return {metric.name: metric for metric in self.metrics if metric.summary is not None}

    def of_kind(self, kind: str) -> list[Metric]:
        """Metrics of one kind: of populations, projections, signals or the network."""
        return [metric for metric in self.metrics if metric.of == kind]

    def with_margins(self, margins: Mapping[str, float], where: str = "margins") -> KnownMetrics:
        """The same metrics with the margins of a sweep.

        Raises
        ------
        BadInput
            If there is no such metric, or a margin is above the limit of its metric.
        """
        for name, margin in margins.items():
            if name not in self.compared:
                if self.unusable:
                    # It may be one of those that cannot be used.
                    continue
                raise BadInput(
                    where, f"there is no metric '{name}'", given=name, among=self.compared
                )
            if margin > self.compared[name].limit:
                raise BadInput(
                    f"{where}.{name}",
                    f"a margin of {margin:g} would make different results equivalent",
                    f"at most {self.compared[name].limit:g}",
                )
        return replace(
            self,
            metrics=tuple(
                replace(metric, margin=float(margins.get(metric.name, metric.margin)))
                for metric in self.metrics
            ),
        )


BUILT_IN = KnownMetrics((*SPIKE_METRICS, *WEIGHT_METRICS, *SIGNAL_METRICS))
"""Metrics of an experiment that defines none of its own."""


def known_metrics(experiment: Experiment) -> KnownMetrics:
    """The metrics of an experiment.

    If its metrics.py cannot be imported, or does not define what it must, these are the built-in
    ones, and the reason is kept as `unusable`.
    """
    if not (experiment.folder / METRICS).is_file():
        return BUILT_IN
    errors = MetricErrors(experiment.folder)
    try:
        own = _load_own(experiment)
    except UnusableCode as error:
        errors.add(METRICS, error)
        return replace(BUILT_IN, errors=errors, unusable=str(error))
    guarded = tuple(
        replace(metric, distance=errors.guarded(metric.name, metric.distance))
        if metric.distance is not None and not metric.distance.__module__.startswith("pipelines.")
        else metric
        for metric in own
    )
    names = frozenset(metric.name for metric in own)
    return KnownMetrics((*BUILT_IN.metrics, *guarded), names, errors)


def _load_own(experiment: Experiment) -> Sequence[Metric]:
    """The metrics that an experiment's metrics.py lists."""
    where = f"experiments/{experiment.name}/{METRICS}"
    module = load_part(experiment, "metrics")
    own = getattr(module, "METRICS", None)
    if not isinstance(own, list | tuple) or not all(isinstance(one, Metric) for one in own):
        raise UnusableCode(
            where, "defines no 'METRICS'", allowed="a list of pipelines.metrics.Metric"
        )
    taken = {metric.name for metric in BUILT_IN.metrics}
    for metric in own:
        if metric.name in taken:
            raise UnusableCode(where, f"there are two metrics '{metric.name}'", "another name")
        taken.add(metric.name)
    if hasattr(module, "warm_up"):
        raise UnusableCode(
            where, "defines 'warm_up', which is a key of sweep.yaml", allowed="warm_up: 200 ms"
        )
    return own


def known_metrics_in(folder: Path | str) -> KnownMetrics:
    """The metrics of the experiment in a folder; it is loaded only if it has its own metrics."""
    folder = Path(folder).resolve()
    if not (folder / METRICS).is_file():
        return BUILT_IN
    return known_metrics(load_experiment(folder.name, folder.parent.parent))


def in_table_order(names: list[str]) -> list[str]:
    """Names of metrics in the order of the tables: built-in ones, then others in given order."""
    known = list(dict.fromkeys(names))
    built_in = [metric.name for metric in BUILT_IN.metrics]
    return [name for name in built_in if name in known] + [
        name for name in known if name not in built_in
    ]
