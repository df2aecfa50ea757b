"""Compute the metrics of all runs, and compare the backends at each point."""

import logging
import sys
from pathlib import Path

from _job import job

from pipelines.diagnosis.known_differences import names_used
from pipelines.metrics.known import known_metrics_in
from pipelines.tables.error_files import METRIC, PartError, write_errors
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.verdicts.metric_comparison import measure_and_compare
from pipelines.verdicts.verdict_table import compare

with job(snakemake.log[0]):
    tables = Tables(Path(snakemake.output.verdicts).parent)
    source = Path(snakemake.params.source)
    known = known_metrics_in(source.parent).with_margins(snakemake.params.margins)
    metrics, comparisons = measure_and_compare(tables, known)
    write_table("metrics", metrics, snakemake.output.metrics)
    write_table("comparisons", comparisons, snakemake.output.comparisons)
    uses = names_used(source)
    verdicts = compare(tables, comparisons, uses, known)
    write_table("verdicts", verdicts, snakemake.output.verdicts)
    found = known.errors.found() if known.errors else []
    errors = [PartError(METRIC, one.name, one.error, len(one.run_ids)) for one in found]
    write_errors(snakemake.output.errors, errors)
    for error, one in zip(errors, found, strict=True):
        logging.warning(one.trace)
        # That metrics.py cannot be used at all was said when the workflow began.
        if not known.unusable:
            sys.stderr.write(f"{snakemake.wildcards.experiment}  {error}\n")
