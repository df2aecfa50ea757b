"""List everything of the experiments that failed, for programs and for the exit status."""

from pathlib import Path

from _job import job

from pipelines.sweep.plan_file import plan_path, read_plan
from pipelines.workflow.outcome import write_outcome

with job(snakemake.log[0]):
    results = snakemake.config["results"]
    plans = [read_plan(plan_path(results, name)) for name in snakemake.params.files]
    write_outcome(Path(snakemake.output.errors), plans, results, snakemake.params.files)
