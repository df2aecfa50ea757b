"""Conformance checks: small PyNN programs with expected values and tolerances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any

import numpy as np

from pipelines.errors import Unsupported

Measured = tuple[Any, Any]


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes
    ----------
    name
        Unique name of the checked behaviour.
    row
        Name of the known difference between stock PyNN's backends that it tests.
    measure
        Function of a backend that returns measured and expected values, arrays of one shape.
    tolerance
        Largest absolute deviation, in the unit of the values.
    refusable
        Whether a refusal (`Unsupported`) is a correct answer too.
    """

    name: str
    row: str
    measure: Callable[[ModuleType], Measured]
    tolerance: float
    refusable: bool


@dataclass(frozen=True)
class Outcome:
    """Result of a check on one backend: ``passed``, ``failed``, ``refused`` or ``error``."""

    name: str
    row: str
    backend: str
    stock: bool
    outcome: str
    deviation: float | None
    tolerance: float
    detail: str

    @property
    def conforms(self) -> bool:
        """Whether the backend passed the check or refused it by name."""
        return self.outcome in ("passed", "refused")

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for tables and JSON."""
        return asdict(self)


CHECKS: dict[str, Check] = {}


def check(
    row: str, tolerance: float = 1e-9, refusable: bool = False
) -> Callable[[Callable[[ModuleType], Measured]], Callable[[ModuleType], Measured]]:
    """Decorator that registers a function as a check under its name; arguments as of `Check`."""

    def register(measure: Callable[[ModuleType], Measured]) -> Callable[[ModuleType], Measured]:
        name = measure.__name__
        if name in CHECKS:
            raise ValueError(f"two checks are called {name!r}")
        CHECKS[name] = Check(name, row, measure, tolerance, refusable)
        return measure

    return register


def perform(case: Check, sim: ModuleType, backend: str, stock: bool) -> Outcome:
    """Run one check on one backend; exceptions become outcomes."""

    def outcome(kind: str, deviation: float | None, detail: str) -> Outcome:
        return Outcome(case.name, case.row, backend, stock, kind, deviation, case.tolerance, detail)

    try:
        measured, expected = (np.asarray(part, dtype=float) for part in case.measure(sim))
    except Unsupported as refusal:
        return outcome("refused" if case.refusable else "failed", None, str(refusal))
    except Exception as error:  # a crash of the program under test is what is looked for
        return outcome("error", None, f"{type(error).__name__}: {error}")
    if measured.shape != expected.shape:
        return outcome("failed", None, f"shape {measured.shape}, expected {expected.shape}")
    if measured.size == 0:
        return outcome("failed", None, "nothing was measured")
    difference = np.abs(measured - expected)
    # NaN compares false with everything, so it is counted as an infinite deviation.
    deviation = float(np.max(np.where(np.isnan(difference), np.inf, difference)))
    worst = int(np.argmax(np.where(np.isnan(difference), np.inf, difference)))
    detail = (
        f"{measured.flat[worst]:.12g}, expected {expected.flat[worst]:.12g}"
        if measured.size > 1
        else f"{measured.flat[0]:.12g}, expected {expected.flat[0]:.12g}"
    )
    return outcome("passed" if deviation <= case.tolerance else "failed", deviation, detail)
