rule simulate:
    output:
        manifest="<results>/{experiment}/runs/shards/{shard}.json",
    log:
        "<results>/{experiment}/logs/simulate/{shard}.log",
    benchmark:
        "<results>/{experiment}/benchmarks/simulate/{shard}.tsv"
    priority: of_shard(shard_resources.priority)
    conda:
        CONDA_ENVIRONMENT
    threads: of_shard(shard_resources.threads)
    # Memory bounds how many run at once on one machine, too; the time is for a cluster.
    resources:
        mem_mb=memory_of,
        runtime=runtime_of,
        # Of MPI; the script itself calls the launcher.
        mpi=of_mpi(lambda shard: SETTINGS["mpi"]),
        tasks=of_mpi(shard_resources.processes),
        cpus_per_task=of_mpi(shard_resources.threads_each),
    script:
        "../scripts/simulate.py"
