# No input of `simulate`, which would wait for it and be repeated with it (or, as `ancient`, be
# skipped with it although its own output is missing): its priority puts it first.
rule capability:
    output:
        refusals="<results>/{experiment}/capability/{backend}.json",
    log:
        "<results>/{experiment}/logs/capability/{backend}.log",
    benchmark:
        "<results>/{experiment}/benchmarks/capability/{backend}.tsv"
    priority: 20000
    conda:
        CONDA_ENVIRONMENT
    params:
        plan=lambda wildcards: PLANS[wildcards.experiment].digest,
    script:
        "../scripts/capability.py"
