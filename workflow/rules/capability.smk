# One job a backend: to import a simulator takes longer than to ask it about an experiment.
# No input of `simulate`, which would wait for it and be repeated with it (or, as `ancient`, be
# skipped with it although its own output is missing): its priority puts it first.
rule capability:
    output:
        refusals="<results>/capability/{backend}.json",
    log:
        "<results>/logs/capability/{backend}.log",
    benchmark:
        "<results>/benchmarks/capability/{backend}.tsv"
    priority: 20000
    conda:
        CONDA_ENVIRONMENT
    params:
        plans=plans_on,
    script:
        "../scripts/capability.py"
