rule report:
    input:
        tables=all_tables(),
        figures=all_figures("png", "txt"),
        evidence=all_evidence(),
        conformance=all_conformance(),
    output:
        page=report(
            "<results>/report.html",
            caption="../report/page.rst",
            category="All experiments",
            labels={"page": "verdicts and evidence"},
        ),
    log:
        "<results>/logs/report.log",
    benchmark:
        "<results>/benchmarks/report.tsv"
    conda:
        CONDA_ENVIRONMENT
    params:
        code=lambda wildcards: code.of_rule("report"),
        experiments=list(SWEEPS),
        # Of earlier calls: the page is written again when they change.
        others=lambda wildcards: sweeps.other_results(SWEEPS, RESULTS),
        conformance=SETTINGS["conformance"],
    script:
        "../scripts/report.py"
