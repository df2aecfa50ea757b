"""Compute the metrics of all runs, and hold the backends against each other, point by point."""

from pathlib import Path

from _job import job

from pipelines.diagnosis.known_differences import names_used
from pipelines.metrics.margins import compared
from pipelines.metrics.table import metrics_table
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.verdicts.metric_comparison import compare_metrics
from pipelines.verdicts.verdict_table import compare

with job(snakemake.log[0]):
    tables = Tables(Path(snakemake.output.verdicts).parent)
    write_table("metrics", metrics_table(tables), snakemake.output.metrics)
    comparisons = compare_metrics(tables, compared(snakemake.params.margins))
    write_table("comparisons", comparisons, snakemake.output.comparisons)
    uses = names_used(Path(snakemake.params.source))
    verdicts = compare(tables, comparisons, uses)
    write_table("verdicts", verdicts, snakemake.output.verdicts)
