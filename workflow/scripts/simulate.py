"""Carry out the runs of one shard that are not in the store yet."""

import sys
from pathlib import Path

from _job import job

from pipelines.execution.progress import Progress
from pipelines.execution.worker import run_shard
from pipelines.sweep.plan_file import plan_path, read_plan, refuse_changes, shard_of
from pipelines.tables.run_store import RunStore
from pipelines.tables.shard_claims import claimed

with job(snakemake.log[0]):
    name = snakemake.wildcards.experiment
    manifest = Path(snakemake.output.manifest)
    store = RunStore(manifest.parent.parent)
    whole = read_plan(plan_path(snakemake.config["results"], name))
    shard = shard_of(whole, snakemake.wildcards.shard)
    refuse_changes(whole, shard.backend)

    def report_waiting(process: str) -> None:
        sys.stderr.write(f"{name}  waiting for process {process}, which is at the same runs\n")

    progress = Progress(whole, store)
    with claimed(manifest.with_suffix(".claim"), report_waiting, progress.update):
        run_shard(
            whole,
            shard,
            store,
            Path(snakemake.log[0]),
            progress,
            retry_failed=snakemake.config["retry_failed"],
            launcher=snakemake.config["mpi"],
        )
