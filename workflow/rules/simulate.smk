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
    threads: 1
    script:
        "../scripts/simulate.py"
