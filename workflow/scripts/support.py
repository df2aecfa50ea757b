"""Determine which constructs of PyNN each backend supports exactly or refuses."""

from pathlib import Path

from _job import job

from pipelines.conformance.cached_table import store_table
from pipelines.conformance.support.page import support_table
from pipelines.conformance.support.rows import rows_of
from pipelines.conformance.support.run import support

with job(snakemake.log[0]):
    log = Path(snakemake.log[0])

    def compute_table():
        rows = rows_of(snakemake.params.checks)
        return support_table(support(rows, workers=snakemake.threads, log=log))

    basis = dict(snakemake.params.items())
    store_table("support", Path(snakemake.output.table), basis, compute_table)
