"""Say, before a sweep runs, what a backend will refuse of it and why."""

import json
import sys
from pathlib import Path

from _job import job

from pipelines.atomic import write_bytes
from pipelines.execution.capability import refusals
from pipelines.execution.importing import import_backend
from pipelines.sweep import plan

with job(snakemake.log[0]):
    name, backend = snakemake.wildcards.experiment, snakemake.wildcards.backend
    import_backend(backend)
    found = refusals(plan(name, snakemake.config["profile"]), backend)
    for refusal in found:
        sys.stderr.write(f"{name}  before it runs: {refusal}\n")
    answer = json.dumps([refusal.as_dict() for refusal in found], indent=1)
    write_bytes(Path(snakemake.output.refusals), answer.encode())
