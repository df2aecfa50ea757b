"""Running the conformance suite, with every check in its own process.

One process per backend imports it; each check runs in a fork of that process.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pipelines import backends
from pipelines.errors import BadInput, one_line
from pipelines.execution.child_process import ChildProcessEnded, each_in_fresh, in_fork

from . import (  # noqa: F401 - they register their checks
    axonal_delay,
    cell_states,
    cell_types,
    connectivity,
    mid_run_changes,
    neurons,
    plasticity_parameters,
    plasticity_rules,
    short_term,
    sources,
    stdp,
)
from .check import CHECKS, Outcome, perform


def names(pattern: str = "", others: Sequence[Any] = ()) -> list[str]:
    """Names of the checks that contain `pattern`, in the order of their definition.

    Parameters
    ----------
    pattern
        Text that the names contain.
    others
        Other things that match the pattern; if there are any, no check needs to match.

    Raises
    ------
    BadInput
        If nothing matches.
    """
    found = [name for name in CHECKS if pattern in name]
    if not found and not others:
        raise BadInput("checks", f"none is called {pattern!r}", given=pattern, among=CHECKS)
    return found


def run(
    selected: Iterable[str],
    on: Iterable[tuple[str, bool]],
    target: str | None = "numpy",
    workers: int = 2,
    log: Path | None = None,
) -> list[Outcome]:
    """Run checks on backends.

    Parameters
    ----------
    selected
        Names of checks.
    on
        Pairs of (backend, stock).
    target
        Target of code generation, for simulators that have it. ``"numpy"`` compiles nothing,
        which is faster for such short programs. None keeps the simulator's default.
    workers
        Number of backends tested at the same time.
    log
        File to which the output of the simulators is appended; by default it is discarded.

    Returns
    -------
    list of Outcome
        In the order of the backends, then of the checks.
    """
    tasks = [(list(selected), backend, stock, target) for backend, stock in on]
    # A backend must not be forked from a process that has threads or another simulator.
    suites = each_in_fresh(_suite, tasks, workers, output=log)
    return [outcome for suite in suites for outcome in suite]


def _suite(chosen: list[str], backend: str, stock: bool, target: str | None) -> list[Outcome]:
    """All checks on one backend, each in a fork of this process."""
    prepare(backend, stock, target)
    return [perform_in_fork(name, backend, stock) for name in chosen]


def prepare(backend: str, stock: bool = False, target: str | None = "numpy") -> None:
    """Import a backend into this process, from which each check is forked."""
    backends.load(backend, stock=stock)
    neurons.reference()  # loaded here because checks compare with it
    description = backends.get(backend)
    description.quieten()
    if target in description.code_targets:
        description.choose_target(target)
    # Brian2 collects garbage in every run, and would traverse all objects that a fork inherits:
    # its part of the support matrix takes 99 s without this, and 41 s with it.
    gc.collect()
    gc.freeze()


def perform_in_fork(
    name: str, backend: str, stock: bool = False, first: Callable[[], None] | None = None
) -> Outcome:
    """Run one check in a fork of this process, after `prepare` was called.

    Parameters
    ----------
    first
        Called in the fork before the check.
    """
    case = CHECKS[name]

    def carry_out() -> Outcome:
        if first is not None:
            first()
        return perform(case, backends.load(backend, stock=stock), backend, stock)

    try:
        return in_fork(carry_out)
    except ChildProcessEnded as end:
        detail = str(end)
    except Exception as error:  # raised by `first`: exceptions of a check are outcomes
        detail = f"the process ended: {one_line(error)}"
    return Outcome(name, case.row, backend, stock, "error", None, case.tolerance, detail)
