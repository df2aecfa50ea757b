"""Columns of the table `runs` other than the parameters of an experiment.

A parameter cannot have the name of one of them. They stand apart from the other tables' columns
(`pipelines.tables.schemas`), which take an import of pyarrow.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class RunColumn(NamedTuple):
    """A column of `runs`; `nullable` if runs may have no value of it."""

    name: str
    kind: type
    nullable: bool = False


# Before the columns of the parameters.
BEFORE = (
    RunColumn("run_id", str),
    RunColumn("experiment", str),
    RunColumn("backend", str),
    RunColumn("seed", int),
)
# After them.
AFTER = (
    RunColumn("status", str),  # "done" or "failed"
    RunColumn("error", str),  # one line; empty when done
    RunColumn("simulated_ms", float, nullable=True),  # biological time that was simulated
    RunColumn("build_s", float, nullable=True),
    RunColumn("simulate_s", float, nullable=True),
    RunColumn("collect_s", float, nullable=True),
    RunColumn("wall_s", float, nullable=True),  # from the start of its process to its end
    RunColumn("started_utc", str),  # when its process began, as in "2026-01-02T03:04:05.678+00:00"
    RunColumn("peak_rss_mb", float, nullable=True),
    RunColumn("killed_by", str),  # the signal that ended it, such as "SIGSEGV"; empty if none
    RunColumn("log", str),  # file with all that was said during its shard
    RunColumn("host", str),
    RunColumn("threads", int),  # of the simulator, in each of its processes
    RunColumn("mpi_processes", int),  # that shared the network
    RunColumn("git_commit", str),  # of the project; empty where there is none
    RunColumn("git_clean", bool, nullable=True),  # whether the files were those of it
    RunColumn("versions", str),  # JSON: distribution -> version
    RunColumn("connectivity_sha256", str),  # empty when failed
    RunColumn("input_sha256", str),  # empty when failed
    RunColumn("population_sizes", str),  # JSON: population with recorded spikes -> neurons
    RunColumn("cell_types", str),  # JSON: population of the network -> its cell types, by name
    RunColumn("cell_parameters", str),  # JSON: population -> parameters that were asked for
    RunColumn("projections", str),  # JSON: projection of the network -> pre, post, synapse, ...
    RunColumn("point_id", str),
)

RESERVED_COLUMNS = tuple(column.name for column in (*BEFORE, *AFTER))


def parameter_columns(columns: Iterable[str]) -> list[str]:
    """Those columns of a table `runs` that are parameters of the experiment, in their order."""
    return [str(name) for name in columns if name not in RESERVED_COLUMNS]
