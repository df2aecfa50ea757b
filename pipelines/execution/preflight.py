"""Finding what a backend refuses of a sweep before any run starts.

Networks are built, but not run, for enough points that every value of every swept parameter occurs
once: a backend refuses constructs, and which constructs a network has depends on parameter values.
Of many numeric values some are tried, including the smallest and the largest; of a large projection
only the first synapses are made. A refusal that depends on size is found only when the point runs.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipelines.execution.simulate import try_build
from pipelines.experiment.code_errors import explain

if TYPE_CHECKING:
    from pipelines.sweep import Plan
    from pipelines.sweep.runs import Run

# Most values tried of a numeric parameter.
_MOST_NUMBERS = 12

_NUMBER = re.compile(r"\d[\d.e+-]*")


@dataclass(frozen=True)
class Refusal:
    """One reason for which a backend refuses runs of a sweep.

    `str()` gives one line for a message.

    Attributes
    ----------
    reason
        Message of the backend for the first refused point, in one line; those of other points may
        differ in numbers.
    swept
        Values of the swept parameters at the first refused point.
    values
        By parameter, the tried values that are refused at every point. Empty if no single value
        is refused at every point.
    n_runs, n_whole
        Number of runs with such a value (or of refused runs among those tried, if there is no such
        value), and number of all runs.
    at_least
        Whether `n_runs` is a lower bound: not every value was tried, or no single value is refused
        at every point.
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
        """Number of refused runs and their parameter values, in words."""
        if self.n_runs == self.n_whole:
            return f"all {self.n_whole} runs" if self.n_whole > 1 else "the run"
        values = self.values or {name: [value] for name, value in self.swept.items()}
        listed = ", ".join(f"{name} {_listed(found)}" for name, found in values.items())
        number = f"at least {self.n_runs}" if self.at_least else f"{self.n_runs}"
        return f"{number} of {self.n_whole} runs, with {listed}"

    def as_dict(self) -> dict[str, Any]:
        """The attributes as a dict of JSON values."""
        return asdict(self)


def _listed(values: Sequence[Any]) -> str:
    return " and ".join(map(str, values)) if len(values) < 4 else f"{values[0]} to {values[-1]}"


def covering_runs(plan: Plan, backend: str) -> list[Run]:
    """Runs of one backend that cover every value to try of every swept parameter."""
    runs = [run for run in plan.runs if run.backend == backend]
    tried = {name: _values_to_try([run.values[name] for run in runs]) for name in plan.swept}
    seen: set[tuple[str, Any]] = set()
    chosen: list[Run] = []
    for run in runs:
        values = {(n, run.values[n]) for n in plan.swept if run.values[n] in tried[n]}
        if not chosen or not values <= seen:
            chosen.append(run)
            seen |= values
    return chosen


def _values_to_try(values: Sequence[Any]) -> set[Any]:
    """All values, or `_MOST_NUMBERS` evenly spaced ones if there are more numbers."""
    # A strength of hardware has no value for the ideal network, and is not chosen from.
    if None in values:
        return {None, *_values_to_try([value for value in values if value is not None])}
    distinct = sorted(set(values))
    if len(distinct) <= _MOST_NUMBERS or not isinstance(distinct[0], int | float):
        return set(distinct)
    last = len(distinct) - 1
    return {distinct[round(k * last / (_MOST_NUMBERS - 1))] for k in range(_MOST_NUMBERS)}


def refusals(
    plan: Plan, backend: str, build: Callable[[Run, Any, Any], None] = try_build
) -> list[Refusal]:
    """Build points of a plan on a backend, in this process, and return what it refuses.

    After the points that cover the sweep, one more point is built for every value that was tried
    only together with another possibly refused value.

    Parameters
    ----------
    plan
        The plan.
    backend
        Name of the backend.
    build
        Function that builds a run's network.

    Returns
    -------
    list of Refusal
        Reasons for which the backend refuses points or fails to build them, each once.
    """
    runs = [run for run in plan.runs if run.backend == backend]
    reasons: dict[str, list[tuple[str, Run]]] = {}
    good: set[tuple[str, Any]] = set()

    def values_of(run: Run) -> tuple[tuple[str, Any], ...]:
        return tuple((name, run.values[name]) for name in plan.swept)

    # Refusals do not depend on the seed.
    untried = {values_of(run): run for run in reversed(runs)}

    def tried(run: Run) -> None:
        del untried[values_of(run)]
        reason = _reason(run, plan, build)
        if reason is None:
            good.update(values_of(run))
        else:
            # Messages that differ only in numbers are one reason.
            reasons.setdefault(_NUMBER.sub("", reason), []).append((reason, run))

    for run in covering_runs(plan, backend):
        tried(run)
    together = [value for found in reasons.values() for _, run in found for value in values_of(run)]
    for value in dict.fromkeys(together):
        others = [own for own in untried if value in own and good.issuperset({*own} - {value})]
        if value not in good and others:
            # The point with the fewest values in common with refused points.
            tried(untried[min(others, key=lambda own: sum(map(together.count, own)))])

    every = not good and len(reasons) == 1
    all_values = {value for run in runs for value in values_of(run)}
    known = good.union(*(values_of(run) for found in reasons.values() for _, run in found))

    def refusal(found: list[tuple[str, Run]]) -> Refusal:
        of_found = dict.fromkeys(value for _, run in found for value in values_of(run))
        # If no point can be built, no single value can be identified as refused.
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
    """Why a point cannot be built, as one line; None if it can be built."""
    try:
        # The run itself shows the warnings of the simulator.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            build(run, plan.experiment, plan.sweep.record)
    except Exception as error:  # whatever building raises is the answer
        return explain(error, plan.experiment.folder)
    return None
