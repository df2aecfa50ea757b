"""Research object crate of an experiment's results: their content and provenance.

A crate is one JSON-LD file beside the data that other programs read: the tables with their
checksums, the workflow and the experiment that made them, and every run with its parameters,
software, times and outcome. It follows RO-Crate 1.1 and the profile Provenance Run Crate 0.5, which
extends Workflow Run Crate (https://w3id.org/ro/wfrun/provenance/0.5).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rocrate.model import ComputationalWorkflow, Entity
from rocrate.rocrate import ROCrate

from pipelines import __version__
from pipelines.experiment import Experiment, Parameter, describe
from pipelines.source_code import files_in
from pipelines.tables.crate_sources import SNAKEFILE, SOURCE
from pipelines.tables.files import read_arrow
from pipelines.tables.run_actions import (
    COMPLETED,
    add,
    add_parameter,
    add_runs,
    add_software,
    add_value,
    one_or_all,
    span,
)
from pipelines.tables.schemas import DONE, RECORDED
from pipelines.versions import installed

FILE_NAME = "ro-crate-metadata.json"

_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
_PARQUET = "application/vnd.apache.parquet"
_MEDIA_TYPES = {
    ".py": "text/x-python", ".yaml": "application/yaml", ".md": "text/markdown",
    ".smk": "text/plain", ".csv": "text/csv",
}  # fmt: skip
# Steps after the runs: what each does, which tables it reads and which it writes.
_STEPS = {
    "compare": (
        "metrics of each run, and whether the backends agree",
        ("runs", *RECORDED),
        ("metrics", "comparisons", "verdicts"),
    ),
    "expect": (
        "whether the results show what the experiment expects",
        ("runs", *RECORDED, "metrics", "verdicts"),
        ("expectations",),
    ),
    "hardware": (
        "whether the network works under constraints of hardware",
        ("runs", *RECORDED, "metrics", "verdicts", "mapping"),
        ("hardware", "hardware_verdicts"),
    ),
}


def describe_results(
    folder: Path | str,
    tables: Iterable[str],
    experiment: Experiment,
    about: Mapping[str, Any],
    published: date | None = None,
) -> ROCrate:
    """Describe an experiment's results as a crate.

    Parameters
    ----------
    folder
        ``results/<experiment>``, with the files of `crate_sources.copy_sources`.
    tables
        Names of its tables; ``runs`` among them.
    experiment
        The experiment.
    about
        ``description`` and ``profile`` of its sweep.
    published
        Date of publication; today by default.
    """
    folder = Path(folder)
    crate = ROCrate(version="1.1")
    # RO-Crate 1.1 has no term for it, later versions have this one.
    crate.metadata.extra_terms = {"sha256": "http://schema.org/sha256"}
    root = crate.root_dataset
    root["name"] = f"{experiment.name}, profile {about['profile']}"
    root["description"] = about["description"] or experiment.name
    root["datePublished"] = (published or datetime.now(UTC).date()).isoformat()
    root["license"] = "No licence is stated; ask those who made these results."
    root["conformsTo"] = [
        add(crate, permalink, "CreativeWork", name=name, version=version)
        for permalink, (name, version) in _PROFILES.items()
    ]
    written = {name: _add_table(crate, folder, name) for name in tables}
    workflow = _add_sources(crate, folder)
    # Without pandas, whose import takes longer than all of this (`pq.read_table` imports it).
    runs = read_arrow(folder, "runs").to_pydict()
    tools, actions = add_runs(crate, runs, describe(experiment.parameters), written)
    steps = [_add_step(crate, "simulate", "runs of the sweep", 1, tools, actions)]
    program = add_software(crate, "Counterpoint", __version__)
    for name, (what, read, made) in _STEPS.items():
        if not set(made) <= set(written):
            continue
        action = add(
            crate, f"#action/{name}", "CreateAction",
            name=what, description=f"rule {name} of the workflow", instrument=program,
            object=[written[table] for table in read if table in written],
            result=[written[table] for table in made],
            actionStatus=COMPLETED,
        )  # fmt: skip
        actions.append(action)
        steps.append(_add_step(crate, name, what, len(steps) + 1, [program], [action]))
    used = {tool.id: tool for action in actions for tool in [action["instrument"]]}
    workflow["hasPart"] = one_or_all(list(used.values()))
    workflow["step"] = one_or_all([step for step, _ in steps])
    execution = _add_execution(crate, workflow, runs, about["profile"], actions, written)
    engine = add(
        crate, "#execution/snakemake", "OrganizeAction",
        name="execution of Snakemake",
        instrument=add_software(crate, "snakemake", installed("snakemake")),
        object=[control for _, control in steps],
        result=execution,
    )  # fmt: skip
    root["mentions"] = [engine, execution, *actions]
    return crate


def write_crate(path: Path, crate: ROCrate) -> None:
    """Write a crate, one entity a line, whole or not at all."""
    from pipelines.atomic import write_bytes

    content = crate.metadata.generate()
    context, graph = (
        json.dumps(content["@context"], ensure_ascii=False),
        ",\n".join(json.dumps(entity, ensure_ascii=False) for entity in content["@graph"]),
    )
    write_bytes(path, f'{{"@context": {context}, "@graph": [\n{graph}\n]}}\n'.encode())


def _add_table(crate: ROCrate, folder: Path, name: str) -> Entity:
    path = folder / f"{name}.parquet"
    pieces = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    rows = sum(pq.read_metadata(piece).num_rows for piece in pieces)
    about = {
        "name": path.name,
        "description": f"table {name}, {rows} rows",
        "encodingFormat": _PARQUET,
        **_size_and_digest(pieces),
    }
    add_part = crate.add_dataset if path.is_dir() else crate.add_file
    return add_part(path, path.name, properties=about)


def _add_sources(crate: ROCrate, folder: Path) -> Entity:
    """Add the copied files, and return the Snakefile, the main entity of the crate."""
    workflow = crate.add_workflow(
        folder / SNAKEFILE, SNAKEFILE, main=True, lang="snakemake", cls=_Workflow,
        properties={
            "name": "Counterpoint",
            "description": "One PyNN experiment on several simulators, over a parameter space",
            "version": __version__,
            "license": "GPL-3.0-or-later",
            "encodingFormat": "text/plain",
            **_size_and_digest([folder / SNAKEFILE]),
        },
    )  # fmt: skip
    # Without the hidden file that Snakemake puts into a folder that it made.
    for path in files_in(folder / SOURCE):
        name = path.relative_to(folder).as_posix()
        if name != SNAKEFILE:
            kind = _MEDIA_TYPES.get(path.suffix, "application/octet-stream")
            about = {"name": path.name, "encodingFormat": kind, **_size_and_digest([path])}
            crate.add_file(path, name, properties=about)
    return workflow


class _Workflow(ComputationalWorkflow):
    """A workflow whose steps are described, which makes it a `HowTo`."""

    TYPES = (*ComputationalWorkflow.TYPES, "HowTo")


def _size_and_digest(pieces: Iterable[Path]) -> dict[str, Any]:
    """Size in bytes of files taken together, and their SHA-256 one after the other."""
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        with piece.open("rb") as content:
            while block := content.read(1 << 20):
                digest.update(block)
                size += len(block)
    return {"contentSize": str(size), "sha256": digest.hexdigest()}


def _add_step(
    crate: ROCrate, name: str, what: str, position: int, tools: list[Entity], actions: list[Entity]
) -> tuple[Entity, Entity]:
    """Add a step of the workflow, and its execution."""
    step = add(
        crate, f"#step/{name}", "HowToStep",
        name=name, description=what, position=position, workExample=tools,
    )  # fmt: skip
    control = add(
        crate, f"#control/{name}", "ControlAction",
        name=f"execution of step {name}", instrument=step, object=actions,
        actionStatus=COMPLETED,
    )  # fmt: skip
    return step, control


def _add_execution(
    crate: ROCrate,
    workflow: Entity,
    runs: Mapping[str, list[Any]],
    profile: str,
    actions: list[Entity],
    written: Mapping[str, Entity],
) -> Entity:
    """Add the execution of the workflow. It completes, whichever of its runs failed."""
    setting = Parameter("profile", str, "quick", "", "size of the sweep, as sweep.yaml defines it")
    formal = add_parameter(crate, setting, "setting")
    workflow["input"] = formal
    done = sum(status == DONE for status in runs["status"])
    return add(
        crate, "#execution/workflow", "CreateAction",
        name="execution of the workflow",
        description=f"{done} of {len(runs['status'])} runs done; from the start of the first run "
        "to the end of the last",
        instrument=workflow,
        object=[add_value(crate, formal, profile)],
        result=list(written.values()),
        actionStatus=COMPLETED,
        **span(actions),
    )  # fmt: skip
