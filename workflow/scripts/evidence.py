"""Draw the evidence for the verdicts on an experiment."""

from pathlib import Path

from _job import job

from pipelines.figures.evidence_files import write_evidence
from pipelines.tables.reader import Tables

with job(snakemake.log[0]):
    write_evidence(Tables(Path(snakemake.input.runs).parent), Path(snakemake.output.folder))
