"""Running the conformance suite: every check in a process of its own, so that none leaves a trace.

A process a backend imports it once; each check is a fork of that process.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from pipelines import backends
from pipelines.errors import BadInput

from . import (  # noqa: F401 - they register their checks
    axonal_delay,
    cell_states,
    cell_types,
    connectivity,
    forked,
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
    others
        What else is called so: where there is something, there need be no check.

    Raises
    ------
    BadInput
        If there is none.
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
        Of code generation, where a simulator has this one; ``"numpy"`` compiles nothing, which
        is quicker for programs as short as these. None leaves the simulator's own choice.
    workers
        Backends that are tested at the same time.
    log
        File to which what the simulators say is added; by default nobody hears it.

    Returns
    -------
    list of Outcome
        In the order of the backends, then of the checks.
    """
    chosen = list(selected)
    # A backend must not be forked from a process that has threads or another simulator.
    context: Any = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, max_tasks_per_child=1) as pool:
        suites = [pool.submit(_suite, chosen, backend, stock, target, log) for backend, stock in on]
        return [outcome for suite in suites for outcome in suite.result()]


def _suite(
    chosen: list[str], backend: str, stock: bool, target: str | None, log: Path | None
) -> list[Outcome]:
    """All checks on one backend, each in a fork of this process."""
    redirect(log)
    prepare(backend, stock, target)
    return [in_fork(name, backend, stock) for name in chosen]


def redirect(log: Path | None) -> None:
    """Add all that this process says from now on to a file; nobody hears it if there is none."""
    said = os.open(log or os.devnull, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(said, stream.fileno())
    os.close(said)


def prepare(backend: str, stock: bool = False, target: str | None = "numpy") -> None:
    """Import a backend into this process, from which each check is forked."""
    backends.load(backend, stock=stock)
    neurons.reference()  # which says what is right
    description = backends.get(backend)
    description.quieten()
    if target in description.code_targets:
        description.choose_target(target)
    # Brian2 collects garbage in every run, and would look through all that a fork inherits:
    # its part of the support matrix takes 99 s without this, and 41 s with it.
    gc.collect()
    gc.freeze()


def in_fork(
    name: str, backend: str, stock: bool = False, first: Callable[[], None] | None = None
) -> Outcome:
    """Perform one check in a fork of this process, which `prepare` has made ready.

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
        return forked.ask(carry_out)
    except forked.Ended as end:
        return Outcome(name, case.row, backend, stock, "error", None, case.tolerance, str(end))
