"""Check the expectations of an experiment."""

from pathlib import Path

from _job import job

from pipelines.experiment import load_experiment
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.verdicts.expectations import expectations_table

with job(snakemake.log[0]):
    path = Path(snakemake.output.expectations)
    experiment = load_experiment(snakemake.wildcards.experiment)
    write_table("expectations", expectations_table(experiment, Tables(path.parent)), path)
