"""Grouping runs for execution. A shard is scheduling only: no result depends on it."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.sweep.runs import Plan, Run, digest


@dataclass(frozen=True)
class Shard:
    """The runs that one process executes, all on one backend.

    Attributes
    ----------
    shard_id
        16 hex digits: hash of its run_ids.
    backend
        Name.
    runs
        In the plan's order.
    """

    shard_id: str
    backend: str
    runs: tuple[Run, ...]


def shards(plan: Plan) -> tuple[Shard, ...]:
    """Cut a plan into shards of at most `shard_size` runs, backend by backend in its order."""
    size = plan.sweep.shard_size
    cut = []
    for backend in plan.sweep.backends:
        runs = tuple(run for run in plan.runs if run.backend == backend)
        for start in range(0, len(runs), size):
            some = runs[start : start + size]
            cut.append(Shard(digest([run.run_id for run in some]), backend, some))
    return tuple(cut)
