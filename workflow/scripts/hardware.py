"""Judge the runs under constraints of hardware against those of the ideal network."""

from pathlib import Path

from _job import job

from pipelines.experiment import load_experiment
from pipelines.hardware.profile_files import load_profile
from pipelines.metrics.known import known_metrics
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.verdicts.hardware_tables import hardware_tables

with job(snakemake.log[0]):
    made = snakemake.output
    experiment = load_experiment(snakemake.wildcards.experiment)
    known = known_metrics(experiment).with_margins(snakemake.params.margins)
    hardware, verdicts = hardware_tables(
        experiment,
        Tables(Path(made.hardware).parent, known),
        lambda name: load_profile(name, experiment.folder),
        known,
    )
    write_table("hardware", hardware, made.hardware)
    write_table("hardware_verdicts", verdicts, made.hardware_verdicts)
