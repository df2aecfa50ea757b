"""Grouping runs for execution. A shard is scheduling only: no result depends on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipelines.sweep.identity import digest
from pipelines.sweep.runs import Plan, Run

# Of a backend, where the sweep says no size; the same on every machine, so that a sweep that is
# finished on one is finished on all.
_SHARDS = 4
_SMALLEST, _LARGEST = 32, 1024


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
    """Cut a plan into shards of at most `shard_size` runs, backend by backend in its order.

    Without one, shards are large, because each starts a process that imports a simulator and
    warms it up, but so many that several cores have some.
    """
    cut = []
    for backend in plan.sweep.backends:
        runs = tuple(run for run in plan.runs if run.backend == backend)
        wanted = math.ceil(len(runs) / _SHARDS)
        size = plan.sweep.shard_size or min(max(wanted, _SMALLEST), _LARGEST)
        for start in range(0, len(runs), size):
            some = runs[start : start + size]
            cut.append(Shard(digest([run.run_id for run in some]), backend, some))
    return tuple(cut)
