"""Kinds of values that several sections of a sweep.yaml have."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from pipelines.errors import BadInput
from pipelines.experiment.parameters import Parameter, check_value
from pipelines.typed_model import refused


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
            raise refused(error.problem, error.allowed) from error

    return BeforeValidator(check)


Name = Annotated[str, Field(strict=True, min_length=1)]
Interval = Annotated[float | None, quantity("ms")]
