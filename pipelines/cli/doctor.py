"""``counterpoint doctor``: what is installed, what works, what would be refused."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from pipelines import backends, versions, workflow
from pipelines.cli.output import table, write_json, write_lines
from pipelines.cli.probe import COMPILE
from pipelines.errors import BadInput
from pipelines.experiment import find_experiments, load_experiment
from pipelines.sweep.points import load_sweep, read_sweep

SUMMARY = "say what is installed, what works and what would be refused"
DESCRIPTION = (
    "Say which versions are installed, whether each backend runs a tiny network, and whether\n"
    "there is a compiler. With an experiment: whether it loads, whether its sweep is valid in\n"
    "each profile, and whether each backend can build its first point. Exit code 1 when\n"
    "something does not work."
)
EXAMPLE = "example: counterpoint doctor stdp_window\nexample: counterpoint doctor --compile"

# A simulator may have to compile everything for the first time.
_TIME_LIMIT_S = 600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("experiment", nargs="?", metavar="EXPERIMENT", help="look at this one too")
    parser.add_argument(
        "--compile",
        action="store_true",
        help="first compile all that simulators need, which a machine keeps",
    )


def execute(options: argparse.Namespace) -> int:
    """Examine, show, and fail if anything that is needed does not work."""
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
    compiled = {name: ask(name, COMPILE) for name in simulators} if options.compile else {}
    found: dict[str, Any] = {
        "versions": versions.of_stack(),
        "compiler": compiler(),
        "compiled": compiled,
        "backends": {name: ask(name) for name in simulators},
    }
    if options.experiment is not None:
        found["experiment"] = examine(options.experiment)
    found["problems"] = _problems(found)
    if options.json:
        write_json(found)
    else:
        write_lines(_lines(found))
    return 1 if found["problems"] else 0


def compiler() -> dict[str, Any]:
    """Whether the C++ compiler that code generation would use can build an extension."""
    command = os.environ.get("CXX") or sysconfig.get_config_var("CXX") or "c++"
    words = shlex.split(command)
    without = "without one " + "; ".join(
        f"{backend.label} {backend.without_compiler}"
        for backend in backends.found().values()
        if backend.without_compiler
    )
    path = shutil.which(words[0])
    if path is None:
        return {"ok": False, "detail": f"'{words[0]}' is not there; {without}"}
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
        return {"ok": False, "detail": f"{path} cannot build an extension: {first}; {without}"}
    return {"ok": True, "detail": path}


def ask(backend: str, *experiment_and_profile: str) -> dict[str, Any]:
    """Ask `pipelines.cli.probe` in a process of its own: `ok`, `detail`, `seconds`.

    Whoever asks it to compile sees how far it is, and it may take as long as it needs.
    """
    compiling = experiment_and_profile == (COMPILE,)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "answer.json")
        command = [sys.executable, "-m", "pipelines.cli.probe", str(file), backend]
        try:
            done = subprocess.run(
                [*command, *experiment_and_profile],
                # The same library, from wherever this was started.
                env=os.environ | {"PYTHONPATH": workflow.python_path()},
                stdout=subprocess.PIPE,
                stderr=None if compiling else subprocess.PIPE,
                text=True,
                timeout=None if compiling else _TIME_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"ok": False, "detail": f"no answer in {_TIME_LIMIT_S} s", "seconds": None}
        if file.exists():
            answer: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return answer
    lines = (done.stderr or "").strip().splitlines() or [""]
    how = f"by signal {-done.returncode}" if done.returncode < 0 else f"with {done.returncode}"
    return {"ok": False, "detail": f"the process ended {how}: {lines[-1]}", "seconds": None}


def examine(name: str) -> dict[str, Any]:
    """Whether an experiment loads, each profile is valid, and each backend builds a point."""
    found: dict[str, Any] = {"name": name, "loads": _checked(lambda: load_experiment(name))}
    if not found["loads"]["ok"]:
        return found
    experiment = load_experiment(name)
    found["sweep"] = _checked(lambda: read_sweep(experiment))
    if not found["sweep"]["ok"]:
        return found
    profiles = read_sweep(experiment).profiles
    found["profiles"] = {
        profile: _checked(lambda p=profile: load_sweep(experiment, p)) for profile in profiles
    }
    valid = [profile for profile, answer in found["profiles"].items() if answer["ok"]]
    found["builds"] = {}
    for profile in valid:
        for backend in load_sweep(experiment, profile).backends:
            found["builds"][f"{backend}, profile {profile}"] = ask(backend, name, profile)
    return found


def _checked(question: Any) -> dict[str, Any]:
    try:
        question()
    except BadInput as error:
        return {"ok": False, "detail": str(error)}
    return {"ok": True, "detail": ""}


def _problems(found: dict[str, Any]) -> list[str]:
    """What does not work; a missing compiler is slow, but works."""
    answers = [*found["compiled"].items(), *found["backends"].items()]
    problems = [f"{b}: {a['detail']}" for b, a in answers if not a["ok"]]
    experiment = found.get("experiment", {})
    for key in ("loads", "sweep"):
        if key in experiment and not experiment[key]["ok"]:
            problems.append(experiment[key]["detail"])
    for answer in experiment.get("profiles", {}).values():
        if not answer["ok"]:
            problems.append(answer["detail"])
    for backend, answer in experiment.get("builds", {}).items():
        if not answer["ok"]:
            problems.append(f"{experiment['name']} on {backend}: {answer['detail']}")
    return problems


def _lines(found: dict[str, Any]) -> list[str]:
    lines = ["installed", *table(list(map(list, found["versions"].items())), indent="    ")]
    lines += ["", "works"]
    rows = [["C++ compiler", _mark(found["compiler"]), found["compiler"]["detail"]]]
    rows += [[f"{b} compiled", _mark(a), a["detail"]] for b, a in found["compiled"].items()]
    rows += [[b, _mark(a), a["detail"]] for b, a in found["backends"].items()]
    lines += table(rows, indent="    ")
    experiment = found.get("experiment")
    if experiment is not None:
        lines += ["", f"experiment {experiment['name']}"]
        rows = [["loads", _mark(experiment["loads"]), experiment["loads"]["detail"]]]
        if "sweep" in experiment:
            rows.append(["sweep.yaml", _mark(experiment["sweep"]), experiment["sweep"]["detail"]])
        for profile, answer in experiment.get("profiles", {}).items():
            rows.append([f"profile {profile}", _mark(answer), answer["detail"]])
        for backend, answer in experiment.get("builds", {}).items():
            rows.append([f"on {backend}", _mark(answer), answer["detail"]])
        lines += table(rows, indent="    ")
    number = len(found["problems"])
    lines += ["", "all is well" if not number else f"does not work: {number}, see 'NO' above"]
    return lines


def _mark(answer: dict[str, Any]) -> str:
    return "yes" if answer["ok"] else "NO"
