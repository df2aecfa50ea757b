"""Write the research object crate of an experiment's results."""

from pathlib import Path

from _job import job

from pipelines.experiment import load_experiment
from pipelines.tables.crate import describe_results, write_crate
from pipelines.tables.crate_sources import copy_sources, sources

with job(snakemake.log[0]):
    path = Path(snakemake.output.crate)
    experiment = load_experiment(snakemake.wildcards.experiment)
    about = {
        "description": snakemake.params.description,
        "profile": snakemake.config["profile"],
    }
    names = [Path(table).stem for table in snakemake.input]
    copy_sources(sources(experiment, Path(snakemake.params.workflow)), path.parent)
    write_crate(path, describe_results(path.parent, names, experiment, about))
