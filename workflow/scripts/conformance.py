"""Check a backend against what is known to be right."""

from pathlib import Path

from _job import job

from pipelines.conformance import run
from pipelines.conformance.table import conformance_table
from pipelines.tables.files import write_table

# The suite starts a process, which reads this file again.
if __name__ == "__main__":
    with job(snakemake.log[0]):
        on = [(snakemake.wildcards.backend, False)]
        names = run.names(snakemake.params.checks)
        outcomes = run.run(names, on, workers=1, log=Path(snakemake.log[0]))
        write_table("conformance", conformance_table(outcomes), snakemake.output.table)
