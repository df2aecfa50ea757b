"""Say what an experiment's results are and how they came about."""

from pathlib import Path

from _job import job

from pipelines.sweep import plan
from pipelines.tables.crate import describe_results, write_crate

with job(snakemake.log[0]):
    path = Path(snakemake.output.crate)
    sweep = plan(snakemake.wildcards.experiment, snakemake.config["profile"]).sweep
    about = {
        "name": snakemake.wildcards.experiment,
        "description": sweep.description,
        "profile": sweep.profile,
    }
    names = [Path(table).stem for table in snakemake.input]
    write_crate(path, describe_results(path.parent, names, about))
