"""Find what a backend refuses of all sweeps, before they run."""

import json
import sys
from pathlib import Path

from _job import job

from pipelines.atomic import write_bytes
from pipelines.execution.importing import import_backend
from pipelines.execution.preflight import refusals
from pipelines.execution.progress import is_first
from pipelines.sweep.plan_file import plan_path, read_plan
from pipelines.tables.run_store import RunStore

with job(snakemake.log[0]):
    backend = snakemake.wildcards.backend
    import_backend(backend)
    answers = {}
    for name in snakemake.params.plans:
        whole = read_plan(plan_path(snakemake.config["results"], name))
        found = refusals(whole, backend)
        store = RunStore(Path(snakemake.config["results"]) / name / "runs")
        for refusal in found:
            if is_first(store, refusal.reason):
                sys.stderr.write(f"{name}  before it runs: {refusal}\n")
        answers[name] = [refusal.as_dict() for refusal in found]
    write_bytes(Path(snakemake.output.refusals), json.dumps(answers, indent=1).encode())
