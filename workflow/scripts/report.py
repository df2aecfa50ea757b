"""Write the report on all experiments that have results."""

from pathlib import Path

from _job import job

from pipelines.report.page import write_report
from pipelines.sweep.plan_file import plan_path, read_plan

with job(snakemake.log[0]):
    page = Path(snakemake.output.page)
    plans = [read_plan(plan_path(page.parent, name)) for name in snakemake.params.experiments]
    write_report(
        page,
        page.parent,
        plans,
        conformance=snakemake.params.conformance,
        older=list(snakemake.params.others),
    )
