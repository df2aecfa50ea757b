"""The settings of the workflow, checked against their schema."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from pipelines.errors import BadInput


def checked_settings(given: Mapping[str, Any], schema_file: Path) -> dict[str, Any]:
    """Settings from ``--config``, checked, with defaults for missing ones.

    Parameters
    ----------
    given
        Values by name.
    schema_file
        ``workflow/schemas/config.schema.yaml``.

    Raises
    ------
    BadInput
        An unknown name (with the nearest one), or a value that the schema does not allow.
    """
    schema = yaml.safe_load(schema_file.read_text())
    known = schema["properties"]
    for key in given:
        if key not in known:
            raise BadInput("--config", f"there is no '{key}'", given=key, among=known)
    settings = dict(given)
    if isinstance(settings.get("experiments"), str):
        settings["experiments"] = [settings["experiments"]]
    for key, entry in known.items():
        # Snakemake takes the capitalised words alone for what they mean.
        if entry["type"] == "boolean" and str(settings.get(key)).lower() in ("true", "false"):
            settings[key] = str(settings[key]).lower() == "true"
    for error in jsonschema.Draft202012Validator(schema).iter_errors(settings):
        key = str(error.absolute_path[0])
        raise BadInput(f"--config {key}", error.message, known[key]["description"])
    return {key: settings.get(key, entry["default"]) for key, entry in known.items()}


def refuse_unusable_folder(where: str, folder: Path | str) -> None:
    """Refuse a folder of results that cannot be made or written to.

    Parameters
    ----------
    where
        The setting or option, for the message.
    folder
        The folder, which need not exist.

    Raises
    ------
    BadInput
        If it, or what it would lie in, is a file or takes no new files.
    """
    place = Path(folder).absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise BadInput(where, f"{place} is a file", "a folder")
    if not os.access(place, os.W_OK | os.X_OK):
        raise BadInput(where, f"{place} cannot be written to", "a folder that can")
