"""Write the research object crate of an experiment's results."""

from pathlib import Path

from _job import job

from pipelines.tables.crate import describe_results, write_crate

with job(snakemake.log[0]):
    path = Path(snakemake.output.crate)
    about = {
        "name": snakemake.wildcards.experiment,
        "description": snakemake.params.description,
        "profile": snakemake.config["profile"],
    }
    names = [Path(table).stem for table in snakemake.input]
    write_crate(path, describe_results(path.parent, names, about))
