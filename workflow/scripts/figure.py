"""Draw one figure of an experiment."""

from pathlib import Path

from _job import job

from pipelines.experiment import load_experiment
from pipelines.figures.draw import draw_figure, save

with job(snakemake.log[0]):
    experiment = load_experiment(snakemake.wildcards.experiment)
    figure = draw_figure(
        snakemake.wildcards.figure,
        Path(snakemake.input.runs).parent,
        experiment.folder,
        snakemake.params.options,
        snakemake.params.swept,
    )
    save(figure, snakemake.output.png, snakemake.output.svg)
