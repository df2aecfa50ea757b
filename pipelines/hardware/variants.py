"""Variants of hardware that a sweep runs: which profile, with which of its constraints in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.errors import BadInput
from pipelines.experiment.parameters import Parameter
from pipelines.hardware.profile_files import load_profile
from pipelines.hardware.profile_model import IDEAL, SPREADS, HardwareProfile
from pipelines.hardware.sourced_numbers import Number
from pipelines.typed_model import Model

# Profile of a chip without constraints of its own, to which strengths of a sweep are applied.
GENERIC = "generic"
ALL, ONLY, WITHOUT = "all", "only", "without"
# How a chip of `GENERIC` rounds plastic weights: often enough for learning to be of this precision,
# and without a bias that would stop small changes.
_WEIGHT_LEVELS = {"plastic": "at_times", "interval_ms": 100.0, "rounding": "stochastic"}

# The columns of `runs` that tell variants apart, described as parameters of an experiment are.
AXES: dict[str, Parameter] = {
    "hardware": Parameter("hardware", str, IDEAL, "", "hardware profile"),
    "constraints": Parameter("constraints", str, "", "", "constraints in force"),
    "weight_bits": Parameter("weight_bits", int, 0, "1", "bits of a weight"),
    "mismatch": Parameter("mismatch", float, 0.0, "1", "relative spread of parameters"),
}


@dataclass(frozen=True)
class Variant:
    """A hardware profile with some of its constraints in force; without any, the ideal network.

    Attributes
    ----------
    hardware
        Name of the profile.
    constraints
        `all`, or in an ablation `only X` or `without X`; empty for the ideal network.
    weight_bits, mismatch
        Strengths that the sweep sets; None for those of the profile.
    number
        Number of the individual chip, from which fixed patterns are drawn.
    active
        Constraints in force by name, as plain numbers and names.
    """

    hardware: str = IDEAL
    constraints: str = ""
    weight_bits: int | None = None
    mismatch: float | None = None
    number: int = 1
    active: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_ideal(self) -> bool:
        """Whether the network is as the experiment asks for it."""
        return self.hardware == IDEAL

    @property
    def columns(self) -> dict[str, Any]:
        """Values of the columns `AXES` of `runs`."""
        return {name: getattr(self, name) for name in AXES}


IDEAL_NETWORK = Variant()


def variants(
    names: Sequence[str],
    ablation: bool = False,
    weight_bits: Sequence[int] = (),
    mismatch: Sequence[float] = (),
    experiment_folder: Path | None = None,
    where: str = "hardware",
) -> tuple[Variant, ...]:
    """Variants of a profile of a sweep, of which the first is the ideal network.

    Parameters
    ----------
    names
        Hardware profiles; `none` is always there. A profile without a constraint is the same as
        `none`, unless a strength gives it one.
    ablation
        Whether each constraint is tried alone, and all but each.
    weight_bits, mismatch
        Strengths, each of which is tried with each profile; of `generic` without `names`.
    experiment_folder
        Folder of the experiment, which may have profiles of its own.
    where
        Place to name in an error.

    Raises
    ------
    BadInput
        A profile is not there, named twice, or not valid.
    """
    if len(set(names)) < len(names):
        raise BadInput(where, "a hardware profile is there twice", "each once")
    for what, given in (("weight_bits", weight_bits), ("mismatch", mismatch)):
        if len(set(given)) < len(given):
            raise BadInput(where, f"a value of {what} is there twice", "each once")
    wanted = [name for name in names if name != IDEAL]
    if (weight_bits or mismatch) and not wanted:
        wanted = [GENERIC]
    found = [IDEAL_NETWORK]
    for name in wanted:
        profile = load_profile(name, experiment_folder)
        for bits in weight_bits or (None,):
            for cv in mismatch or (None,):
                active = active_constraints(profile, bits, cv)
                # A strength of 0 is a point of its axis, though it changes nothing.
                if active or bits is not None or cv is not None:
                    whole = Variant(name, ALL, bits, cv, profile.chip, active)
                    found += [whole, *(_ablated(whole) if ablation else ())]
    return tuple(found)


def varying_columns(found: Sequence[Variant]) -> tuple[str, ...]:
    """Names of the columns `AXES` in which variants differ.

    The ideal network counts for `hardware` alone: it has no constraints that could differ.
    """
    constrained = [one for one in found if not one.is_ideal]
    return tuple(
        name
        for name in AXES
        if len({getattr(one, name) for one in (found if name == "hardware" else constrained)}) > 1
    )


def _ablated(whole: Variant) -> Iterator[Variant]:
    """Each constraint of a variant alone, and all but each; of a single one neither is new."""
    if len(whole.active) < 2:
        return
    for label, kept in (
        *((f"{ONLY} {name}", {name}) for name in whole.active),
        *((f"{WITHOUT} {name}", whole.active.keys() - {name}) for name in whole.active),
    ):
        active = {name: value for name, value in whole.active.items() if name in kept}
        strengths = whole.weight_bits, whole.mismatch
        yield Variant(whole.hardware, label, *strengths, whole.number, active)


def active_constraints(
    profile: HardwareProfile, weight_bits: int | None = None, mismatch: float | None = None
) -> dict[str, Any]:
    """The constraints of a profile that can change a network, as plain numbers and names.

    Parameters
    ----------
    profile
        The profile.
    weight_bits
        Bits of weights, in place of the profile's.
    mismatch
        Coefficient of variation in place of that of the profile's fixed pattern; of all parameters
        that have a scale, and of weights, where it has none.
    """
    found = _plain({"capacity": profile.capacity}) | _plain(profile.constraints)
    if weight_bits is not None:
        own = found.get("weight_levels", _WEIGHT_LEVELS)
        found["weight_levels"] = {**own, "bits": weight_bits}
    if mismatch is not None:
        found["fixed_pattern"] = _with_mismatch(found.get("fixed_pattern"), mismatch)
    return {name: value for name, value in found.items() if not _is_off(name, value)}


def _with_mismatch(own: Mapping[str, Any] | None, cv: float) -> dict[str, Any]:
    """A fixed pattern of this relative spread: of what varies on the chip, or of everything."""
    if own is None:
        spread = {"distribution": "lognormal", "cv": cv}
        return {"cells": {"all": spread}, "weights": spread}
    cells = {name: _of_width(spread, cv) for name, spread in own["cells"].items()}
    weights = {"weights": _of_width(own["weights"], cv)} if "weights" in own else {}
    return {"cells": cells, **weights}


def _of_width(spread: Mapping[str, Any], cv: float) -> dict[str, Any]:
    """A spread of another relative width; one in units of the parameter has none, and stays."""
    return {**spread, "cv": cv} if "cv" in spread else dict(spread)


def _plain(part: Any) -> Any:
    """A part of a profile without sources and what is not given."""
    if isinstance(part, Number):
        return int(part.value) if part.value == int(part.value) else part.value
    if isinstance(part, Model):
        part = {name: getattr(part, name) for name in type(part).model_fields}
    if isinstance(part, Mapping):
        return {name: _plain(value) for name, value in part.items() if value is not None}
    return list(part) if isinstance(part, tuple) else part


def _is_off(name: str, value: Mapping[str, Any]) -> bool:
    """Whether a constraint changes no network."""
    if name in SPREADS:
        spreads = [*value.get("cells", {}).values(), value.get("weights", {})]
        return not any(spread.get("cv") or spread.get("sd") for spread in spreads)
    if name == "synapse_loss":
        return not value["share"]
    if name == "spike_loss":
        return not any(value.values())
    if name == "shared_parameters":
        return bool(value["neurons"] == 1)
    return not value
