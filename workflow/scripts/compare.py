"""Compute the metrics of all runs, and hold the backends against each other, point by point."""

from pathlib import Path

from _job import job

from pipelines.analysis.metrics import metrics_table
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.validation.agreement import compare
from pipelines.validation.comparisons import compare_metrics
from pipelines.validation.known_of_stock import names_used
from pipelines.validation.margins import compared

with job(snakemake.log[0]):
    tables = Tables(Path(snakemake.output.verdicts).parent)
    write_table("metrics", metrics_table(tables), snakemake.output.metrics)
    comparisons = compare_metrics(tables, compared(snakemake.params.margins))
    write_table("comparisons", comparisons, snakemake.output.comparisons)
    uses = names_used(Path(snakemake.params.source))
    verdicts = compare(tables, comparisons, uses)
    write_table("verdicts", verdicts, snakemake.output.verdicts)
