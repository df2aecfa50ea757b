"""Numbers of hardware profiles: each with the source it comes from, and how certain it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictInt

from pipelines.typed_model import Model, refused

Text = Annotated[str, Field(strict=True, min_length=1)]


class Source(Model):
    """Where a number comes from: a publication, or a file of a program."""

    title: Text
    authors: Text
    year: StrictInt
    published: Text
    doi: str = ""


class Number(Model):
    """A number of a profile.

    Attributes
    ----------
    value
        The number, in the unit of its key.
    source
        Key of one of the profile's `sources`.
    certainty
        `verified`: read in the source; `secondary`: read in another one that cites it;
        `unverified`: from memory.
    note
        What has to be said about it.
    """

    value: Annotated[float, Field(strict=True, allow_inf_nan=False)]
    source: Text
    certainty: Literal["verified", "secondary", "unverified"]
    note: str = ""


def _value(allowed: str, accepts: Callable[[float], bool]) -> AfterValidator:
    """Validator of numbers that accepts some values."""

    def check(number: Number) -> Number:
        if not accepts(number.value):
            raise refused(f"{number.value:g} is not accepted", allowed)
        return number

    return AfterValidator(check)


def _is_whole(value: float) -> bool:
    return value == int(value) and value >= 1


Count = Annotated[Number, _value("a whole number of 1 and above", _is_whole)]
Bits = Annotated[
    Number, _value("a whole number of 1 to 32", lambda value: _is_whole(value) and value <= 32)
]
Share = Annotated[Number, _value("a share of 0 to 1", lambda value: 0 <= value <= 1)]
Positive = Annotated[Number, _value("a number above 0", lambda value: value > 0)]
NotNegative = Annotated[Number, _value("a number of 0 and above", lambda value: value >= 0)]


def numbers(model: Any, place: str = "") -> Iterator[tuple[str, Number]]:
    """All numbers of a profile or a part of it, each with its key as ``capacity.neurons``."""
    if isinstance(model, Number):
        yield place, model
        return
    parts: dict[str, Any] = model if isinstance(model, dict) else {}
    if isinstance(model, Model):
        parts = {name: getattr(model, name) for name in type(model).model_fields}
    for name, part in parts.items():
        yield from numbers(part, f"{place}.{name}".removeprefix("."))
