"""Write the report on all experiments that were carried out."""

from pathlib import Path

from _job import job

from pipelines.report.page import write_report

with job(snakemake.log[0]):
    page = Path(snakemake.output.page)
    write_report(
        page,
        page.parent,
        snakemake.params.experiments,
        snakemake.config["profile"],
        conformance=snakemake.params.conformance,
    )
