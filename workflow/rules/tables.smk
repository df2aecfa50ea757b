rule gather:
    input:
        manifests=lambda wildcards: manifests_of(wildcards.experiment),
    output:
        runs="<results>/{experiment}/runs.parquet",
        spikes="<results>/{experiment}/spikes.parquet",
        weights="<results>/{experiment}/weights.parquet",
        signals="<results>/{experiment}/signals.parquet",
    log:
        "<results>/{experiment}/logs/gather.log",
    benchmark:
        "<results>/{experiment}/benchmarks/gather.tsv"
    conda:
        CONDA_ENVIRONMENT
    params:
        code=code_of(LIBRARY / "tables" / "gather.py"),
    script:
        "../scripts/gather.py"


rule analyse:
    input:
        runs=rules.gather.output.runs,
        spikes=rules.gather.output.spikes,
        weights=rules.gather.output.weights,
    output:
        metrics="<results>/{experiment}/metrics.parquet",
    log:
        "<results>/{experiment}/logs/analyse.log",
    benchmark:
        "<results>/{experiment}/benchmarks/analyse.tsv"
    conda:
        CONDA_ENVIRONMENT
    params:
        code=code_of(LIBRARY / "analysis" / "metrics.py"),
    script:
        "../scripts/analyse.py"


rule compare:
    input:
        runs=rules.gather.output.runs,
        spikes=rules.gather.output.spikes,
        weights=rules.gather.output.weights,
        signals=rules.gather.output.signals,
        metrics=rules.analyse.output.metrics,
    output:
        verdicts="<results>/{experiment}/verdicts.parquet",
        expectations="<results>/{experiment}/expectations.parquet",
    log:
        "<results>/{experiment}/logs/compare.log",
    benchmark:
        "<results>/{experiment}/benchmarks/compare.tsv"
    conda:
        CONDA_ENVIRONMENT
    params:
        code=comparison_code_of,
    script:
        "../scripts/compare.py"
