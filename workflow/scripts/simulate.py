"""Carry out the runs of one shard that are not in the store yet."""

import sys
from pathlib import Path

from _job import job

from pipelines.errors import BadInput
from pipelines.execution.progress import Progress
from pipelines.execution.worker import run_shard
from pipelines.sweep import plan, shards
from pipelines.tables.run_store import RunStore
from pipelines.tables.shard_claims import claimed

with job(snakemake.log[0]):
    name, shard_id = snakemake.wildcards.experiment, snakemake.wildcards.shard
    manifest = Path(snakemake.output.manifest)
    store = RunStore(manifest.parent.parent)
    whole = plan(name, snakemake.config["profile"])
    shard = next((s for s in shards(whole) if s.shard_id == shard_id), None)
    if shard is None:
        raise BadInput(
            f"experiments/{name}",
            "it, or code that its runs depend on, has changed since the workflow began",
            "the same command again",
        )

    def say_that_we_wait(process: str) -> None:
        sys.stderr.write(f"{name}  waiting for process {process}, which is at the same runs\n")

    with claimed(manifest.with_suffix(".claim"), say_that_we_wait):
        run_shard(
            whole,
            shard,
            store,
            Path(snakemake.log[0]),
            Progress(whole, store),
            retry_failed=snakemake.config["retry_failed"],
            launcher=snakemake.config["mpi"],
        )
