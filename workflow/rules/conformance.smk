# Beside the runs, not before them: it says what the results can be trusted for, and changes none.
rule conformance:
    output:
        table="<results>/conformance.parquet/{backend}.parquet",
    log:
        "<results>/logs/conformance/{backend}.log",
    benchmark:
        "<results>/benchmarks/conformance/{backend}.tsv"
    priority: -1
    conda:
        CONDA_ENVIRONMENT
    threads: 1
    params:
        code=conformance_code_of,
        versions=lambda wildcards: of_backend(wildcards.backend),
    script:
        "../scripts/conformance.py"
