"""Options of figures in sweep.yaml, checked against the signature of `draw` before any run.

A figure declares its options as keyword arguments of `draw`. Their annotations give the types; an
annotation such as `PopulationName` also gives the kind of name that the option takes.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError

from pipelines.errors import BadInput
from pipelines.experiment import Experiment, describe
from pipelines.figures.look import Width
from pipelines.hardware.variants import AXES
from pipelines.metrics.known import known_metrics


@dataclass(frozen=True)
class NameOf:
    """Annotation of an option whose value is a name of a given kind."""

    kind: str


ParameterName = Annotated[str, NameOf("parameter")]
MetricName = Annotated[str, NameOf("metric")]
ComparedMetricName = Annotated[str, NameOf("compared metric")]
PopulationName = Annotated[str, NameOf("population")]
ProjectionName = Annotated[str, NameOf("projection")]
SignalPopulationName = Annotated[str, NameOf("population with signals")]
SignalName = Annotated[str, NameOf("signal")]
SourceName = Annotated[str, NameOf("population or projection")]

COMMON: Mapping[str, tuple[Any, str]] = {
    "width": (Width, "column, page or a number of mm from 40 to 500"),
    "letters": (bool, "true, false"),
}
"""Options of every figure, with type and what is allowed; `draw` does not get them.

`width`: ``column`` (85 mm), ``page`` (180 mm, the default) or a number in mm; `letters`: whether
the panels get the letters A, B, C ... (the default). A figure whose own `draw` has an option of
that name gets it, as any other.
"""


def split_options(
    module: ModuleType, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options for the `draw` of a figure, and those in `COMMON`."""
    declared = inspect.signature(module.draw).parameters
    common = {k: v for k, v in options.items() if k in COMMON and k not in declared}
    return {k: v for k, v in options.items() if k not in common}, common


def known_names(experiment: Experiment, record: Any) -> dict[str, list[str]]:
    """Names that an option can take: parameters, metrics, recorded populations and projections.

    Parameters
    ----------
    experiment
        The experiment.
    record
        Section `record` of its sweep.

    Returns
    -------
    dict
        Names by kind, as in `NameOf.kind`.
    """
    populations = [name for name, wanted in record.populations.items() if wanted.spikes]
    projections = list(record.readings)
    signals = {name: one.signals for name, one in record.populations.items() if one.signals}
    return {
        "parameter": [*describe(experiment.parameters), *AXES],
        "metric": list(known_metrics(experiment).summarised),
        "compared metric": list(known_metrics(experiment).compared),
        "population": populations,
        "projection": projections,
        "population with signals": list(signals),
        "signal": sorted({variable for of_one in signals.values() for variable in of_one}),
        "population or projection": [*populations, *projections],
    }


def check_options(
    module: ModuleType,
    options: Mapping[str, Any],
    where: str,
    known: Mapping[str, Collection[str]] | None = None,
    duration_ms: float | None = None,
) -> None:
    """Check the names, types and completeness of a figure's options.

    An option whose name ends in ``window`` is the first and the last time (ms) that are shown.

    Parameters
    ----------
    module
        Module of the figure.
    options
        Options of the figure in sweep.yaml.
    where
        Location of the options, for error messages.
    known
        Names by kind, from `known_names`; without it, names are not checked.
    duration_ms
        Simulated time of the longest run; None if it is not known.

    Raises
    ------
    BadInput
        If an option is unknown, missing or has a value that is not allowed; the message names
        the option, what is allowed and the nearest valid name.
    """
    options, common = split_options(module, options)
    for option, value in common.items():
        kind, allowed = COMMON[option]
        _check_value(value, kind, f"{where}.{option}", None, allowed)
    parameters = list(inspect.signature(module.draw).parameters.values())[2:]
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return
    declared = [p.name for p in parameters]
    for option in options:
        if option not in declared:
            raise BadInput(where, f"no option '{option}'", given=option, among=[*declared, *COMMON])
    types = _types(module)
    swept: dict[str, str] = {}
    for parameter in parameters:
        name, kind = parameter.name, types.get(parameter.name)
        if name not in options:
            if parameter.default is parameter.empty:
                raise BadInput(where, f"needs the option '{name}'")
            continue
        value = options[name]
        if kind is not None:
            _check_value(value, kind, f"{where}.{name}", known)
        if name.endswith("window"):
            _check_window(value, f"{where}.{name}", duration_ms)
        if any(mark.kind == "parameter" for mark in _name_kinds(kind)):
            if value in swept:
                raise BadInput(
                    f"{where}.{name}", f"'{value}' is already '{swept[value]}'", "another"
                )
            swept[value] = name


def _types(module: ModuleType) -> dict[str, Any]:
    """Annotations of `draw`; empty if one of them cannot be resolved at run time."""
    try:
        return get_type_hints(module.draw, include_extras=True)
    except (NameError, TypeError):
        return {}


def _check_value(
    value: Any,
    kind: Any,
    where: str,
    known: Mapping[str, Collection[str]] | None,
    allowed: str | None = None,
) -> None:
    try:
        adapter = TypeAdapter(kind, config=ConfigDict(strict=True))
    except (PydanticUserError, PydanticSchemaGenerationError):
        # An experiment's own figure may use a type that pydantic cannot validate.
        return
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(where, f"{value!r} is not accepted", allowed or first["msg"]) from error
    if known is None:
        return
    names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    for mark in _name_kinds(kind):
        among = known[mark.kind]
        for name in names:
            if name not in among:
                none = None if among else f"none: no {mark.kind} is recorded"
                raise BadInput(
                    where, f"there is no {mark.kind} '{name}'", none, given=name, among=among
                )


def _check_window(value: Any, where: str, duration_ms: float | None) -> None:
    """Refuse a window of time in which nothing can be shown."""
    allowed = "[first, last] in ms, with 0 <= first < last"
    if value is None or isinstance(value, str):
        return
    numbers = [one for one in value if isinstance(one, int | float)] if _is_pair(value) else []
    if len(numbers) != 2 or not 0 <= numbers[0] < numbers[1]:
        raise BadInput(where, f"{value!r} is no window of time", allowed)
    if duration_ms is not None and numbers[0] >= duration_ms:
        raise BadInput(
            where, f"{value!r} begins after the end of every run", f"below {duration_ms:g} ms"
        )


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2


def _name_kinds(kind: Any) -> Iterable[NameOf]:
    """`NameOf` in an annotation, also nested ones as in ``PopulationName | None``."""
    for part in get_args(kind):
        if isinstance(part, NameOf):
            yield part
        else:
            yield from _name_kinds(part)
