"""Check the conformance of a backend."""

from pathlib import Path

from _job import job

from pipelines.conformance import suite
from pipelines.conformance.cached_table import store_table
from pipelines.conformance.table import conformance_table

with job(snakemake.log[0]):
    log, backend = Path(snakemake.log[0]), snakemake.wildcards.backend

    def compute_table():
        names = suite.names(snakemake.params.checks)
        return conformance_table(suite.run(names, [(backend, False)], workers=1, log=log))

    basis = [backend, dict(snakemake.params.items())]
    store_table("conformance", Path(snakemake.output.table), basis, compute_table)
