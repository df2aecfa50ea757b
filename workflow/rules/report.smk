rule report:
    input:
        tables=all_tables(),
        figures=all_figures("png"),
        evidence=all_evidence(),
        conformance=all_conformance(),
    output:
        page="<results>/report.html",
    log:
        "<results>/logs/report.log",
    benchmark:
        "<results>/benchmarks/report.tsv"
    conda:
        CONDA_ENVIRONMENT
    params:
        code=code_of(PACKAGE / "report"),
        experiments=list(PLANS),
        conformance=SETTINGS["conformance"],
    script:
        "../scripts/report.py"
