"""Plans and jobs of the sweeps that a workflow carries out.

The main process of the workflow computes and writes each plan before the first job; the processes
of jobs, for example on a cluster, read the plan files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pipelines.errors import BadInput, UnusableCode
from pipelines.execution import mpi
from pipelines.execution.dry_run import foresee, planned_actions
from pipelines.experiment import Experiment, find_experiments, load_experiment
from pipelines.figures.gallery import caption_of, figure_path, figures_of, load_figure
from pipelines.figures.look import check_styles
from pipelines.figures.options import check_options, known_names
from pipelines.hardware.profile_files import load_profile
from pipelines.metrics.known import known_metrics
from pipelines.sweep import Plan, Sweep, plan, shards
from pipelines.sweep.plan_file import plan_path, read_content, sweep_of, write_plan
from pipelines.sweep.profile import sweep_where
from pipelines.tables.run_store import RunStore
from pipelines.tables.shard_manifests import drop_stale_manifests
from pipelines.verdicts.expectations import load_checks

TABLES = (
    *("runs", "spikes", "weights", "signals"),
    *("metrics", "comparisons", "verdicts", "expectations"),
)
HARDWARE_TABLES = ("mapping", "hardware", "hardware_verdicts")
"""Tables of experiments with runs under constraints of hardware, besides `TABLES`."""


@dataclass(frozen=True)
class ShardJob:
    """The job that carries out a shard."""

    backend: str
    n_runs: int
    sweep: Sweep = field(repr=False)


@dataclass(frozen=True)
class SweepJobs:
    """The jobs of one experiment, as the rules need them.

    Attributes
    ----------
    name
        Name of the experiment.
    results
        Folder of all results.
    digest
        Digest of the plan.
    sweep
        The sweep.
    swept
        Names of the parameters that vary.
    figures
        Options of each figure, by name.
    shards
        Jobs of shards by shard_id.
    """

    name: str
    results: str
    digest: str
    sweep: Sweep
    swept: list[str]
    figures: Mapping[str, Mapping[str, Any]]
    shards: Mapping[str, ShardJob]

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment, loaded at its first use."""
        return load_experiment(self.name)

    @property
    def manifests(self) -> list[str]:
        """Manifests of all shards."""
        return [f"{self.results}/{self.name}/runs/shards/{shard}.json" for shard in self.shards]

    @property
    def has_hardware(self) -> bool:
        """Whether some of the runs are under constraints of hardware."""
        return len(self.sweep.hardware) > 1

    @property
    def chips(self) -> dict[str, Any]:
        """Hardware profiles by name, as they are in their files."""
        names = dict.fromkeys(one.hardware for one in self.sweep.hardware if not one.is_ideal)
        folder = self.experiment.folder
        return {name: load_profile(name, folder).model_dump(mode="json") for name in names}

    @property
    def tables(self) -> list[str]:
        """Files of all tables."""
        names = (*TABLES, *HARDWARE_TABLES) if self.has_hardware else TABLES
        return [f"{self.results}/{self.name}/{table}.parquet" for table in names]

    @property
    def errors(self) -> list[str]:
        """Files with the errors of metrics, expectation and figures."""
        folder = f"{self.results}/{self.name}/errors"
        parts = ["metrics", "expectation", *(f"figures/{figure}" for figure in self.figures)]
        return [f"{folder}/{part}.json" for part in parts]

    def caption(self, figure: str) -> str:
        """Caption of a figure, in reStructuredText for the pages of ``snakemake --report``."""
        text = caption_of(figure_path(figure, self.experiment))
        return "".join(f"\\{letter}" if letter in r"\*`_|" else letter for letter in text)


def requested_names(asked: Sequence[str] | None) -> list[str]:
    """Names of the requested experiments, all by default.

    Raises
    ------
    BadInput
        There is no experiment of a name.
    """
    known = find_experiments()
    for name in asked or ():
        if name not in known:
            raise BadInput("--config experiments", f"there is no '{name}'", given=name, among=known)
    return list(asked or known)


