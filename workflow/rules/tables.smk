rule gather:
    input:
        manifests=of_sweep(lambda jobs: jobs.manifests),
    output:
        runs="<results>/{experiment}/runs.parquet",
        spikes="<results>/{experiment}/spikes.parquet",
        weights="<results>/{experiment}/weights.parquet",
        signals="<results>/{experiment}/signals.parquet",
    log:
        "<results>/{experiment}/logs/gather.log",
    benchmark:
        "<results>/{experiment}/benchmarks/gather.tsv"
    wildcard_constraints:
        experiment=one_of(False),
    conda:
        CONDA_ENVIRONMENT
    params:
        code=lambda wildcards: code.of_rule("gather"),
        warm_up=of_sweep(lambda jobs: jobs.sweep.warm_up),
    script:
        "../scripts/gather.py"


# Of runs under constraints of hardware it is told, too, what these made of the network.
use rule gather as gather_constrained with:
    output:
        runs="<results>/{experiment}/runs.parquet",
        spikes="<results>/{experiment}/spikes.parquet",
        weights="<results>/{experiment}/weights.parquet",
        signals="<results>/{experiment}/signals.parquet",
        mapping="<results>/{experiment}/mapping.parquet",
    wildcard_constraints:
        experiment=one_of(True),


# One job for metrics and verdicts: they read the same tables, and imports take longer than either.
rule compare:
    input:
        runs=rules.gather.output.runs,
        spikes=rules.gather.output.spikes,
        weights=rules.gather.output.weights,
        signals=rules.gather.output.signals,
    output:
        metrics="<results>/{experiment}/metrics.parquet",
        comparisons=report(
            "<results>/{experiment}/comparisons.parquet",
            caption="../report/comparisons.rst",
            category="{experiment}",
            subcategory="Tables",
            labels={"table": "comparisons"},
        ),
        verdicts=report(
            "<results>/{experiment}/verdicts.parquet",
            caption="../report/verdicts.rst",
            category="{experiment}",
            subcategory="Tables",
            labels={"table": "verdicts"},
        ),
        errors="<results>/{experiment}/errors/metrics.json",
    log:
        "<results>/{experiment}/logs/compare.log",
    benchmark:
        "<results>/{experiment}/benchmarks/compare.tsv"
    conda:
        CONDA_ENVIRONMENT
    params:
        code=of_sweep(lambda jobs: code.of_metrics(jobs.experiment, "compare")),
        margins=of_sweep(lambda jobs: dict(jobs.sweep.margins)),
        source=of_sweep(lambda jobs: str(jobs.experiment.source)),
    script:
        "../scripts/compare.py"


# Apart from `compare`, so that another expectation leaves verdicts and figures as they are.
rule expect:
    input:
        runs=rules.gather.output.runs,
        spikes=rules.gather.output.spikes,
        weights=rules.gather.output.weights,
        signals=rules.gather.output.signals,
        metrics=rules.compare.output.metrics,
        verdicts=rules.compare.output.verdicts,
        mapping=mapping_of,
    output:
        expectations=report(
            "<results>/{experiment}/expectations.parquet",
            caption="../report/expectations.rst",
            category="{experiment}",
            subcategory="Tables",
            labels={"table": "expectations"},
        ),
        errors="<results>/{experiment}/errors/expectation.json",
    log:
        "<results>/{experiment}/logs/expect.log",
    benchmark:
        "<results>/{experiment}/benchmarks/expect.tsv"
    conda:
        CONDA_ENVIRONMENT
    params:
        code=of_sweep(lambda jobs: code.of_expectation(jobs.experiment)),
    script:
        "../scripts/expect.py"


# Of experiments with runs under constraints of hardware: these against the ideal network.
rule hardware:
    input:
        runs=rules.gather.output.runs,
        spikes=rules.gather.output.spikes,
        weights=rules.gather.output.weights,
        signals=rules.gather.output.signals,
        mapping=rules.gather_constrained.output.mapping,
        metrics=rules.compare.output.metrics,
        verdicts=rules.compare.output.verdicts,
    output:
        hardware=report(
            "<results>/{experiment}/hardware.parquet",
            caption="../report/hardware.rst",
            category="{experiment}",
            subcategory="Tables",
            labels={"table": "hardware"},
        ),
        hardware_verdicts=report(
            "<results>/{experiment}/hardware_verdicts.parquet",
            caption="../report/hardware.rst",
            category="{experiment}",
            subcategory="Tables",
            labels={"table": "hardware_verdicts"},
        ),
    log:
        "<results>/{experiment}/logs/hardware.log",
    benchmark:
        "<results>/{experiment}/benchmarks/hardware.tsv"
    wildcard_constraints:
        experiment=one_of(True),
    conda:
        CONDA_ENVIRONMENT
    params:
        code=of_sweep(lambda jobs: code.of_hardware(jobs.experiment)),
        margins=of_sweep(lambda jobs: dict(jobs.sweep.margins)),
        chips=of_sweep(lambda jobs: jobs.chips),
    script:
        "../scripts/hardware.py"


rule crate:
    input:
        tables=of_sweep(lambda jobs: jobs.tables),
    output:
        crate="<results>/{experiment}/ro-crate-metadata.json",
        source=directory("<results>/{experiment}/source"),
    log:
        "<results>/{experiment}/logs/crate.log",
    benchmark:
        "<results>/{experiment}/benchmarks/crate.tsv"
    conda:
        CONDA_ENVIRONMENT
    params:
        code=of_sweep(lambda jobs: code.of_crate(jobs.experiment, WORKFLOW_FOLDER)),
        description=of_sweep(lambda jobs: jobs.sweep.description),
        workflow=str(WORKFLOW_FOLDER),
    script:
        "../scripts/crate.py"
