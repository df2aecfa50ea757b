"""Resources of the job of a shard: cores, memory, time and priority.

Each function takes the shard's job and, for what doubles when a job is tried again, the attempt.
"""

from __future__ import annotations

import math

from pipelines import backends
from pipelines.workflow.sweeps import ShardJob

# What a shard asks for, where its sweep sets no limits to a run ...
DEFAULT_MB, DEFAULT_MIN = 4000, 60
# ... and on top of those limits: Snakemake and the worker beside the run; imports and compiling.
BESIDE_MB, BESIDE_MIN = 1500, 15


def priority(shard: ShardJob) -> int:
    """Priority of a shard: first those that may compile code, large ones before small ones."""
    return shard.n_runs + backends.get(shard.backend).start_runs


def threads(shard: ShardJob) -> int:
    """Cores of a shard, whose runs come one after the other: the threads of all its processes."""
    return processes(shard) * threads_each(shard)


def threads_each(shard: ShardJob) -> int:
    """Threads of the simulator in one of the processes of a run."""
    return backends.threads_of(shard.backend, shard.sweep.threads)


def processes(shard: ShardJob) -> int:
    """MPI processes that share each run of a shard."""
    return backends.processes_of(shard.backend, shard.sweep.mpi)


def memory_mb(shard: ShardJob, attempt: int, most_mb: int | None = None) -> int:
    """Memory in MB of a shard, whose runs come one after the other.

    Parameters
    ----------
    most_mb
        On one machine a core's share of its memory (MB): where the sweep sets no limit, a run is
        taken to be small, and cores alone say how many shards run at once. None on a cluster.
    """
    of_a_run = shard.sweep.limits.memory
    if of_a_run is not None:
        return attempt * (math.ceil(of_a_run) + BESIDE_MB)
    if most_mb is not None:
        return min(DEFAULT_MB, most_mb)
    return attempt * DEFAULT_MB


def runtime_min(shard: ShardJob, attempt: int) -> int:
    """Minutes of a shard, should each run take all the time that it may."""
    of_a_run = shard.sweep.limits.time
    if of_a_run is None:
        return attempt * DEFAULT_MIN
    return attempt * (math.ceil(shard.n_runs * of_a_run / 60) + BESIDE_MIN)
