"""Draw one figure of an experiment."""

from pathlib import Path

from _job import job, report_error

from pipelines.experiment import load_experiment
from pipelines.experiment.code_errors import attempt
from pipelines.figures.draw import draw_figure, note, save
from pipelines.tables.error_files import FIGURE

with job(snakemake.log[0]):
    experiment = load_experiment(snakemake.wildcards.experiment)
    name = snakemake.wildcards.figure
    png, svg = snakemake.output.png, snakemake.output.svg
    with attempt(experiment.folder) as outcome:
        figure = draw_figure(
            name,
            Path(snakemake.input.runs).parent,
            experiment.folder,
            snakemake.params.options,
            snakemake.params.swept,
        )
        save(figure, png, svg)
    if outcome.error:
        save(note(f"Figure '{name}' could not be drawn: {outcome.error}"), png, svg)
    report_error(experiment.name, FIGURE, name, outcome, snakemake.output.errors)
