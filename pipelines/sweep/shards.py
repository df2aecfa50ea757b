"""Shards: groups of runs that one process executes. No result depends on the grouping."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipelines.sweep.identity import digest
from pipelines.sweep.runs import Plan, Run

# Shards per backend and limits of their size, if the sweep sets none; the same on every machine, so
# that a sweep finished on one machine is finished on all.
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

    Without `shard_size`, shards are large, because each starts a process that imports and primes a
    simulator, but numerous enough for several cores.
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
