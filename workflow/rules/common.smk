# Everything the rules need to know, settled before the first job: the settings, the plan of each
# experiment, its shards and its figures. Bad input ends here, in one line.
import fcntl
import logging
import math
import mimetypes
import os
import re
import shutil
import sys
import threading
from pathlib import Path

import jsonschema
import yaml
from snakemake.logging import logger

from pipelines import backends, sources
from pipelines.errors import BadInput, CounterpointError
from pipelines.execution import mpi
from pipelines.execution.limits import machine_mb
from pipelines.tables.run_store import RunStore, drop_stale_manifests
from pipelines.experiment import find_experiments
from pipelines.figures.gallery import caption_of, figure_path, figures_of, load_figure
from pipelines.figures.options import check_options, names_known
from pipelines.metrics.known import FILE as METRICS_FILE
from pipelines.metrics.known import known_metrics
from pipelines.sweep import plan, shards
from pipelines.sweep.points import sweep_where
from pipelines.tables.schemas import DONE, FAILED
from pipelines.verdicts.expectations import load_checks
from pipelines.versions import of_backend
from pipelines.workflow import LIBRARY, PACKAGE, python_path

TABLES = (
    *("runs", "spikes", "weights", "signals"),
    *("metrics", "comparisons", "verdicts", "expectations"),
)
CONDA_ENVIRONMENT = str(LIBRARY / "environment.yml")

# What a shard asks for, where its sweep sets no limits to a run ...
DEFAULT_MB, DEFAULT_MIN = 4000, 60
# ... and on top of those limits: Snakemake and the worker beside the run; imports and compiling.
BESIDE_MB, BESIDE_MIN = 1500, 15


def settle(given):
    """The settings, checked against the schema, with its defaults for those not given."""
    schema_file = Path(workflow.current_basedir) / "../schemas/config.schema.yaml"
    schema = yaml.safe_load(schema_file.read_text())
    known = schema["properties"]
    for key in given:
        if key not in known:
            raise BadInput("--config", f"there is no '{key}'", given=key, among=known)
    if isinstance(given.get("experiments"), str):
        given = given | {"experiments": [given["experiments"]]}
    for key in ("conformance", "retry_failed"):
        if str(given.get(key)).lower() in ("true", "false"):
            # Snakemake takes the capitalised words alone for what they mean.
            given = given | {key: str(given[key]).lower() == "true"}
    for error in jsonschema.Draft202012Validator(schema).iter_errors(given):
        key = error.absolute_path[0]
        raise BadInput(f"--config {key}", error.message, known[key]["description"])
    return {key: given.get(key, known[key]["default"]) for key in known}


def plan_all(settings):
    """The plan of each experiment that was asked for, by name."""
    known = find_experiments()
    names = settings["experiments"] or known
    for name in names:
        if name not in known:
            raise BadInput(
                "--config experiments", f"there is no '{name}'", given=name, among=known
            )
    return {name: plan(name, settings["profile"]) for name in names}


def release_lock_of_the_dead():
    """Remove the lock of a snakemake that was killed; keep that of one that is at work.

    Snakemake's own lock does not know whether its owner lives. The kernel does: it drops this
    one with the process that holds it.
    """
    try:
        LOCK.parent.mkdir(exist_ok=True)
        handle = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        # Another snakemake is at work here, or this disk cannot tell: Snakemake's lock decides.
        return None
    shutil.rmtree(LOCK.parent / "locks", ignore_errors=True)
    return handle


def is_news(record):
    """False for what Snakemake says at every job, which would bury the progress of the runs."""
    said = str(record.msg)
    return record.levelno > logging.INFO or not (
        said == "Select jobs to execute..."
        or re.fullmatch(r"Execute \d+ jobs\.\.\.", said)
    )


def store_of(name):
    """The store of an experiment's runs."""
    return RunStore(f"{RESULTS}/{name}/runs")


