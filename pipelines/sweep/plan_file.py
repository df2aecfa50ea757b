"""The plan of an experiment as the file ``results/<experiment>/plan.json``.

The workflow writes it once, before its first job, and each job reads it; so all jobs work on the
same plan, even if files are edited meanwhile, and none computes it again.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines import versions
from pipelines.atomic import write_bytes
from pipelines.errors import BadInput
from pipelines.experiment import load_experiment
from pipelines.hardware.variants import Variant
from pipelines.sweep.identity import changes, content_of, ingredients
from pipelines.sweep.model import Limits
from pipelines.sweep.profile import Sweep
from pipelines.sweep.record import Record
from pipelines.sweep.runs import Plan, Run
from pipelines.sweep.shards import Shard, shards

# Raised when the content changes in a way that older readers would misunderstand.
FORMAT = 1

_AGAIN = "the same command again"


def plan_path(results: Path | str, name: str) -> Path:
    """Path of the plan of an experiment."""
    return Path(results) / name / "plan.json"


def write_plan(plan: Plan, path: Path, figures: Mapping[str, Mapping[str, Any]]) -> bool:
    """Write a plan, atomically, unless the file has the same content.

    Parameters
    ----------
    plan
        The plan, with its shards, which follow from it.
    path
        As `plan_path` gives it.
    figures
        Options of each figure of the experiment, by name.

    Returns
    -------
    bool
        Whether it was written.
    """
    text = _text(_content(plan, figures)).encode()
    if path.is_file() and path.read_bytes() == text:
        return False
    write_bytes(path, text)
    return True


def read_content(path: Path) -> dict[str, Any]:
    """Content of a plan's file, as parsed JSON.

    Raises
    ------
    BadInput
        It is not there, cannot be read, or was written by another version of this library.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        known = content["format"] == FORMAT
    except FileNotFoundError:
        raise BadInput(str(path), "there is no such plan", _AGAIN) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(str(path), f"is no plan: {type(error).__name__}", _AGAIN) from error
    if not known:
        raise BadInput(str(path), f"has the format {content['format']}", f"{FORMAT}")
    return content


def read_plan(path: Path, root: Path | str | None = None) -> Plan:
    """Read a plan, and load its experiment.

    Parameters
    ----------
    path
        As `plan_path` gives it.
    root
        Folder that holds `experiments`; see `pipelines.experiment.project_root`.

    Raises
    ------
    BadInput
        The file cannot be used, or the experiment cannot be loaded.
    """
    content = read_content(path)
    name = content["experiment"]
    sweep = sweep_of(content)
    runs = tuple(
        Run(
            experiment=name,
            backend=one["backend"],
            parameters=sweep.points[one["point"]],
            seed=one["seed"],
            run_id=one["run_id"],
            point_id=one["point_id"],
            independent_draws=sweep.independent_draws,
            variant=sweep.hardware[one["variant"]],
        )
        for one in content["runs"]
    )
    return Plan(
        experiment=load_experiment(name, root),
        sweep=sweep,
        runs=runs,
        swept=tuple(content["swept"]),
        digest=content["digest"],
        identities=content["identities"],
        ingredients=content["ingredients"],
        contents=content["contents"],
    )


def sweep_of(content: Mapping[str, Any]) -> Sweep:
    """The sweep from the content that `read_content` returned."""
    given = dict(content["sweep"])
    given["record"] = Record.model_validate(given["record"])
    given["limits"] = Limits.model_validate(given["limits"])
    for key in ("backends", "seeds", "points"):
        given[key] = tuple(given[key])
    given["hardware"] = tuple(Variant(**one) for one in given["hardware"])
    return Sweep(**given)


def shard_of(plan: Plan, shard_id: str) -> Shard:
    """One shard of a plan.

    Raises
    ------
    BadInput
        The plan has no such shard: it is another one than that which asked for it.
    """
    for shard in shards(plan):
        if shard.shard_id == shard_id:
            return shard
    raise BadInput(
        f"experiments/{plan.experiment.name}",
        "its plan has changed since the workflow began",
        _AGAIN,
    )


def refuse_changes(plan: Plan, backend: str) -> None:
    """Refuse to carry out runs if code or libraries have changed since their run_ids were computed.

    Raises
    ------
    BadInput
        With what has changed.
    """
    before = plan.ingredients[backend]
    same_versions = before["versions"] == versions.of_backend(backend)
    if same_versions and plan.contents[backend] == content_of(plan.experiment, backend):
        return
    changed = changes(before, ingredients(plan.experiment, backend, plan.sweep.record))
    if changed:
        raise BadInput(
            f"experiments/{plan.experiment.name}",
            f"it, or what its runs depend on, has changed since the workflow began: "
            f"{', '.join(changed)}",
            _AGAIN,
        )


def _content(plan: Plan, figures: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    place = {id(point): index for index, point in enumerate(plan.sweep.points)}
    sweep = {field.name: getattr(plan.sweep, field.name) for field in dataclasses.fields(Sweep)}
    sweep |= {key: sweep[key].model_dump(mode="json") for key in ("record", "limits")}
    sweep["hardware"] = [dataclasses.asdict(variant) for variant in plan.sweep.hardware]
    chip = {id(variant): index for index, variant in enumerate(plan.sweep.hardware)}
    return {
        "format": FORMAT,
        "experiment": plan.experiment.name,
        "digest": plan.digest,
        "swept": plan.swept,
        "figures": figures,
        "identities": plan.identities,
        "ingredients": plan.ingredients,
        "contents": plan.contents,
        "shards": [
            {"shard_id": shard.shard_id, "backend": shard.backend, "n_runs": len(shard.runs)}
            for shard in shards(plan)
        ],
        "sweep": sweep,
        "runs": [
            {
                "run_id": run.run_id,
                "point_id": run.point_id,
                "backend": run.backend,
                "seed": run.seed,
                "point": place[id(run.parameters)],
                "variant": chip[id(run.variant)],
            }
            for run in plan.runs
        ],
    }


def _text(content: Mapping[str, Any]) -> str:
    """JSON with one line per key; faster than with `indent`, which does not use the C encoder."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"
