"""Hold the backends against each other, and the experiment against what it should show."""

from pathlib import Path

from _job import job

from pipelines.experiment import load_experiment
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.validation.agreement import compare
from pipelines.validation.expectations import expectations_table

with job(snakemake.log[0]):
    tables = Tables(Path(snakemake.output.verdicts).parent)
    experiment = load_experiment(snakemake.wildcards.experiment)
    write_table("verdicts", compare(tables), snakemake.output.verdicts)
    expectations = expectations_table(experiment, tables)
    write_table("expectations", expectations, snakemake.output.expectations)
