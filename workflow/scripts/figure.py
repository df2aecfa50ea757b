"""Draw one figure of an experiment."""

from pathlib import Path

from _job import job

from pipelines.experiment import load_experiment
from pipelines.figures.draw import write_figure

with job(snakemake.log[0]):
    experiment = load_experiment(snakemake.wildcards.experiment)
    write_figure(
        snakemake.wildcards.figure,
        Path(snakemake.input.runs).parent,
        experiment.folder,
        list(snakemake.output),
        snakemake.params.options,
        snakemake.params.swept,
        snakemake.params.profile,
    )
