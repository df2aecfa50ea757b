# Everything the rules need to know, settled before the first job; bad input ends here, in one line.
# What it says is worked out by `pipelines.workflow`, which tests cover: here stands the glue.
import logging
import mimetypes
import os
import re
import sys
import threading
from pathlib import Path

from snakemake.logging import logger

from pipelines import backends
from pipelines.errors import CounterpointError
from pipelines.execution.limits import machine_mb
from pipelines.installation import LIBRARY, python_path
from pipelines.versions import of_backend
from pipelines.workflow import code, shard_resources, sweeps
from pipelines.workflow.lock import release_stale_lock
from pipelines.workflow.settings import checked_settings

CONDA_ENVIRONMENT = str(LIBRARY / "environment.yml")


def is_news(record):
    """False for what Snakemake says at every job, which would bury the progress of the runs."""
    said = str(record.msg)
    return record.levelno > logging.INFO or not (
        said == "Select jobs to execute..."
        or re.fullmatch(r"Execute \d+ jobs\.\.\.", said)
    )


def bound_memory():
    """Let shards run together on this machine as long as its memory holds what they ask for.

    Of a job that asks for more than there is, Snakemake takes it for all of it. A cluster has its
    own account of memory, and who gives `--resources mem_mb=...` knows better.
    """
    if workflow.local_exec and "mem_mb" not in workflow.global_resources:
        workflow.register_resource("mem_mb", machine_mb())


def of_sweep(value):
    """A param that follows from the jobs of an experiment's sweep."""
    return lambda wildcards: value(SWEEPS[wildcards.experiment])


def of_figure(value):
    """A param that follows from the jobs of an experiment's sweep and the name of a figure."""
    return lambda wildcards: value(SWEEPS[wildcards.experiment], wildcards.figure)


def shard_of(wildcards):
    """The job of a shard."""
    return SWEEPS[wildcards.experiment].shards[wildcards.shard]


def of_shard(value):
    """Something that follows from the job of a shard."""
    return lambda wildcards: value(shard_of(wildcards))


def of_mpi(value):
    """A resource of shards whose runs MPI processes share; others do not have it."""

    def resource(wildcards):
        shard = shard_of(wildcards)
        return value(shard) if shard_resources.processes(shard) > 1 else None

    return resource


def memory_of(wildcards, attempt):
    """MB of a shard; twice that when it is tried again."""
    most = machine_mb() // workflow.cores if workflow.local_exec else None
    return shard_resources.memory_mb(shard_of(wildcards), attempt, most)


def runtime_of(wildcards, attempt):
    """Minutes of a shard; twice that when it is tried again."""
    return shard_resources.runtime_min(shard_of(wildcards), attempt)


def plans_on(wildcards):
    """Digest of each plan that uses a backend, by the experiment's name."""
    return {
        name: jobs.digest
        for name, jobs in SWEEPS.items()
        if wildcards.backend in jobs.sweep.backends
    }


def backends_used():
    """Backends that an experiment uses."""
    return sorted({one for jobs in SWEEPS.values() for one in jobs.sweep.backends})


def all_refusals():
    """What each backend refuses of the sweeps."""
    return [f"{RESULTS}/capability/{backend}.json" for backend in backends_used()]


def all_manifests():
    """Manifests of the shards of all experiments."""
    return [path for jobs in SWEEPS.values() for path in jobs.manifests]


def all_tables():
    """Tables of all experiments."""
    return [path for jobs in SWEEPS.values() for path in jobs.tables]


def all_crates():
    """What says how the tables of each experiment came about."""
    return [f"{RESULTS}/{name}/ro-crate-metadata.json" for name in SWEEPS]


def all_conformance():
    """What is known of each backend that an experiment uses, unless that was left out."""
    if not SETTINGS["conformance"]:
        return []
    return [
        f"{RESULTS}/support.parquet",
        *(f"{RESULTS}/conformance.parquet/{one}.parquet" for one in backends_used()),
    ]


def all_figures(*endings):
    """Figures of all experiments, in the order of the report."""
    return [
        f"{RESULTS}/{name}/figures/{figure}.{ending}"
        for name, jobs in SWEEPS.items()
        for figure in jobs.figures
        for ending in endings
    ]


def all_evidence():
    """Folders with the evidence for the verdicts on all experiments."""
    return [f"{RESULTS}/{name}/evidence" for name in SWEEPS]


try:
    SETTINGS = checked_settings(
        config, Path(workflow.current_basedir) / "../schemas/config.schema.yaml"
    )
    RESULTS = SETTINGS["results"]
    names = sweeps.requested_names(SETTINGS["experiments"])
    if workflow.is_main_process:
        PLANS = sweeps.plan_all(names, SETTINGS["profile"], SETTINGS["mpi"])
        SWEEPS = {name: sweeps.jobs_of(PLANS[name], RESULTS) for name in names}
    else:
        SWEEPS = {name: sweeps.read_jobs(name, RESULTS) for name in names}
except CounterpointError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)

config.update(SETTINGS)
# Scripts import the library from here, in whichever environment they run.
os.environ.update(PYTHONPATH=python_path())

if workflow.is_main_process:
    bound_memory()
    logger.addFilter(is_news)
    # In the page of `snakemake --report`, tables are to be saved, not to be read as text.
    mimetypes.add_type("application/vnd.apache.parquet", ".parquet")
    # Held until this process ends.
    lock = release_stale_lock()
    sweeps.drop_stale_shards(PLANS, RESULTS, retry_failed=SETTINGS["retry_failed"])
