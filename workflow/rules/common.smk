# Settings, plans and input functions of all rules, computed before the first job; bad input ends
# the workflow here with a one-line message. The logic is in `pipelines.workflow`, which has tests.
import logging
import mimetypes
import os
import re
import sys
import threading
import time
from pathlib import Path

from snakemake.logging import logger

from pipelines import backends
from pipelines.errors import CounterpointError
from pipelines.execution.limits import machine_mb
from pipelines.execution.progress import WORKFLOW_ID
from pipelines.figures.gallery import HARDWARE
from pipelines.installation import LIBRARY, python_path
from pipelines.tables.error_files import drop_errors
from pipelines.tables.files import drop_damaged
from pipelines.versions import of_backend
from pipelines.workflow import code, outcome, shard_resources, sweeps
from pipelines.workflow.interruption import Interruption
from pipelines.workflow.lock import release_stale_lock
from pipelines.workflow.settings import checked_settings, refuse_unusable_folder

WORKFLOW_FOLDER = Path(workflow.current_basedir).parent
CONDA_ENVIRONMENT = str(LIBRARY / "environment.yml")


def is_news(record):
    """Whether to show a log record: not the messages of Snakemake on every job."""
    said = str(record.msg)
    if INTERRUPTION.exit_code is not None:
        # What ends then is no news, job by job; one line says it.
        return False
    return record.levelno > logging.INFO or not (
        said == "Select jobs to execute..."
        or re.fullmatch(r"Execute \d+ jobs\.\.\.", said)
    )


def bound_memory():
    """Limit the total memory of shards that run at once to that of this machine.

    Snakemake reduces the request of a job that asks for more to all of it. No limit is set on a
    cluster, which has its own, or if the user gives `--resources mem_mb=...`.
    """
    if workflow.local_exec and "mem_mb" not in workflow.global_resources:
        workflow.register_resource("mem_mb", machine_mb())


def of_sweep(value):
    """Input function: a param computed from the jobs of an experiment's sweep."""
    return lambda wildcards: value(SWEEPS[wildcards.experiment])


def of_figure(value):
    """Input function: a param computed from the jobs of a sweep and the name of a figure."""
    return lambda wildcards: value(SWEEPS[wildcards.experiment], wildcards.figure)


def shard_of(wildcards):
    """The job of a shard."""
    return SWEEPS[wildcards.experiment].shards[wildcards.shard]


def of_shard(value):
    """Input function: a value computed from the job of a shard."""
    return lambda wildcards: value(shard_of(wildcards))


def of_mpi(value):
    """A resource of shards whose runs MPI processes share; others do not have it."""

    def resource(wildcards):
        shard = shard_of(wildcards)
        return value(shard) if shard_resources.processes(shard) > 1 else None

    return resource


def memory_of(wildcards, attempt):
    """Memory of a shard in MB; doubled at a second attempt."""
    most = machine_mb() // workflow.cores if workflow.local_exec else None
    return shard_resources.memory_mb(shard_of(wildcards), attempt, most)


def runtime_of(wildcards, attempt):
    """Run time of a shard in minutes; doubled at a second attempt."""
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
    """Research object crates of all experiments, with the sources in them."""
    parts = ("ro-crate-metadata.json", "source")
    return [f"{RESULTS}/{name}/{part}" for name in SWEEPS for part in parts]


def one_of(has_hardware):
    """Pattern for the experiments that have runs under constraints of hardware, or have none."""
    names = [name for name, jobs in SWEEPS.items() if jobs.has_hardware == has_hardware]
    # Of no name at all, a pattern that matches nothing.
    return "|".join(names) or "(?!)"


def mapping_of(wildcards):
    """What hardware made of the networks of an experiment, if runs are under constraints."""
    has_hardware = SWEEPS[wildcards.experiment].has_hardware
    return [f"{RESULTS}/{wildcards.experiment}/mapping.parquet"] if has_hardware else []


def hardware_tables(wildcards):
    """Input of the figure on hardware: its tables."""
    if wildcards.figure != HARDWARE:
        return []
    return [
        f"{RESULTS}/{wildcards.experiment}/{name}.parquet"
        for name in sweeps.HARDWARE_TABLES
    ]


def all_conformance():
    """Tables of conformance and support of the backends in use, unless switched off."""
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


def all_errors():
    """Files with the errors of metrics, expectations and figures of all experiments."""
    return [path for jobs in SWEEPS.values() for path in jobs.errors]


def all_evidence():
    """Folders with the evidence for the verdicts on all experiments."""
    return [f"{RESULTS}/{name}/evidence" for name in SWEEPS]


INTERRUPTION = Interruption()
if workflow.is_main_process:
    INTERRUPTION.before_jobs()
try:
    SETTINGS = checked_settings(
        config, WORKFLOW_FOLDER / "schemas" / "config.schema.yaml"
    )
    RESULTS = SETTINGS["results"]
    refuse_unusable_folder("--config results", RESULTS)
    names = sweeps.requested_names(SETTINGS["experiments"])
    if workflow.is_main_process:
        PLANS, unusable = sweeps.plan_all(names, SETTINGS["profile"], SETTINGS["mpi"])
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
    os.environ[WORKFLOW_ID] = f"{os.getpid()}-{time.time_ns()}"
    bound_memory()
    logger.addFilter(is_news)
    # In the page of `snakemake --report`, tables are to be saved, not to be read as text.
    mimetypes.add_type("application/vnd.apache.parquet", ".parquet")
    # Held until this process ends.
    lock = release_stale_lock()
    sweeps.drop_stale_shards(PLANS, RESULTS, retry_failed=SETTINGS["retry_failed"])
    drop_errors([f"{RESULTS}/errors.json", *all_errors()])
    drop_damaged(all_tables())
    sys.stderr.writelines(f"{problem}\n" for problem in unusable)
    # `workflow.dryrun` is not known before the rules are read.
    if workflow.output_settings.dryrun:
        foreseen = sweeps.foreseen_lines(
            PLANS,
            RESULTS,
            SETTINGS["profile"],
            retry_failed=SETTINGS["retry_failed"],
        )
        sys.stderr.writelines(f"{line}\n" for line in foreseen)
