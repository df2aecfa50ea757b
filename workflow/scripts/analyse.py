"""Compute the metrics of all runs of an experiment."""

from pathlib import Path

from _job import job

from pipelines.analysis.metrics import metrics_table
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables

with job(snakemake.log[0]):
    folder = Path(snakemake.output.metrics).parent
    write_table("metrics", metrics_table(Tables(folder)), snakemake.output.metrics)
