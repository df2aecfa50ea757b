"""Columns of the table `runs` other than the parameters of an experiment.

A parameter cannot have the name of one of them. They stand apart from the other tables' columns
(`pipelines.tables.schemas`), which take an import of pyarrow.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class RunColumn(NamedTuple):
    """A column of `runs`; `nullable` if runs may have no value of it, `unit` empty for names.

    One of the kind dict holds JSON text.
    """

    name: str
    kind: type
    description: str
    unit: str = ""
    nullable: bool = False


# Before the columns of the parameters.
BEFORE = (
    RunColumn("run_id", str, "hash of all that can change the result of the run"),
    RunColumn("experiment", str, "name of the experiment, or of the script"),
    RunColumn("backend", str, "simulator"),
    RunColumn("seed", int, "seed of the run's random numbers", "1"),
)
# After them.
AFTER = (
    RunColumn("hardware", str, "hardware profile; none for the ideal network"),
    RunColumn("constraints", str, "constraints in force: all, only X, without X; empty for none"),
    RunColumn("weight_bits", int, "bits of weights, where a sweep sets them", "1", True),
    RunColumn("mismatch", float, "relative spread, where a sweep sets it", "1", True),
    RunColumn("status", str, "done, failed, or unfit: the network does not fit the hardware"),
    RunColumn("error", str, "why the run failed or does not fit, in one line; empty when done"),
    RunColumn("simulated_ms", float, "biological time that was simulated", "ms", True),
    RunColumn("warm_up_ms", float, "start of the run that metrics leave out", "ms", True),
    # That of all runs of a process that is done before them counts for the first. The three times
    # that follow are without it.
    RunColumn("compile_s", float, "time to compile generated code", "s", True),
    RunColumn("build_s", float, "time to build the network", "s", True),
    RunColumn("simulate_s", float, "time to simulate it", "s", True),
    RunColumn("collect_s", float, "time to collect what was recorded", "s", True),
    RunColumn("wall_s", float, "time from the start of the run's process to its end", "s", True),
    RunColumn("started_utc", str, "when the run's process began (ISO 8601, UTC)"),
    RunColumn("peak_rss_mb", float, "largest memory of the run's process", "MB", True),
    RunColumn("killed_by", str, "signal that ended the process, such as SIGSEGV; empty if none"),
    RunColumn("log", str, "file with all output of the run's shard"),
    RunColumn("host", str, "name of the machine"),
    RunColumn("threads", int, "threads of the simulator in each of its processes", "1"),
    RunColumn("mpi_processes", int, "processes that shared the network", "1"),
    RunColumn("git_commit", str, "commit of the project; empty where there is none"),
    RunColumn("git_clean", bool, "whether the files were those of the commit", "", True),
    RunColumn("versions", dict, "version of each distribution that was used"),
    RunColumn("connectivity_sha256", str, "digest of the connections; empty when failed"),
    RunColumn("input_sha256", str, "digest of the input; empty when failed"),
    RunColumn(
        "population_sizes", dict, "number of neurons whose spikes were recorded, by population"
    ),
    RunColumn(
        "recorded_neurons", dict, "size and recorded neurons of populations recorded in part"
    ),
    RunColumn("cell_types", dict, "names of the cell types of each population"),
    RunColumn("cell_parameters", dict, "parameters that were asked for, of each population"),
    RunColumn("projections", dict, "pre, post, receptor, synapse, plastic of each projection"),
    RunColumn("point_id", str, "hash of parameters, hardware and seed, the same on every backend"),
)

RESERVED_COLUMNS = tuple(column.name for column in (*BEFORE, *AFTER))
JSON_COLUMNS = tuple(column.name for column in (*BEFORE, *AFTER) if column.kind is dict)


def parameter_columns(columns: Iterable[str]) -> list[str]:
    """Those columns of a table `runs` that are parameters of the experiment, in their order."""
    return [str(name) for name in columns if name not in RESERVED_COLUMNS]
