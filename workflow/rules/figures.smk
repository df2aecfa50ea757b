rule figure:
    input:
        runs=rules.gather.output.runs,
        spikes=rules.gather.output.spikes,
        weights=rules.gather.output.weights,
        signals=rules.gather.output.signals,
        metrics=rules.compare.output.metrics,
        verdicts=rules.compare.output.verdicts,
    output:
        png=report(
            "<results>/{experiment}/figures/{figure}.png",
            caption="../report/figure.rst",
            category="{experiment}",
            subcategory="Figures",
            labels={"figure": "{figure}"},
        ),
        svg="<results>/{experiment}/figures/{figure}.svg",
    log:
        "<results>/{experiment}/logs/figures/{figure}.log",
    benchmark:
        "<results>/{experiment}/benchmarks/figures/{figure}.tsv"
    conda:
        CONDA_ENVIRONMENT
    params:
        options=figure_options_of,
        caption=figure_caption_of,
        swept=swept_of,
        code=figure_code_of,
    script:
        "../scripts/figure.py"


rule evidence:
    input:
        runs=rules.gather.output.runs,
        spikes=rules.gather.output.spikes,
        weights=rules.gather.output.weights,
        signals=rules.gather.output.signals,
        comparisons=rules.compare.output.comparisons,
        verdicts=rules.compare.output.verdicts,
    output:
        folder=report(
            directory("<results>/{experiment}/evidence"),
            patterns=["{metric}_{population}_{first}_{second}.png"],
            caption="../report/evidence.rst",
            category="{experiment}",
            subcategory="Evidence",
            labels={
                "metric": "{metric}",
                "population": "{population}",
                "backends": "{first}, {second}",
            },
        ),
    log:
        "<results>/{experiment}/logs/evidence.log",
    benchmark:
        "<results>/{experiment}/benchmarks/evidence.tsv"
    conda:
        CONDA_ENVIRONMENT
    params:
        code=code_of(PACKAGE / "figures" / "evidence_files.py"),
    script:
        "../scripts/evidence.py"
