"""``counterpoint doctor``: what is installed, what works and what would be refused."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from pipelines import backends, versions
from pipelines.cli.output import table, write_json, write_lines
from pipelines.errors import BadInput
from pipelines.execution import mpi
from pipelines.execution.probe import COMPILE
from pipelines.execution.probe_process import probe_in_process, refusal_lines
from pipelines.experiment import find_experiments, load_experiment
from pipelines.sweep.profile import load_sweep, read_sweep

SUMMARY = "say what is installed, what works and what would be refused"
DESCRIPTION = (
    "Say which versions are installed, whether each backend runs a tiny network, and whether\n"
    "there is a compiler. With an experiment: whether it loads, whether its sweep is valid in\n"
    "each profile, and what each backend would refuse of it, before anything runs. Exit code 1\n"
    "when something does not work."
)
EXAMPLE = "example: counterpoint doctor stdp_window\nexample: counterpoint doctor --compile"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments and options of the command."""
    parser.add_argument(
        "experiment", nargs="?", metavar="EXPERIMENT", help="examine this experiment too"
    )
    parser.add_argument(
        "--compile",
        action="store_true",
        help="first compile all that simulators need, which is kept on the machine",
    )


def execute(options: argparse.Namespace) -> int:
    """Examine the installation, write the result, and return 1 if something does not work."""
    if options.experiment is not None:
        names = find_experiments()
        if options.experiment not in names:
            raise BadInput(
                "experiment",
                f"there is no '{options.experiment}'",
                given=options.experiment,
                among=names,
            )
    simulators = backends.names()
    compiled = (
        {name: probe_in_process(name, COMPILE) for name in simulators} if options.compile else {}
    )
    found: dict[str, Any] = {
        "versions": versions.of_stack(),
        "compiler": check_compiler(),
        "compiled": compiled,
        "backends": {name: probe_in_process(name) for name in simulators},
    }
    if options.experiment is not None:
        found["experiment"] = examine_experiment(options.experiment)
    found["problems"] = _find_problems(found)
    if options.json:
        write_json(found)
    else:
        write_lines(_lines(found))
    return 1 if found["problems"] else 0


def check_compiler() -> dict[str, Any]:
    """Check whether the C++ compiler of code generation can build an extension.

    Returns
    -------
    dict
        ``ok``, and ``detail``: the path of the compiler, or what does not work.
    """
    command = os.environ.get("CXX") or sysconfig.get_config_var("CXX") or "c++"
    words = shlex.split(command)
    consequence = "without one " + "; ".join(
        f"{backend.label} {backend.without_compiler}"
        for backend in backends.descriptions().values()
        if backend.without_compiler
    )
    path = shutil.which(words[0])
    if path is None:
        return {"ok": False, "detail": f"'{words[0]}' is not there; {consequence}"}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "probe.cpp")
        source.write_text("#include <Python.h>\n#include <cmath>\n", encoding="utf-8")
        include = f"-I{sysconfig.get_paths()['include']}"
        done = subprocess.run(
            [*words, include, "-c", source.name],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        first = next((line for line in done.stderr.splitlines() if "error" in line), "")
        return {"ok": False, "detail": f"{path} cannot build an extension: {first}; {consequence}"}
    return {"ok": True, "detail": path}


def examine_experiment(name: str) -> dict[str, Any]:
    """Check that an experiment loads, its profiles are valid, and each backend builds them.

    Returns
    -------
    dict
        ``name``, ``loads``, ``sweep``, and by profile ``profiles`` and ``builds``, as far as the
        checks got.
    """
    found: dict[str, Any] = {"name": name, "loads": _try_check(lambda: load_experiment(name))}
    if not found["loads"]["ok"]:
        return found
    experiment = load_experiment(name)
    found["sweep"] = _try_check(lambda: read_sweep(experiment))
    if not found["sweep"]["ok"]:
        return found
    profiles = read_sweep(experiment).profiles
    found["profiles"] = {
        profile: _try_check(lambda p=profile: mpi.check(name, load_sweep(experiment, p)))
        for profile in profiles
    }
    valid = [profile for profile, answer in found["profiles"].items() if answer["ok"]]
    found["builds"] = {}
    for profile in valid:
        for backend in load_sweep(experiment, profile).backends:
            found["builds"][f"{backend}, profile {profile}"] = probe_in_process(
                backend, name, profile
            )
    return found


def _try_check(check: Any) -> dict[str, Any]:
    try:
        check()
    except BadInput as error:
        return {"ok": False, "detail": str(error)}
    return {"ok": True, "detail": ""}


def _find_problems(found: dict[str, Any]) -> list[str]:
    """List what does not work; a missing compiler only makes simulations slow."""
    answers = [*found["compiled"].items(), *found["backends"].items()]
    problems = [f"{b}: {a['detail']}" for b, a in answers if not a["ok"]]
    experiment = found.get("experiment", {})
    for key in ("loads", "sweep"):
        if key in experiment and not experiment[key]["ok"]:
            problems.append(experiment[key]["detail"])
    for answer in experiment.get("profiles", {}).values():
        if not answer["ok"]:
            problems.append(answer["detail"])
    builds = experiment.get("builds", {})
    for where, answer in builds.items():
        if not answer["ok"] and "refusals" not in answer:
            problems.append(f"{experiment['name']} on {where}: {answer['detail']}")
    return problems + _experiment_refusals(experiment)


def _experiment_refusals(experiment: dict[str, Any]) -> list[str]:
    """Lines on what backends refuse of an experiment's profiles, one a backend and reason."""
    by_profile: dict[str, list[Any]] = {}
    for where, answer in experiment.get("builds", {}).items():
        profile = where.partition("profile ")[2]
        by_profile.setdefault(profile, []).extend(answer.get("refusals", []))
    return refusal_lines(by_profile)


def _lines(found: dict[str, Any]) -> list[str]:
    lines = ["installed", *table(list(map(list, found["versions"].items())), indent="    ")]
    lines += ["", "works"]
    rows = [["C++ compiler", _yes_or_no(found["compiler"]), found["compiler"]["detail"]]]
    rows += [[f"{b} compiled", _yes_or_no(a), a["detail"]] for b, a in found["compiled"].items()]
    rows += [[b, _yes_or_no(a), a["detail"]] for b, a in found["backends"].items()]
    lines += table(rows, indent="    ")
    experiment = found.get("experiment")
    if experiment is not None:
        lines += ["", f"experiment {experiment['name']}"]
        rows = [["loads", _yes_or_no(experiment["loads"]), experiment["loads"]["detail"]]]
        if "sweep" in experiment:
            rows.append(
                ["sweep.yaml", _yes_or_no(experiment["sweep"]), experiment["sweep"]["detail"]]
            )
        for profile, answer in experiment.get("profiles", {}).items():
            rows.append([f"profile {profile}", _yes_or_no(answer), answer["detail"]])
        for backend, answer in experiment.get("builds", {}).items():
            detail = "refused, see below" if "refusals" in answer else answer["detail"]
            rows.append([f"on {backend}", _yes_or_no(answer), detail])
        lines += table(rows, indent="    ")
        refused = _experiment_refusals(experiment)
        lines += ["", "would be refused", *(f"    {text}" for text in refused)] if refused else []
    number = len(found["problems"])
    lines += ["", "all is well" if not number else f"does not work: {number}, see 'NO' above"]
    return lines


def _yes_or_no(answer: dict[str, Any]) -> str:
    return "yes" if answer["ok"] else "NO"
