"""Draw the evidence for the verdicts on an experiment."""

from pathlib import Path

from _job import job

from pipelines.experiment import load_experiment
from pipelines.figures import look
from pipelines.figures.evidence_files import write_evidence
from pipelines.metrics.known import known_metrics
from pipelines.tables.reader import Tables

with job(snakemake.log[0]):
    experiment = load_experiment(snakemake.wildcards.experiment)
    tables = Tables(Path(snakemake.input.runs).parent)
    with look.use(experiment.folder):
        write_evidence(tables, Path(snakemake.output.folder), known_metrics(experiment))
