"""Runs outside a sweep, in this process: alone as a script does it, or to time the simulator."""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines import backends, sweep
from pipelines.errors import CounterpointError
from pipelines.execution.cache_priming import restoring_state
from pipelines.execution.child_process import in_fork
from pipelines.execution.simulate import prime, simulate
from pipelines.experiment import load_experiment
from pipelines.experiment.parameters import DEFAULT_TIMESTEP
from pipelines.sweep.profile import load_sweep
from pipelines.tables.run_store import RunStore

_CALLERS_OF_NEST = ("pyNN.nest", "pipelines.backends.nest")


def execute_task(task: dict[str, Any]) -> dict[str, float]:
    """Carry out the task that `sweep_overhead` gives."""
    root = Path(task["root"])
    experiment = load_experiment(task["name"], root)
    profile = load_sweep(experiment, "quick")
    points = {point["A_plus"]: {**point, **task["fixed"]} for point in profile.points}
    runs = [
        sweep.Run(task["name"], task["backend"], points[value], 1, f"{k:016x}", f"{k:016x}")
        for k, value in enumerate(task["A_plus"])
    ]
    if task["what"] == "alone":
        for run in runs:
            result = simulate(run, experiment, profile.record)
            RunStore(root / "alone" / str(os.getpid())).write(result.record, result.tables)
        return {}
    sim = backends.load(task["backend"])
    with restoring_state(sim, float(runs[0].parameters.get("timestep", DEFAULT_TIMESTEP))):
        prime(runs[0], experiment, profile.record)
    clock = _SimulatorTimer(task["backend"])

    def simulator_seconds(run: sweep.Run) -> float:
        simulate(run, experiment, profile.record)
        return clock.spent

    spent = [in_fork(simulator_seconds, run) for run in runs]
    if not all(spent):
        raise CounterpointError("bench sweep: the simulator's own time was not seen")
    return {"simulator_s": sum(spent) / len(spent)}


class _SimulatorTimer:
    """Seconds within the simulator's loop over time steps."""

    def __init__(self, backend: str) -> None:
        self.spent = 0.0
        if backend == "nest":
            import nest

            # NEST's own module lets nobody change it.
            proxy = _NestProxy(nest, self._timed(nest.Simulate))
            for name, module in list(sys.modules.items()):
                if name.startswith(_CALLERS_OF_NEST) and vars(module).get("nest") is nest:
                    vars(module)["nest"] = proxy
        else:
            from pipelines.backends.brian2.fast_runtime import StepLoop

            # What Brian2 prepares before its loop is no simulation.
            StepLoop.run = self._timed(StepLoop.run)  # type: ignore[method-assign]

    def _timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*arguments: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self.spent += time.perf_counter() - started

        return timed


class _NestProxy:
    """NEST as a module sees it, with another `Simulate`."""

    def __init__(self, nest: Any, simulate: Callable[..., Any]) -> None:
        self._nest = nest
        self.Simulate = simulate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._nest, name)