def closing_line():
    """What came of all runs, and where to read on."""
    found = []
    for name, its_plan in PLANS.items():
        statuses = store_of(name).ids()
        found += [statuses.get(run.run_id) for run in its_plan.runs]
    done, failed = found.count(DONE), found.count(FAILED)
    return (
        f"{done} of {len(found)} runs done, {failed} failed: see {RESULTS}/report.html"
    )


def code_of(*paths):
    """Fingerprint of the project's code behind files and packages; a comment does not count."""
    return sources.fingerprint(file for path in paths for file in sources.closure(path))


def expectation_code_of(wildcards):
    """Code behind the expectations of an experiment."""
    folder = PLANS[wildcards.experiment].experiment.folder
    own = [path for path in [folder / "expectation.py"] if path.exists()]
    return code_of(PACKAGE / "verdicts" / "expectations.py", *own)


def metrics_code_of(wildcards):
    """Code behind the metrics of an experiment and their comparison."""
    folder = PLANS[wildcards.experiment].experiment.folder
    own = [path for path in [folder / METRICS_FILE] if path.exists()]
    return code_of(
        PACKAGE / "validation" / "agreement.py",
        PACKAGE / "validation" / "comparisons.py",
        *own,
    )


def conformance_code_of(wildcards):
    """Code behind the conformance of a backend, which may lie outside the library."""
    own = backends.get(wildcards.backend).folder
    return code_of(PACKAGE / "conformance", PACKAGE / "backends", own)


def figures_asked(name):
    """Figures of an experiment and their options, by name; what cannot be drawn is refused here."""
    experiment, sweep = PLANS[name].experiment, PLANS[name].sweep
    figures = figures_of(experiment, sweep.figures)
    # Once is enough: the process of a job need not import what draws.
    if workflow.is_main_process:
        known = names_known(experiment, sweep.record)
        for figure, options in figures.items():
            where = f"{sweep_where(experiment)}: figures.{figure}"
            check_options(load_figure(figure, experiment), options, where, known)
    return figures


def figure_options_of(wildcards):
    """Options of a figure, as sweep.yaml has them."""
    return FIGURES[wildcards.experiment][wildcards.figure]


def swept_of(wildcards):
    """Names of the parameters that vary in an experiment."""
    return list(PLANS[wildcards.experiment].swept)


def figure_caption_of(wildcards):
    """Caption of a figure, for the pages of `snakemake --report`."""
    text = caption_of(
        figure_path(wildcards.figure, PLANS[wildcards.experiment].experiment)
    )
    # What reStructuredText would take for marks.
    return re.sub(r"([\\*`_|])", r"\\\1", text)


def figure_code_of(wildcards):
    """Code behind one figure."""
    own = figure_path(wildcards.figure, PLANS[wildcards.experiment].experiment)
    return code_of(PACKAGE / "figures" / "draw.py", own)


def manifests_of(name):
    """Manifests of all shards of an experiment."""
    return [f"{RESULTS}/{name}/runs/shards/{shard}.json" for shard in SHARDS[name]]


def all_refusals():
    """What each backend refuses of the sweeps."""
    return [f"{RESULTS}/capability/{backend}.json" for backend in backends_used()]


def plans_on(wildcards):
    """Digest of each plan that uses a backend, by the experiment's name."""
    return {
        name: its_plan.digest
        for name, its_plan in PLANS.items()
        if wildcards.backend in its_plan.sweep.backends
    }


def priority_of(wildcards):
    """Shards that may have to compile are the long ones: they go first, large before small."""
    shard = SHARDS[wildcards.experiment][wildcards.shard]
    return len(shard.runs) + backends.get(shard.backend).start_runs


def threads_of(wildcards):
    """Cores of a shard, whose runs come one after the other: the threads of all its processes."""
    return processes_of(wildcards) * threads_each(wildcards)


def threads_each(wildcards):
    """Threads of the simulator in one of the processes of a run."""
    shard = SHARDS[wildcards.experiment][wildcards.shard]
    return backends.threads_of(shard.backend, PLANS[wildcards.experiment].sweep.threads)


