"""Running the conformance suite: every check on every backend, each in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from pipelines import backends
from pipelines.errors import BadInput

from . import connectivity, neurons, sources, stdp  # noqa: F401 - they register their checks
from .check import CHECKS, Outcome, perform


def names(pattern: str = "") -> list[str]:
    """Names of the checks that contain `pattern`, in the order of their definition.

    Raises
    ------
    BadInput
        If there is none.
    """
    found = [name for name in CHECKS if pattern in name]
    if not found:
        raise BadInput("checks", f"none is called {pattern!r}", given=pattern, among=CHECKS)
    return found


def run_one(name: str, backend: str, stock: bool, target: str | None = None) -> Outcome:
    """Run one check in this process.

    Parameters
    ----------
    target
        Brian2's target of code generation; ``"numpy"`` compiles nothing, which is quicker
        for programs as short as these. None leaves Brian2's own choice.
    """
    sim = backends.load(backend, stock=stock)
    if backend == "brian2" and target is not None:
        import brian2

        brian2.prefs.codegen.target = target
    return perform(CHECKS[name], sim, backend, stock)


def run(
    selected: Iterable[str],
    on: Iterable[tuple[str, bool]],
    target: str | None = "numpy",
    workers: int = 2,
    report: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Run checks on backends, each in a fresh process: stock ones leave a trace.

    Parameters
    ----------
    on
        Pairs of (backend, stock).
    report
        Called with each outcome as it comes.

    Returns
    -------
    list of Outcome
        In the order of the checks, then of the backends.
    """
    cases = [(name, backend, stock, target) for name in selected for backend, stock in on]
    context: Any = multiprocessing.get_context("spawn")
    outcomes = []
    with ProcessPoolExecutor(workers, mp_context=context, max_tasks_per_child=1) as pool:
        for future in [pool.submit(run_one, *case) for case in cases]:
            outcome = future.result()
            outcomes.append(outcome)
            if report is not None:
                report(outcome)
    return outcomes
