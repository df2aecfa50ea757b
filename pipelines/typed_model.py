"""Typed models of YAML files, with a one-line message for the first error."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from pipelines.errors import BadInput
from pipelines.yaml_file import read_yaml


class Model(BaseModel):
    """Base of all models: frozen, and with messages on unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            keys = ", ".join(cls.model_fields)
            raise PydanticCustomError("no_mapping", "{keys}", {"keys": f"keys: {keys}"})
        for key in data:
            if key not in cls.model_fields:
                among = list(cls.model_fields)
                context = {"what": "key", "key": key, "among": among}
                raise PydanticCustomError("unknown_name", "unknown", context)
        return data


M = TypeVar("M", bound=Model)


def refused(problem: str, allowed: str | None = None) -> PydanticCustomError:
    """The error of a validator that refuses a value, for the message of `read_model`."""
    return PydanticCustomError("refused", "refused", {"problem": problem, "allowed": allowed})


def read_model(model: type[M], path: Path, where: str) -> M:
    """Read a YAML file as a model.

    Parameters
    ----------
    model
        The model.
    path
        The file.
    where
        Its name in messages.

    Raises
    ------
    BadInput
        The first mistake: file, key, what is allowed.
    """
    data = read_yaml(path, where)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _bad_input(error, where) from error


# Accepted values, by pydantic's name of the error.
_ALLOWED = {
    "string_type": "text, quoted if need be",
    "string_too_short": "text",
    "bool_type": "true, false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping of names to values",
    "too_short": "at least one entry",
    "greater_than": "above {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
}


def _bad_input(error: ValidationError, where: str) -> BadInput:
    """The first error that pydantic found, as one line."""
    first = error.errors()[0]
    kind, context = first["type"], first.get("ctx", {})
    key = _key_path(first["loc"])
    place = f"{where}: {key}" if key else where
    if kind == "unknown_name":
        name = context["key"]
        return BadInput(
            place, f"unknown {context['what']} '{name}'", given=name, among=context["among"]
        )
    if kind == "missing":
        return BadInput(place, "the key is missing")
    if kind == "refused":
        return BadInput(place, context["problem"], context["allowed"])
    value = first["input"]
    shown = "empty" if value is None or value == {} or value == [] else repr(value)
    if len(shown) > 60:
        shown = f"{shown[:57]}..."
    problem = "is empty" if shown == "empty" else f"{shown} is not accepted"
    if kind == "union_tag_not_found":
        return BadInput(place, problem, "a list of whole numbers, or {first: 1, count: 10}")
    if kind == "no_mapping":
        return BadInput(place, problem, context["keys"])
    allowed = _ALLOWED.get(kind, first["msg"]).format(**context)
    return BadInput(place, problem, allowed)


def _key_path(location: tuple[int | str, ...]) -> str:
    """Location of a key as text, as in ``profiles.quick.seeds[2]``."""
    path = ""
    for part in location:
        # pydantic adds the form of a union and "[key]"; neither stands in the file.
        if isinstance(part, str) and part[:1] in "<[":
            continue
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")
