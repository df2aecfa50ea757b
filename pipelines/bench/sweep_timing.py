"""Results of the sweep benchmark: times, speed-ups and overheads."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MS_PER_S = 1e3


@dataclass(frozen=True)
class SweepTiming:
    """Times of a sweep of small runs on one backend.

    Attributes
    ----------
    runs, cores
        Number of runs, and of processes at the same time.
    wall_s
        Time (s) of the whole command, including Snakemake and the tables.
    one_process_s
        Wall-clock time (s) a run with one process a run, `cores` at the same time: mean of a
        sample, half of it before the sweep and half after, since a machine's speed varies.
    stock_process_s
        The same with PyNN's unmodified module, over a smaller sample; None if it was skipped.
    simulator_s
        Time (s) of a run within the simulator's loop over time steps: mean of the same sample.
    """

    backend: str
    runs: int
    cores: int
    wall_s: float
    one_process_s: float
    stock_process_s: float | None
    simulator_s: float

    @property
    def speedup(self) -> float:
        """Ratio of the throughput of the sweep to that of one process a run."""
        return self.one_process_s / (self.wall_s / self.runs)

    @property
    def stock_speedup(self) -> float | None:
        """Ratio of the throughput of the sweep to that of one process a run with stock PyNN."""
        if self.stock_process_s is None:
            return None
        return self.stock_process_s / (self.wall_s / self.runs)

    @property
    def overhead_ms(self) -> float:
        """Overhead of a run beyond the simulator's own time, in ms of one core."""
        return MS_PER_S * (self.wall_s * self.cores / self.runs - self.simulator_s)

    @property
    def clock_overhead_ms(self) -> float:
        """Overhead of a run in wall-clock ms, with `cores` runs at the same time."""
        return self.overhead_ms / self.cores

    def as_json(self) -> dict[str, Any]:
        """All fields, with derived ratios if there are any, for JSON."""
        return asdict(self) | {
            "speedup": self.speedup,
            "stock_speedup": self.stock_speedup,
            "overhead_ms": self.overhead_ms,
            "clock_overhead_ms": self.clock_overhead_ms,
        }


@dataclass(frozen=True)
class IncrementTiming:
    """Times of commands on a sweep of many points.

    Attributes
    ----------
    points
        Number of points.
    first_s, nothing_s, one_more_s
        Time (s) of the first command, of one with nothing to do, and of one with one more value.
    nothing_mb
        Peak memory (MB) of the command with nothing to do.
    one_more_runs
        Number of runs that the command with one more value carried out.
    """

    points: int
    first_s: float
    nothing_s: float
    nothing_mb: float
    one_more_s: float
    one_more_runs: int

    def as_json(self) -> dict[str, Any]:
        """All fields, with derived ratios if there are any, for JSON."""
        return asdict(self)
