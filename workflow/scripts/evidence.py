"""Draw the evidence for the verdicts on an experiment."""

from pathlib import Path

from _job import job

from pipelines.experiment import load_experiment
from pipelines.figures.evidence_files import write_evidence
from pipelines.metrics.known import known_metrics
from pipelines.tables.reader import Tables

with job(snakemake.log[0]):
    known = known_metrics(load_experiment(snakemake.wildcards.experiment))
    write_evidence(Tables(Path(snakemake.input.runs).parent), Path(snakemake.output.folder), known)
