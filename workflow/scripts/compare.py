"""Hold the backends against each other, point by point."""

from pathlib import Path

from _job import job

from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.validation.agreement import compare

with job(snakemake.log[0]):
    tables = Tables(Path(snakemake.output.verdicts).parent)
    write_table("verdicts", compare(tables), snakemake.output.verdicts)
