"""``counterpoint list``: the experiments, their parameters and the size of their sweeps."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from pipelines.cli.output import counted, table, with_unit, write_json, write_lines
from pipelines.errors import BadInput
from pipelines.experiment import Parameter, describe, find_experiments, load_experiment
from pipelines.hardware.variants import varying_columns
from pipelines.sweep.points import varying
from pipelines.sweep.profile import load_sweep, read_sweep

SUMMARY = "list the experiments, or show one with its parameters"
DESCRIPTION = "List the experiments with the size of their sweeps; with a name, show all of one."
EXAMPLE = "example: counterpoint list stdp_window"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments and options of the command."""
    parser.add_argument(
        "experiment", nargs="?", metavar="EXPERIMENT", help="show all of this experiment"
    )


def execute(options: argparse.Namespace) -> int:
    """List the experiments; errors of loading go to stderr, and the exit code is then 2."""
    if options.experiment is not None:
        details = describe_experiment(options.experiment)
        if options.json:
            write_json({"experiments": [details], "errors": []})
        else:
            write_lines(_detail_lines(details))
        return 0
    found, errors = [], []
    for name in find_experiments():
        try:
            found.append(describe_experiment(name))
        except BadInput as error:
            errors.append(str(error))
    if options.json:
        write_json({"experiments": found, "errors": errors})
    else:
        write_lines(_overview_lines(found))
    sys.stderr.writelines(f"{error}\n" for error in errors)
    return 2 if errors else 0


def describe_experiment(name: str) -> dict[str, Any]:
    """Describe an experiment: its parameters, and the size of the sweep of each profile.

    Raises
    ------
    BadInput
        If it cannot be loaded, or its sweep.yaml is invalid.
    """
    experiment = load_experiment(name)
    fields = describe(experiment.parameters)
    file = read_sweep(experiment)
    profiles = {}
    for profile in file.profiles:
        sweep = load_sweep(experiment, profile)
        points = len(sweep.points) * len(sweep.seeds)
        profiles[profile] = {
            "points": points,
            "runs": points * len(sweep.backends),
            "backends": list(sweep.backends),
            "seeds": len(sweep.seeds),
            "swept": [*varying(fields, sweep.points), *varying_columns(sweep.hardware)],
        }
    return {
        "name": name,
        "description": file.description,
        "folder": str(experiment.folder),
        "parameters": [_parameter_dict(field) for field in fields.values()],
        "profiles": profiles,
    }


def _parameter_dict(field: Parameter) -> dict[str, Any]:
    limits = {
        name: getattr(field, name)
        for name in ("minimum", "above", "maximum", "below", "choices")
        if getattr(field, name) is not None
    }
    return {
        "name": field.name,
        "type": field.kind.__name__,
        "unit": field.unit,
        "default": None if field.required else field.default,
        "doc": field.doc,
        **limits,
    }


def _overview_lines(found: list[dict[str, Any]]) -> list[str]:
    lines = []
    for details in found:
        lines.append(f"{details['name']}: {details['description']}")
        lines.append(f"    parameters: {', '.join(p['name'] for p in details['parameters'])}")
        lines.extend(_profile_lines(details["profiles"]))
    return lines or ["There are no experiments yet; make one with: counterpoint new NAME"]


def _detail_lines(details: dict[str, Any]) -> list[str]:
    rows = [
        [p["name"], with_unit(p["default"], p["unit"]), _limits_text(p), p["doc"]]
        for p in details["parameters"]
    ]
    heading = ["parameter", "default", "allowed", "what it is"]
    return [
        f"{details['name']}: {details['description']}",
        *_profile_lines(details["profiles"]),
        "",
        *table([heading, *rows], indent="    "),
    ]


def _profile_lines(profiles: dict[str, dict[str, Any]]) -> list[str]:
    lines = []
    for name, size in profiles.items():
        swept = ", ".join(size["swept"]) or "nothing"
        numbers = f"{counted(size['points'], 'point')}, {counted(size['runs'], 'run')}"
        backends = ", ".join(size["backends"])
        lines.append(f"    {name}: {numbers} ({backends}); swept: {swept}")
    return lines


def _limits_text(parameter: dict[str, Any]) -> str:
    if "choices" in parameter:
        return ", ".join(str(choice) for choice in parameter["choices"])
    signs = {"minimum": ">=", "above": ">", "maximum": "<=", "below": "<"}
    return ", ".join(
        f"{sign} {parameter[name]:g}" for name, sign in signs.items() if name in parameter
    )
