"""Entities of a research object crate that describe runs: parameters, values, tools, actions.

Terms are those of the profile Provenance Run Crate 0.5 (https://w3id.org/ro/wfrun/provenance/0.5):
a parameter is a `FormalParameter`, each value of it that a run had a `PropertyValue`, an experiment
on one backend a tool, and each run a `CreateAction` with the tool as its instrument.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from rocrate.model import ContextEntity, Entity
from rocrate.rocrate import ROCrate

from pipelines import __version__
from pipelines.experiment import Parameter
from pipelines.tables.schemas import DONE, RECORDED, UNFIT

COMPLETED, FAILED = (f"http://schema.org/{word}ActionStatus" for word in ("Completed", "Failed"))
# Text of a schema.org data type by the type of a parameter.
_DATA_TYPES = {float: "Float", int: "Integer", str: "Text", bool: "Boolean"}
_SEED = Parameter("seed", int, MISSING, None, "seed of random numbers")
# What the tool of a run depends on, as columns of `runs`.
_TOOL = ("backend", "versions", "git_commit", "git_clean")


def add(crate: ROCrate, identifier: str, kind: str, **properties: Any) -> Entity:
    """Add an entity that is no file to a crate, in the place of one with the same identifier.

    Properties that are None are left out.
    """
    known = {name: one_or_all(value) for name, value in properties.items() if value is not None}
    return crate.add(ContextEntity(crate, identifier, {"@type": kind, **known}))


def one_or_all(values: Any) -> Any:
    """The value of a property: crates have no lists of one."""
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def add_software(crate: ROCrate, name: str, version: str) -> Entity:
    """Add a distribution in one version."""
    identifier = f"#software/{quote(name)}/{quote(version)}"
    return add(crate, identifier, "SoftwareApplication", name=name, softwareVersion=version)


def add_value(crate: ROCrate, formal: Entity, value: Any, unit: str | None = None) -> Entity:
    """Add a value of a parameter."""
    return add(
        crate, f"{formal.id}={quote(str(value), safe='')}", "PropertyValue",
        name=formal["name"], value=_json(value), unitText=_unit(unit), exampleOfWork=formal,
    )  # fmt: skip


def add_parameter(crate: ROCrate, field: Parameter, group: str = "parameter") -> Entity:
    """Add the definition of a parameter; names are unique within a group."""
    return add(
        crate, f"#{group}/{field.name}", "FormalParameter",
        name=field.name,
        description=field.doc or None,
        additionalType=_DATA_TYPES[field.kind],
        unitText=_unit(field.unit),
        valueRequired=field.required,
        defaultValue=None if field.required else _json(field.default),
    )  # fmt: skip


def add_runs(
    crate: ROCrate,
    runs: Mapping[str, Sequence[Any]],
    parameters: Mapping[str, Parameter],
    tables: Mapping[str, Entity],
) -> tuple[list[Entity], list[Entity]]:
    """Add each run of an experiment as an action, with the values of its parameters.

    Parameters
    ----------
    crate
        The crate.
    runs
        Columns of the table `runs`.
    parameters
        Parameters of the experiment, by name.
    tables
        Entities of the tables in the crate, by name.

    Returns
    -------
    tools, actions
        One tool for each backend, in each set of versions; one action for each run, in order.
    """
    fields = {**parameters, _SEED.name: _SEED}
    formal = {name: add_parameter(crate, field) for name, field in fields.items()}
    values: dict[tuple[str, str], Entity] = {}
    tools: dict[tuple[Any, ...], Entity] = {}
    results = [tables[name] for name in ("runs", *RECORDED) if name in tables]
    actions = []
    for run in _rows(runs):
        key = tuple(run[name] for name in _TOOL)
        if key not in tools:
            tools[key] = _add_tool(crate, run, len(tools) + 1, list(formal.values()))
        inputs = []
        for name, field in fields.items():
            pair = (name, repr(run[name]))
            if pair not in values:
                values[pair] = add_value(crate, formal[name], run[name], field.unit)
            inputs.append(values[pair])
        done = run["status"] in (DONE, UNFIT)
        actions.append(
            add(
                crate, f"#run/{run['run_id']}", "CreateAction",
                name=f"run of {run['experiment']} on {run['backend']}, seed {run['seed']}",
                description=_circumstances(run),
                instrument=tools[key],
                object=inputs,
                # A run that failed is a row of `runs` and nothing else.
                result=results if done else results[:1],
                actionStatus=COMPLETED if done else FAILED,
                error=None if done else run["error"],
                **_times(run),
            )
        )  # fmt: skip
    return list(tools.values()), actions


def span(actions: Iterable[Entity]) -> dict[str, str]:
    """Start of the first action and end of the last one; empty where none has times."""
    timed = [action for action in actions if "startTime" in action]
    if not timed:
        return {}
    return {
        "startTime": min(str(action["startTime"]) for action in timed),
        "endTime": max(str(action["endTime"]) for action in timed),
    }


def _json(value: Any) -> Any:
    """A value as JSON has it: infinite numbers are texts."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _unit(unit: str | None) -> str | None:
    """The unit of a parameter; None for pure numbers and names."""
    return None if unit in ("", "1") else unit


def _rows(columns: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _add_tool(crate: ROCrate, run: Mapping[str, Any], number: int, formal: list[Entity]) -> Entity:
    """Add the experiment on the backend of a run, with all the software that it needs."""
    needed = {"Counterpoint": __version__, **json.loads(run["versions"])}
    commit = run["git_commit"] or None
    changed = " with changes" if commit and run["git_clean"] is False else ""
    return add(
        crate, f"#tool/{number}", "SoftwareApplication",
        name=f"{run['experiment']} on {run['backend']}",
        softwareVersion=commit and f"commit {commit}{changed}",
        softwareRequirements=[add_software(crate, *one) for one in sorted(needed.items())],
        input=formal,
    )  # fmt: skip


def _circumstances(run: Mapping[str, Any]) -> str:
    host = f", host: {run['host']}" if run["host"] else ""
    return f"processes: {run['mpi_processes']}, threads of each: {run['threads']}{host}"


def _times(run: Mapping[str, Any]) -> dict[str, str]:
    """Start and end of a run, unless an earlier version stored it without them."""
    if not run.get("started_utc") or run["wall_s"] is None:
        return {}
    start = datetime.fromisoformat(run["started_utc"])
    end = start + timedelta(seconds=run["wall_s"])
    return {
        "startTime": start.isoformat(timespec="milliseconds"),
        "endTime": end.isoformat(timespec="milliseconds"),
    }
