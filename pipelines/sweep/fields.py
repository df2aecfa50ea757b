"""Kinds of values that several sections of a sweep.yaml have, and the base of their models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pipelines.errors import BadInput
from pipelines.experiment.parameters import Parameter, check_value


def quantity(unit: str, minimum: float | None = None) -> BeforeValidator:
    """A number from `minimum` on, or above 0, given alone or as text with its unit; or None."""
    above = 0 if minimum is None else None
    of = Parameter("", float, None, unit, minimum=minimum, above=above)

    def check(given: Any) -> Any:
        if given is None:
            return None
        try:
            return check_value(of, given, "")
        except BadInput as error:
            context = {"problem": error.problem, "allowed": error.allowed}
            raise PydanticCustomError("refused", "refused", context) from error

    return BeforeValidator(check)


Name = Annotated[str, Field(strict=True, min_length=1)]
Interval = Annotated[float | None, quantity("ms")]


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
