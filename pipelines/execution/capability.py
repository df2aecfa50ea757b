"""What a backend would refuse of a sweep, known before anything runs.

A network is built, and not run, for enough points that every value of every swept parameter
occurs once: what a backend refuses hangs on a construct, and a construct on a value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipelines.errors import BadInput
from pipelines.execution.simulate import attempt

if TYPE_CHECKING:
    from pipelines.sweep import Plan
    from pipelines.sweep.runs import Run


@dataclass(frozen=True)
class Refusal:
    """One point that a backend will not do.

    Attributes
    ----------
    swept
        The swept parameters' values of the point.
    reason
        What the backend says, in one line.
    """

    backend: str
    swept: dict[str, Any]
    reason: str

    def __str__(self) -> str:
        values = ", ".join(f"{name} {value}" for name, value in self.swept.items())
        return f"{self.backend} refuses {values or 'the network'}: {self.reason}"

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def covering(plan: Plan, backend: str) -> list[Run]:
    """Runs of one backend among which every value of every swept parameter occurs."""
    seen: set[tuple[str, Any]] = set()
    chosen: list[Run] = []
    for run in plan.runs:
        if run.backend != backend:
            continue
        values = {(name, run.parameters[name]) for name in plan.swept}
        if not chosen or not values <= seen:
            chosen.append(run)
            seen |= values
    return chosen


def refusals(
    plan: Plan, backend: str, build: Callable[[Run, Any, Any], None] = attempt
) -> list[Refusal]:
    """Build the covering points of a plan on a backend, in this process.

    Returns
    -------
    list of Refusal
        The points that the backend refuses, or that fail to build; the same reason is listed
        once, for the first point that has it.
    """
    found: dict[str, Refusal] = {}
    for run in covering(plan, backend):
        try:
            build(run, plan.experiment, plan.sweep.record)
        except BadInput as error:
            reason = str(error)
        except Exception as error:  # whatever building raises is the answer
            reason = f"{type(error).__name__}: {error}"
        else:
            continue
        reason = " ".join(reason.split())
        swept = {name: run.parameters[name] for name in plan.swept}
        found.setdefault(reason, Refusal(backend, swept, reason))
    return list(found.values())
