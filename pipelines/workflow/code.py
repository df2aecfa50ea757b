"""Fingerprints of the code behind each rule, which repeat its jobs when that code changes.

Which code that is, its place tells: parts of the library, and files of the experiment. What jobs
before it have done is in the files that a job reads.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from pipelines import backends, source_code
from pipelines.errors import BadInput
from pipelines.experiment import Experiment
from pipelines.experiment.files import EXPECTATION, METRICS, files_of_analysis
from pipelines.figures.gallery import figure_path
from pipelines.figures.look import style_files
from pipelines.installation import LIBRARY, PACKAGE
from pipelines.source_code import digests, files_in, fingerprint
from pipelines.tables.crate_sources import sources

# Parts of the library behind the jobs of each rule. Simulations are known by their run_ids.
PARTS = {
    "gather": ("tables",),
    "compare": ("metrics", "verdicts", "diagnosis", "differences"),
    "expect": ("metrics", "verdicts/expectations.py", "verdicts/hardware_checks.py"),
    "hardware": ("metrics", "verdicts", "hardware"),
    "crate": ("tables/crate.py", "tables/crate_sources.py", "tables/run_actions.py"),
    "figure": ("metrics", "figures"),
    "evidence": ("metrics", "figures", "verdicts", "diagnosis"),
    "report": ("figures", "report", "verdicts", "metrics"),
    "errors": ("tables/error_files.py", "workflow/outcome.py"),
    "conformance": ("backends", "conformance", "differences"),
    "support": ("backends", "conformance", "differences"),
}


@cache
def of_rule(rule: str) -> str:
    """Fingerprint of the library's code behind a rule."""
    return fingerprint(digests(files_in(*(PACKAGE / part for part in PARTS[rule])), [LIBRARY]))


def of_figure(experiment: Experiment, figure: str) -> str:
    """Fingerprint of the code behind one figure of an experiment."""
    return _with_experiment_files("figure", experiment, figure_path(figure, experiment))


def of_metrics(experiment: Experiment, rule: str) -> str:
    """Fingerprint of the code behind a rule that uses the metrics of an experiment."""
    return _with_experiment_files(rule, experiment, experiment.folder / METRICS)


def of_expectation(experiment: Experiment) -> str:
    """Fingerprint of the code behind the expectations of an experiment."""
    return _with_experiment_files("expect", experiment, experiment.folder / EXPECTATION)


def of_hardware(experiment: Experiment) -> str:
    """Fingerprint of the code behind the verdicts on hardware: metrics and expectations."""
    parts = (of_metrics(experiment, "hardware"), of_expectation(experiment))
    return fingerprint(dict(zip(("metrics", "expectation"), parts, strict=True)))


def of_crate(experiment: Experiment, workflow: Path) -> str:
    """Fingerprint of the code behind the crate, and of the sources that are copied into it.

    As everywhere, comments and texts do not count, and a sweep.yaml counts by its values, which
    change the tables that the crate describes.
    """
    own = {
        name: _digest(path)
        for name, path in sources(experiment, workflow).items()
        if path.suffix not in (".md", ".yaml")
    }
    return fingerprint({**own, "library": of_rule("crate")})


def of_conformance(backend: str) -> str:
    """Fingerprint of the code behind the conformance of a backend, wherever its folder lies."""
    folder = backends.get(backend).folder
    own = digests(files_in(folder), [folder.parent])
    return fingerprint({**own, "library": of_rule("conformance")})


def _digest(path: Path) -> str:
    """Digest of a file; of its bytes if it is called ``.py`` and is not Python."""
    try:
        return source_code.read(path).digest
    except BadInput:
        # The crate has it as it is. What needs it says what is wrong.
        return hashlib.sha256(path.read_bytes()).hexdigest()


def _with_experiment_files(rule: str, experiment: Experiment, part: Path) -> str:
    folder = experiment.folder
    # Generic figures are the library's; expectations and metrics of its own are optional.
    is_own = part.is_file() and part.is_relative_to(folder)
    files = files_of_analysis(folder, part) if is_own else []
    if "figures" in PARTS[rule]:
        files = [*files, *style_files(folder)]
    own = digests(files, [folder.parent], allow_broken=True)
    return fingerprint({**own, "library": of_rule(rule)})
