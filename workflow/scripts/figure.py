"""Draw one figure of an experiment."""

from pathlib import Path

from _job import job, report_error

from pipelines.experiment import load_experiment
from pipelines.experiment.code_errors import attempt
from pipelines.figures.draw import note, save, write_figure
from pipelines.tables.error_files import FIGURE

with job(snakemake.log[0]):
    experiment = load_experiment(snakemake.wildcards.experiment)
    name, made = snakemake.wildcards.figure, snakemake.output
    with attempt(experiment.folder) as outcome:
        write_figure(
            name,
            Path(snakemake.input.runs).parent,
            experiment.folder,
            [made.png, made.svg, made.pdf, made.caption],
            snakemake.params.options,
            snakemake.params.swept,
            snakemake.params.profile,
        )
    if outcome.error:
        text = f"Figure '{name}' could not be drawn: {outcome.error}"
        save(note(text), made.png, made.svg, made.pdf)
        Path(made.caption).write_text("It could not be drawn.\n")
    report_error(experiment.name, FIGURE, name, outcome, made.errors)
