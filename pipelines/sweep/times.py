"""Times of a sweep (intervals of recording, warm-up), checked against its points before any run."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.errors import BadInput
from pipelines.experiment import Experiment
from pipelines.experiment.parameters import DEFAULT_TIMESTEP
from pipelines.sweep.profile import Sweep, sweep_where

# Far above the rounding of a quotient such as 0.3 / 0.1.
_OFF_GRID = 1e-6


def check_intervals(experiment: Experiment, sweep: Sweep) -> None:
    """Refuse intervals of recording that are no whole number of time steps of each point.

    Raises
    ------
    BadInput
        With the interval and the time step.
    """
    steps_ms = sorted({float(point.get("timestep", DEFAULT_TIMESTEP)) for point in sweep.points})
    for key, interval in _intervals(sweep):
        where = f"{sweep_where(experiment)}: record.{key}"
        for dt in steps_ms:
            steps = interval / dt
            if round(steps) < 1 or abs(steps - round(steps)) > _OFF_GRID * steps:
                raise BadInput(
                    where,
                    f"{interval:g} ms is not a whole number of time steps of {dt:g} ms",
                    allowed=f"multiples of {dt:g} ms",
                )


def check_durations(experiment: Experiment, sweep: Sweep) -> None:
    """Refuse intervals and a warm-up that are too long for a run whose duration is known.

    Of a whole sweep alone: a single point may be shorter than those that the sweep was written for.

    Raises
    ------
    BadInput
        If an interval is longer than the shortest run, or the warm-up leaves nothing of it.
    """
    durations = _durations(experiment, sweep)
    for key, interval in _intervals(sweep):
        if durations and interval > durations[0] * (1 + _OFF_GRID):
            raise BadInput(
                f"{sweep_where(experiment)}: record.{key}",
                f"{interval:g} ms is longer than a run of {durations[0]:g} ms",
                allowed=f"at most {durations[0]:g} ms",
            )
    if durations and sweep.warm_up >= durations[0]:
        raise BadInput(
            f"{sweep_where(experiment)}: profiles.{sweep.profile}",
            f"a warm_up of {sweep.warm_up:g} ms leaves nothing of a run of {durations[0]:g} ms",
            allowed=f"below {durations[0]:g} ms",
        )


def _intervals(sweep: Sweep) -> Iterator[tuple[str, float]]:
    """Key under `record` and length (ms) of each interval."""
    for name, population in sweep.record.populations.items():
        if population.sampling_interval is not None:
            yield f"populations.{name}.sampling_interval", population.sampling_interval
    for name, when in sweep.record.readings.items():
        if when.interval is not None:
            yield f"weights.{name}", when.interval


def _durations(experiment: Experiment, sweep: Sweep) -> list[float]:
    """Durations (ms) of the points, ascending; empty if the experiment has phases."""
    if experiment.run is not None:
        return []
    return sorted({float(point["duration"]) for point in sweep.points})
