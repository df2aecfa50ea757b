"""Put the results of all runs of an experiment into its tables."""

from pathlib import Path

from _job import job

from pipelines.sweep import plan
from pipelines.tables.gather import gather
from pipelines.tables.run_store import RunStore

with job(snakemake.log[0]):
    folder = Path(snakemake.output.runs).parent
    whole = plan(snakemake.wildcards.experiment, snakemake.config["profile"])
    gather(whole, RunStore(folder / "runs"), folder)
