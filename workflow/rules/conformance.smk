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
        code=lambda wildcards: code.of_conformance(wildcards.backend),
        checks=SETTINGS["checks"],
        versions=lambda wildcards: of_backend(wildcards.backend),
    script:
        "../scripts/conformance.py"


# One job for all backends, since each is compared with the others.
rule support:
    output:
        table="<results>/support.parquet",
    log:
        "<results>/logs/support.log",
    benchmark:
        "<results>/benchmarks/support.tsv"
    priority: -1
    conda:
        CONDA_ENVIRONMENT
    threads: 2
    params:
        code=lambda wildcards: code.of_rule("support"),
        checks=SETTINGS["checks"],
        versions=lambda wildcards: {one: of_backend(one) for one in backends.names()},
    script:
        "../scripts/support.py"
