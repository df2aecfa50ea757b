"""What a backend would refuse of a sweep, known before anything runs.

A network is built, and not run, for enough points that every value of every swept parameter
occurs once: what a backend refuses hangs on a construct, and a construct on a value. Of a long
range of numbers some are tried, its ends among them, and of a large projection its first synapses
are made: the rest differ in size, not in kind, and a refusal of that is found when it is run.
"""

from __future__ import annotations

import re
import warnings
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

_NUMBER = re.compile(r"\d[\d.e+-]*")


@dataclass(frozen=True)
class Refusal:
    """One reason for which a backend will not do runs of a sweep.

    Attributes
    ----------
    reason
        What the backend says of the first point, in one line; others may differ in numbers.
    swept
        The swept parameters' values of the first point.
    values
        By parameter, the values that are refused wherever they were tried; of a parameter with
        many values, those that were tried. Empty if none is refused by itself.
    n_runs, n_whole
        Runs with such a value, or those that were tried where there is none; and all runs.
    at_least
        Whether there may be more: where not every value was tried, or none is refused by itself.
    """

    backend: str
    reason: str
    swept: dict[str, Any]
    values: dict[str, list[Any]]
    n_runs: int
    n_whole: int
    at_least: bool

    def __str__(self) -> str:
        return f"{self.backend} refuses {self.extent}: {self.reason}"

    @property
    def extent(self) -> str:
        """How many runs are refused, and with which values."""
        if self.n_runs == self.n_whole:
            return f"all {self.n_whole} runs" if self.n_whole > 1 else "the run"
        values = self.values or {name: [value] for name, value in self.swept.items()}
        listed = ", ".join(f"{name} {_listed(found)}" for name, found in values.items())
        number = f"at least {self.n_runs}" if self.at_least else f"{self.n_runs}"
        return f"{number} of {self.n_whole} runs, with {listed}"

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def _listed(values: Sequence[Any]) -> str:
    return " and ".join(map(str, values)) if len(values) < 4 else f"{values[0]} to {values[-1]}"


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
    """Build points of a plan on a backend, in this process, and say what it refuses.

    Beyond the points that cover the sweep, one is built for every value that was only tried
    beside another one that may be what is refused.

    Returns
    -------
    list of Refusal
        The reasons for which the backend refuses points, or fails to build them, each once.
    """
    runs = [run for run in plan.runs if run.backend == backend]
    reasons: dict[str, list[tuple[str, Run]]] = {}
    good: set[tuple[str, Any]] = set()

    def values_of(run: Run) -> tuple[tuple[str, Any], ...]:
        return tuple((name, run.parameters[name]) for name in plan.swept)

    # Seeds make no difference to what is refused.
    untried = {values_of(run): run for run in reversed(runs)}

    def tried(run: Run) -> None:
        del untried[values_of(run)]
        reason = _reason(run, plan, build)
        if reason is None:
            good.update(values_of(run))
        else:
            # A message names the value: the same one with other numbers is the same reason.
            reasons.setdefault(_NUMBER.sub("", reason), []).append((reason, run))

    for run in covering(plan, backend):
        tried(run)
    together = [value for found in reasons.values() for _, run in found for value in values_of(run)]
    for value in dict.fromkeys(together):
        others = [own for own in untried if value in own and good.issuperset({*own} - {value})]
        if value not in good and others:
            # The point that has the least in common with those that are refused.
            tried(untried[min(others, key=lambda own: sum(map(together.count, own)))])

    every = not good and len(reasons) == 1
    all_values = {value for run in runs for value in values_of(run)}
    known = good.union(*(values_of(run) for found in reasons.values() for _, run in found))

    def refusal(found: list[tuple[str, Run]]) -> Refusal:
        of_found = dict.fromkeys(value for _, run in found for value in values_of(run))
        # Where nothing can be built, no value is known to be the one that is refused.
        bad = [value for value in of_found if value not in good] if good else []
        values: dict[str, list[Any]] = {}
        for name, value in bad:
            values.setdefault(name, []).append(value)
        n_runs = sum(any(value in bad for value in values_of(run)) for run in runs)
        reason, first = found[0]
        return Refusal(
            backend=backend,
            reason=reason,
            swept=dict(values_of(first)),
            values=values,
            n_runs=len(runs) if every else n_runs or len(found),
            n_whole=len(runs),
            at_least=not every and not (bad and known.issuperset(all_values)),
        )

    return [refusal(found) for found in reasons.values()]


def _reason(run: Run, plan: Plan, build: Callable[[Run, Any, Any], None]) -> str | None:
    """Why a point cannot be built, in one line; None if it can."""
    try:
        # What the simulator warns of, the run itself will say.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            build(run, plan.experiment, plan.sweep.record)
    except BadInput as error:
        reason = str(error)
    except Exception as error:  # whatever building raises is the answer
        reason = f"{type(error).__name__}: {error}"
    else:
        return None
    return " ".join(reason.split())
