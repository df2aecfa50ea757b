"""What a backend would refuse of a sweep, known before anything runs.

A network is built, and not run, for enough points that every value of every swept parameter
occurs once: what a backend refuses hangs on a construct, and a construct on a value. Of a long
range of numbers some are tried, its ends among them: the rest differ in size, not in kind, and a
refusal of one of those is found when it is run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipelines.errors import BadInput
from pipelines.execution.simulate import attempt

if TYPE_CHECKING:
    from pipelines.sweep import Plan
    from pipelines.sweep.runs import Run

# Values that are tried of a parameter which is a number.
_MOST_NUMBERS = 12


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
    """Runs of one backend among which every value to try of every swept parameter occurs."""
    runs = [run for run in plan.runs if run.backend == backend]
    tried = {name: _to_try([run.parameters[name] for run in runs]) for name in plan.swept}
    seen: set[tuple[str, Any]] = set()
    chosen: list[Run] = []
    for run in runs:
        values = {(n, run.parameters[n]) for n in plan.swept if run.parameters[n] in tried[n]}
        if not chosen or not values <= seen:
            chosen.append(run)
            seen |= values
    return chosen


def _to_try(values: Sequence[Any]) -> set[Any]:
    """All values, or evenly spaced ones of many numbers."""
    distinct = sorted(set(values))
    if len(distinct) <= _MOST_NUMBERS or not isinstance(distinct[0], int | float):
        return set(distinct)
    last = len(distinct) - 1
    return {distinct[round(k * last / (_MOST_NUMBERS - 1))] for k in range(_MOST_NUMBERS)}


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
