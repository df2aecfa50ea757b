"""Work out what of PyNN each backend gives exactly, and what it refuses."""

from pathlib import Path

from _job import job

from pipelines.conformance.support.page import support_table
from pipelines.conformance.support.rows import rows_of
from pipelines.conformance.support.run import support
from pipelines.tables.files import write_table

# Its processes read this file again.
if __name__ == "__main__":
    with job(snakemake.log[0]):
        found = support(
            rows_of(snakemake.params.checks),
            workers=snakemake.threads,
            log=Path(snakemake.log[0]),
        )
        write_table("support", support_table(found), snakemake.output.table)
