rule figure:
    input:
        runs=rules.gather.output.runs,
        spikes=rules.gather.output.spikes,
        weights=rules.gather.output.weights,
        signals=rules.gather.output.signals,
        metrics=rules.compare.output.metrics,
        verdicts=rules.compare.output.verdicts,
        hardware=hardware_tables,
    output:
        png=report(
            "<results>/{experiment}/figures/{figure}.png",
            caption="../report/figure.rst",
            category="{experiment}",
            subcategory="Figures",
            labels={"figure": "{figure}"},
        ),
        svg="<results>/{experiment}/figures/{figure}.svg",
        pdf="<results>/{experiment}/figures/{figure}.pdf",
        caption="<results>/{experiment}/figures/{figure}.txt",
        errors="<results>/{experiment}/errors/figures/{figure}.json",
    log:
        "<results>/{experiment}/logs/figures/{figure}.log",
    benchmark:
        "<results>/{experiment}/benchmarks/figures/{figure}.tsv"
    conda:
        CONDA_ENVIRONMENT
    params:
        options=of_figure(lambda jobs, figure: jobs.figures[figure]),
        caption=of_figure(lambda jobs, figure: jobs.caption(figure)),
        swept=of_sweep(lambda jobs: jobs.swept),
        profile=of_sweep(lambda jobs: jobs.sweep.profile),
        code=of_figure(lambda jobs, figure: code.of_figure(jobs.experiment, figure)),
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
        code=of_sweep(lambda jobs: code.of_metrics(jobs.experiment, "evidence")),
    script:
        "../scripts/evidence.py"
