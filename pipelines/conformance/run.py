"""Running the conformance suite: every check in a process of its own, so that none leaves a trace.

A process a backend imports it once; each check is a fork of that process.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import Connection
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


def run(
    selected: Iterable[str],
    on: Iterable[tuple[str, bool]],
    target: str | None = "numpy",
    workers: int = 2,
) -> list[Outcome]:
    """Run checks on backends.

    Parameters
    ----------
    selected
        Names of checks.
    on
        Pairs of (backend, stock).
    target
        Brian2's target of code generation; ``"numpy"`` compiles nothing, which is quicker
        for programs as short as these. None leaves Brian2's own choice.
    workers
        Backends that are tested at the same time.

    Returns
    -------
    list of Outcome
        In the order of the backends, then of the checks.
    """
    chosen = list(selected)
    # A backend must not be forked from a process that has threads or another simulator.
    context: Any = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, max_tasks_per_child=1) as pool:
        suites = [pool.submit(_suite, chosen, backend, stock, target) for backend, stock in on]
        return [outcome for suite in suites for outcome in suite.result()]


def _suite(chosen: list[str], backend: str, stock: bool, target: str | None) -> list[Outcome]:
    """All checks on one backend, each in a fork of this process."""
    backends.load(backend, stock=stock)
    if backend == "brian2":
        import brian2

        brian2.BrianLogger.suppress_name("base.unused_brian_object")
        if target is not None:
            brian2.prefs.codegen.target = target
    return [_forked(name, backend, stock) for name in chosen]


def _forked(name: str, backend: str, stock: bool) -> Outcome:
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    child = context.Process(target=_perform, args=(send, name, backend, stock))
    child.start()
    send.close()
    try:
        outcome: Outcome = receive.recv()
    except EOFError:
        child.join()
        case = CHECKS[name]
        detail = f"the process ended with exit code {child.exitcode}"
        outcome = Outcome(name, case.row, backend, stock, "error", None, case.tolerance, detail)
    child.join()
    return outcome


def _perform(send: Connection, name: str, backend: str, stock: bool) -> None:
    send.send(perform(CHECKS[name], backends.load(backend, stock=stock), backend, stock))
    send.close()
