"""Check the expectations of an experiment."""

from pathlib import Path

from _job import job, report_error

from pipelines.experiment import load_experiment
from pipelines.tables.error_files import EXPECTATION
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.tables.some_runs import ideal_runs, is_constrained
from pipelines.verdicts.expectations import expectations_table

with job(snakemake.log[0]):
    path = Path(snakemake.output.expectations)
    experiment = load_experiment(snakemake.wildcards.experiment)
    tables = Tables(path.parent)
    # What a chip loses is a result of its own (table `hardware_verdicts`), and no failure.
    on_hardware = tables if is_constrained(tables.runs).any() else None
    table, outcome = expectations_table(experiment, ideal_runs(tables), on_hardware)
    write_table("expectations", table, path)
    report_error(experiment.name, EXPECTATION, EXPECTATION, outcome, snakemake.output.errors)
