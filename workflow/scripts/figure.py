"""Draw one figure of an experiment."""

from pathlib import Path

from _job import job

from pipelines.experiment import load_experiment
from pipelines.figures.draw import write_figure

with job(snakemake.log[0]):
    experiment = load_experiment(snakemake.wildcards.experiment)
    made = snakemake.output
    write_figure(
        snakemake.wildcards.figure,
        Path(snakemake.input.runs).parent,
        experiment.folder,
        [made.png, made.svg, made.pdf, made.caption],
        snakemake.params.options,
        snakemake.params.swept,
        snakemake.params.profile,
    )
