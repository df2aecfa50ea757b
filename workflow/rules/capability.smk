# One job a backend, since importing a simulator takes longer than asking it about an experiment. It
# is repeated when a plan changes or other experiments are carried out.
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