def bound_memory():
    """Let shards run together on this machine as long as its memory holds what they ask for.

    Of a job that asks for more than there is, Snakemake takes it for all of it. A cluster has its
    own account of memory, and who gives `--resources mem_mb=...` knows better.
    """
    if workflow.local_exec and "mem_mb" not in workflow.global_resources:
        workflow.register_resource("mem_mb", machine_mb())


def processes_of(wildcards):
    """MPI processes that share each run of a shard."""
    shard = SHARDS[wildcards.experiment][wildcards.shard]
    return backends.processes_of(shard.backend, PLANS[wildcards.experiment].sweep.mpi)


def of_mpi(value):
    """A resource of shards whose runs MPI processes share; others do not have it."""

    def resource(wildcards):
        shared = processes_of(wildcards) > 1
        return (value(wildcards) if callable(value) else value) if shared else None

    return resource


def memory_of(wildcards, attempt):
    """MB of a shard, whose runs come one after the other; twice that when it is tried again."""
    of_a_run = PLANS[wildcards.experiment].sweep.limits.memory
    if of_a_run is not None:
        return attempt * (math.ceil(of_a_run) + BESIDE_MB)
    if workflow.local_exec:
        # Small, as a rule: the cores alone say how many run at once.
        return min(DEFAULT_MB, machine_mb() // workflow.cores)
    return attempt * DEFAULT_MB


def runtime_of(wildcards, attempt):
    """Minutes of a shard, should each run take all it may; twice that when it is tried again."""
    of_a_run = PLANS[wildcards.experiment].sweep.limits.time
    if of_a_run is None:
        return attempt * DEFAULT_MIN
    n_runs = len(SHARDS[wildcards.experiment][wildcards.shard].runs)
    return attempt * (math.ceil(n_runs * of_a_run / 60) + BESIDE_MIN)


def margins_of(wildcards):
    """Differences of means that do not matter, where the sweep gives others than the usual."""
    return dict(PLANS[wildcards.experiment].sweep.margins)


def tables_of(name):
    """Tables of an experiment."""
    return [f"{RESULTS}/{name}/{table}.parquet" for table in TABLES]


def all_tables():
    """Tables of all experiments."""
    return [table for name in PLANS for table in tables_of(name)]


def all_crates():
    """What says how the tables of each experiment came about."""
    return [f"{RESULTS}/{name}/ro-crate-metadata.json" for name in PLANS]


def backends_used():
    """Backends that an experiment uses."""
    return sorted(
        {backend for its_plan in PLANS.values() for backend in its_plan.sweep.backends}
    )


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
        for name, figures in FIGURES.items()
        for figure in figures
        for ending in endings
    ]


def all_evidence():
    """Folders with the evidence for the verdicts on all experiments."""
    return [f"{RESULTS}/{name}/evidence" for name in PLANS]


try:
    SETTINGS = settle(config)
    PLANS = plan_all(SETTINGS)
    FIGURES = {name: figures_asked(name) for name in PLANS}
    if workflow.is_main_process:
        for its_plan in PLANS.values():
            load_checks(its_plan.experiment)
            mpi.check(its_plan.experiment.name, its_plan.sweep, SETTINGS["mpi"])
            known_metrics(its_plan.experiment).with_margins(
                its_plan.sweep.margins, f"{sweep_where(its_plan.experiment)}: margins"
            )
except CounterpointError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)

config.update(SETTINGS)
# Scripts import the library from here, in whichever environment they run.
os.environ.update(PYTHONPATH=python_path())
RESULTS = SETTINGS["results"]
SHARDS = {name: {s.shard_id: s for s in shards(p)} for name, p in PLANS.items()}
LOCK = Path(".snakemake/counterpoint.lock")

if workflow.is_main_process:
    bound_memory()
    logger.addFilter(is_news)
    # In the page of `snakemake --report`, tables are to be saved, not to be read as text.
    mimetypes.add_type("application/vnd.apache.parquet", ".parquet")
    # Held until this process ends.
    lock_handle = release_lock_of_the_dead()
    for name in PLANS:
        drop_stale_manifests(
            store_of(name), SHARDS[name].values(), retry_failed=SETTINGS["retry_failed"]
        )
