rule report:
    input:
        tables=all_tables(),
        figures=all_figures("png", "txt"),
        errors=all_errors(),
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


# What failed of all experiments, as one file. It is made anew as long as something fails, so that
# the exit status says so each time.
rule errors:
    input:
        tables=all_tables(),
        errors=all_errors(),
    output:
        errors="<results>/errors.json",
    log:
        "<results>/logs/errors.log",
    benchmark:
        "<results>/benchmarks/errors.tsv"
    conda:
        CONDA_ENVIRONMENT
    params:
        code=lambda wildcards: code.of_rule("errors"),
        files={name: jobs.errors for name, jobs in SWEEPS.items()},
    script:
        "../scripts/errors.py"
