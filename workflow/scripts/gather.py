"""Gather the results of all runs of an experiment into its tables."""

from pathlib import Path

from _job import job

from pipelines.sweep.plan_file import read_plan
from pipelines.tables.gather import gather
from pipelines.tables.run_store import RunStore

with job(snakemake.log[0]):
    folder = Path(snakemake.output.runs).parent
    gather(read_plan(folder / "plan.json"), RunStore(folder / "runs"), folder)
