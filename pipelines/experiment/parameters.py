"""Parameters of an experiment, declared with unit and limits, and checks of their values."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_type_hints

from pipelines.errors import BadInput, CounterpointError
from pipelines.experiment import units
from pipelines.experiment.run_columns import RESERVED_COLUMNS

if TYPE_CHECKING:
    from pipelines.experiment.definition import Experiment

Value = float | int | str | bool

# Read by the worker, not by `build`; all are times in ms.
RESERVED = ("duration", "timestep", "min_delay", "max_delay")

DEFAULT_TIMESTEP = 0.1
"""Time step (ms) of experiments whose parameters have none."""

_KINDS = {"float": float, "int": int, "str": str, "bool": bool}
_NUMBER = re.compile(
    r"\s*(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:inf|nan))(?P<unit>.*)",
    re.IGNORECASE | re.DOTALL,
)
_INT64 = 2**63


@dataclass(frozen=True)
class Parameter:
    """One field of an experiment's `Parameters`: type, default, unit and limits.

    `kind` is float, int, str or bool. `unit` is "1" for pure numbers, "" for names, and None when
    the field does not say.
    """

    name: str
    kind: type
    default: Any
    unit: str | None = None
    doc: str = ""
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    below: float | None = None
    choices: tuple[Value, ...] | None = None

    @property
    def required(self) -> bool:
        """Whether a value must be given because there is no default."""
        return self.default is dataclasses.MISSING


def parameter(
    default: Value,
    unit: str,
    doc: str,
    *,
    minimum: float | None = None,
    above: float | None = None,
    maximum: float | None = None,
    below: float | None = None,
    choices: Sequence[Value] | None = None,
) -> Any:
    """Declare a field of an experiment's `Parameters`.

    Parameters
    ----------
    default
        Value where a sweep gives none.
    unit
        PyNN's unit of the quantity ("mV", "nA", "ms", ...), "1" for a number, "" for a name.
    doc
        What it is, in a few words.
    minimum, above
        Least value allowed, or the value it must exceed.
    maximum, below
        Greatest value allowed, or the value it must stay below.
    choices
        The only values allowed.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Parameters:
    ...     tau_m: float = parameter(20.0, "ms", "membrane time constant", above=0)
    >>> Parameters().tau_m
    20.0
    """
    metadata = {
        "unit": unit,
        "doc": doc,
        "minimum": minimum,
        "above": above,
        "maximum": maximum,
        "below": below,
        "choices": None if choices is None else tuple(choices),
    }
    return dataclasses.field(default=default, metadata=metadata)


def describe(parameters: type, where: str = "Parameters") -> dict[str, Parameter]:
    """Fields of a `Parameters` class by name, in the order of their declaration.

    Raises
    ------
    BadInput
        A field has a type other than float, int, str or bool, a default outside its own limits,
        the name of a column of runs.parquet, or a reserved name with a unit other than ms.
    """
    try:
        hints = get_type_hints(parameters)
    except NameError as error:
        raise BadInput(where, f"a type cannot be resolved: {error}") from error
    described = {}
    for field in dataclasses.fields(parameters):
        if field.name in RESERVED_COLUMNS:
            raise BadInput(
                f"{where}.{field.name}", "is the name of a column of runs.parquet", "another name"
            )
        kind = hints[field.name]
        if kind not in _KINDS.values():
            shown = getattr(kind, "__name__", str(kind))
            raise BadInput(
                f"{where}.{field.name}", f"type {shown} cannot be swept", allowed=", ".join(_KINDS)
            )
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        known = {f.name for f in dataclasses.fields(Parameter)}
        limits = {key: value for key, value in field.metadata.items() if key in known}
        info = Parameter(field.name, kind, default, **limits)
        if info.name in RESERVED and kind is not str:
            if info.unit not in (None, "ms"):
                raise BadInput(f"{where}.{info.name}", f"unit '{info.unit}'", allowed="ms")
            if info.above is None and info.minimum is None:
                info = dataclasses.replace(info, above=0)
        if not info.required:
            # A number written as 1 in a float field is 1.0 from here on.
            checked = check_value(info, default, f"{where}.{info.name}")
            info = dataclasses.replace(info, default=checked)
        described[info.name] = info
    return described


def check_parameters(experiment: Experiment, values: Mapping[str, Any], where: str) -> Any:
    """Make an experiment's `Parameters` from `values`, with defaults for missing ones.

    Parameters
    ----------
    experiment
        As `load_experiment` gives it.
    values
        By name; numbers, or text with a unit ("0.5 nA", "500 pA").
    where
        Place to name in an error.

    Returns
    -------
    Parameters
        Instance with every value of its field's own type, so that 1, 1.0, "1 nA" and NumPy's
        numbers are one value.

    Raises
    ------
    BadInput
        Unknown name (with the nearest one), wrong type, unit or sign, a value outside the limits,
        or what the class's own ``__post_init__`` refuses.
    """
    fields = describe(experiment.parameters, f"{where}: Parameters")
    for name in values:
        check_name(fields, name, where)
    checked = {
        name: check_value(fields[name], value, f"{where}.{name}") for name, value in values.items()
    }
    return make_parameters(experiment.parameters, fields, checked, where)


def make_parameters(
    parameters: type, fields: Mapping[str, Parameter], checked: Mapping[str, Value], where: str
) -> Any:
    """Instance of `parameters` from values that `check_value` returned."""
    complete = {name: checked.get(name, field.default) for name, field in fields.items()}
    for name, value in complete.items():
        if value is dataclasses.MISSING:
            raise BadInput(where, f"parameter '{name}' has no default and is not given")
    try:
        return parameters(**complete)
    except CounterpointError as error:
        raise BadInput(where, str(error)) from error
    except (ValueError, TypeError) as error:
        raise BadInput(where, f"refused by the experiment: {error}") from error


def check_name(fields: Mapping[str, Parameter], name: Any, where: str) -> None:
    """Refuse an unknown parameter name, and suggest the nearest one."""
    if name not in fields:
        raise BadInput(where, f"unknown parameter '{name}'", given=name, among=fields)


def check_value(field: Parameter, value: Any, where: str) -> Value:
    """Convert `value` to the type of `field`, or raise a one-line error.

    Raises
    ------
    BadInput
        Wrong type or unit, not finite, or outside the field's limits.
    """
    # NumPy's scalars know their Python value; asking for it needs no import of NumPy.
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        value = value.item()
    if field.kind is bool:
        if not isinstance(value, bool):
            raise BadInput(where, f"{_shown(value)} is no truth value", allowed="true, false")
        checked: Value = value
    elif field.kind is str:
        if not isinstance(value, str):
            raise BadInput(where, f"{_shown(value)} is no text", allowed="text, quoted if need be")
        checked = value
    else:
        checked = _number(field, value, where)
    _check_limits(field, checked, where)
    return checked


def _number(field: Parameter, value: Any, where: str) -> float | int:
    unit = f" in {field.unit}" if field.unit not in (None, "", "1") else ""
    wanted = ("a number" if field.kind is float else "a whole number") + unit
    if isinstance(value, str):
        value = _parse_number(field, value, wanted, where)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(where, f"{_shown(value)} is no number", allowed=wanted)
    if isinstance(value, float) and not math.isfinite(value):
        raise BadInput(where, f"{value} is not finite", allowed=wanted)
    if field.kind is int:
        if isinstance(value, float) and not value.is_integer():
            raise BadInput(where, f"{value} is no whole number", allowed=wanted)
        if not -_INT64 <= value < _INT64:
            raise BadInput(where, f"{_shown(value)} is too large", allowed="64-bit whole numbers")
        return int(value)
    try:
        # Adding zero turns -0.0 into 0.0, so that both are one value.
        return float(value) + 0.0
    except OverflowError:
        raise BadInput(where, f"{_shown(value)} is too large", allowed=wanted) from None


def _parse_number(field: Parameter, text: str, wanted: str, where: str) -> float | int:
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise BadInput(where, f"{_shown(text)} is no number", allowed=wanted)
    unit, own = units.plain(match["unit"]), units.plain(field.unit or "")
    digits = match["number"]
    if unit and unit != own:
        found = None
        if own not in ("", "1") and math.isfinite(float(digits)):
            found = units.converted(digits, unit, own)
        if found is None:
            allowed = "a number without a unit" if own in ("", "1") else own
            raise BadInput(where, f"unit '{unit}' in {_shown(text)}", allowed=allowed)
        return int(found) if found == found.to_integral_value() else float(found)
    return int(digits) if re.fullmatch(r"[-+]?\d{1,300}", digits) else float(digits)


def _check_limits(field: Parameter, value: Value, where: str) -> None:
    if field.choices is not None and value not in field.choices:
        names = [str(choice) for choice in field.choices]
        raise BadInput(where, f"{_shown(value)} is no choice", given=value, among=names)
    if isinstance(value, str):
        return
    limits = (
        (field.minimum, "at least", lambda limit: value >= limit),
        (field.above, "above", lambda limit: value > limit),
        (field.maximum, "at most", lambda limit: value <= limit),
        (field.below, "below", lambda limit: value < limit),
    )
    if all(limit is None or holds(limit) for limit, _, holds in limits):
        return
    unit = "" if field.unit in (None, "", "1") else f" {field.unit}"
    allowed = " and ".join(f"{word} {limit:g}{unit}" for limit, word, _ in limits
                           if limit is not None)  # fmt: skip
    raise BadInput(where, f"{value}{unit} is outside the limits", allowed=allowed)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