def plan_all(
    names: Iterable[str], profile: str, launcher: str
) -> tuple[dict[str, Plan], list[str]]:
    """Plan each experiment, and check all user input.

    A figure, an expectation or metrics whose module cannot be used cost themselves, not the sweep.

    Parameters
    ----------
    names, profile
        Names of the experiments, and the profile.
    launcher
        Command that starts MPI processes.

    Returns
    -------
    plans : dict
        Plans by name of the experiment.
    unusable : list of str
        Why modules of the experiments cannot be used, one line each.

    Raises
    ------
    CounterpointError
        A sweep, a figure's options or a margin cannot be accepted.
    """
    plans = {name: plan(name, profile) for name in names}
    unusable = []
    for one in plans.values():
        where, sweep = sweep_where(one.experiment), one.sweep
        metrics = known_metrics(one.experiment)
        if metrics.unusable:
            unusable.append(metrics.unusable)
        known = known_names(one.experiment, sweep.record)
        check_styles(one.experiment.folder)
        figures = figures_of(one.experiment, sweep.figures, one.has_hardware)
        for figure, options in figures.items():
            try:
                module = load_figure(figure, one.experiment)
            except UnusableCode as error:
                unusable.append(str(error))
                continue
            place = f"{where}: figures.{figure}"
            check_options(module, options, place, known, _longest_ms(one))
        try:
            load_checks(one.experiment)
        except UnusableCode as error:
            unusable.append(str(error))
        mpi.check(one.experiment.name, sweep, launcher)
        metrics.with_margins(sweep.margins, f"{where}: margins")
    return plans, unusable


def _longest_ms(one: Plan) -> float | None:
    """Duration (ms) of the longest run of a plan; None where the experiment's own `run` says it."""
    if one.experiment.run is not None:
        return None
    return max(float(point["duration"]) for point in one.sweep.points)


def jobs_of(one: Plan, results: str) -> SweepJobs:
    """The jobs of a plan."""
    jobs = SweepJobs(
        name=one.experiment.name,
        results=results,
        digest=one.digest,
        sweep=one.sweep,
        swept=list(one.swept),
        figures=figures_of(one.experiment, one.sweep.figures, one.has_hardware),
        shards={
            shard.shard_id: ShardJob(shard.backend, len(shard.runs), one.sweep)
            for shard in shards(one)
        },
    )
    # Already loaded: not to be loaded anew.
    vars(jobs)["experiment"] = one.experiment
    return jobs


def read_jobs(name: str, results: str) -> SweepJobs:
    """The jobs of the plan that was written before the first job.

    Raises
    ------
    BadInput
        There is none, or it cannot be read.
    """
    content = read_content(plan_path(results, name))
    sweep = sweep_of(content)
    return SweepJobs(
        name=name,
        results=results,
        digest=content["digest"],
        sweep=sweep,
        swept=content["swept"],
        figures=content["figures"],
        shards={
            shard["shard_id"]: ShardJob(shard["backend"], shard["n_runs"], sweep)
            for shard in content["shards"]
        },
    )


def write_plans(plans: Mapping[str, Plan], jobs: Mapping[str, SweepJobs], results: str) -> None:
    """Write the plan of each experiment for its jobs."""
    for name, one in plans.items():
        write_plan(one, plan_path(results, name), jobs[name].figures)


def store_of(results: str, name: str) -> RunStore:
    """The store of an experiment's runs."""
    return RunStore(f"{results}/{name}/runs")


def foreseen_lines(
    plans: Mapping[str, Plan], results: str, profile: str, *, retry_failed: bool
) -> list[str]:
    """What backends would refuse of the runs that a workflow would carry out, as lines of text."""
    planned = [
        action
        for name, one in plans.items()
        for action in planned_actions(one, store_of(results, name), retry_failed=retry_failed)
    ]
    return foresee(planned, profile).lines()


def drop_stale_shards(plans: Mapping[str, Plan], results: str, *, retry_failed: bool) -> None:
    """Delete the manifests of shards whose run files are missing, truncated or replaced."""
    for name, one in plans.items():
        drop_stale_manifests(store_of(results, name), shards(one), retry_failed=retry_failed)


def other_results(names: Collection[str], results: str) -> dict[str, str]:
    """Experiments with results of earlier calls, and the time of the last change of each.

    Parameters
    ----------
    names
        Names of the experiments of this call, which are left out.
    results
        Folder of all results.
    """
    found = {}
    for folder in sorted(Path(results).glob("*/")):
        written = plan_path(results, folder.name)
        if folder.name not in names and written.is_file():
            files = [written, *(folder / f"{table}.parquet" for table in TABLES)]
            found[folder.name] = str(max(f.stat().st_mtime_ns for f in files if f.exists()))
    return found
