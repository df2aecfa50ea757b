rule simulate:
    output:
        manifest="<results>/{experiment}/runs/shards/{shard}.json",
    log:
        "<results>/{experiment}/logs/simulate/{shard}.log",
    benchmark:
        "<results>/{experiment}/benchmarks/simulate/{shard}.tsv"
    priority: priority_of
    conda:
        CONDA_ENVIRONMENT
    threads: threads_of
    # Memory bounds how many run at once on one machine, too; the time is for a cluster.
    resources:
        mem_mb=memory_of,
        runtime=runtime_of,
        # Of MPI; the script itself calls the launcher.
        mpi=of_mpi(SETTINGS["mpi"]),
        tasks=of_mpi(processes_of),
        cpus_per_task=of_mpi(threads_each),
    script:
        "../scripts/simulate.py"
