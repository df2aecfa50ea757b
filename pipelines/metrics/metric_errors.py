"""Errors of an experiment's own metrics: a metric that fails has no value, and the error is kept.

Everything else is computed as if the metric did not exist for that run.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.experiment.code_errors import explain


@dataclass
class MetricError:
    """Error of one metric.

    Attributes
    ----------
    name
        Name of the metric, or of the function of metrics.py that failed.
    error
        The first error: file, line and message.
    trace
        Its traceback.
    run_ids
        Runs in which it occurred, in the order of the table `runs`; empty if it is not known in
        which.
    """

    name: str
    error: str
    trace: str
    run_ids: list[str] = field(default_factory=list)


class MetricErrors:
    """Errors of the own metrics of an experiment, by name of the metric.

    Parameters
    ----------
    folder
        Folder of the experiment.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[str, MetricError] = {}

    def add(self, name: str, error: BaseException, run_id: str | None = None) -> None:
        """Add an error of a metric, in a run if this is known."""
        if name not in self._found:
            trace = "".join(traceback.format_exception(error))
            self._found[name] = MetricError(name, explain(error, self._folder), trace)
        run_ids = self._found[name].run_ids
        if run_id is not None and run_id not in run_ids:
            run_ids.append(run_id)

    def found(self) -> list[MetricError]:
        """Each metric's error, in the order in which they occurred."""
        return list(self._found.values())

    def guarded(self, name: str, distance: Callable[[Any, Any], float]) -> Callable[..., float]:
        """A metric's distance function that gives NaN where it raises an error."""

        @wraps(distance)
        def guarded(a: Any, b: Any) -> float:
            try:
                return float(distance(a, b))
            except Exception as error:  # whatever the experiment's function raises
                self.add(name, error)
                return np.nan

        return guarded
