"""The module that a script imports as its simulator: a backend whose recordings are stored."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from pyNN import common

from pipelines import backends
from pipelines.backends.shared.compile_time import COMPILE_TIME
from pipelines.experiment.parameters import DEFAULT_TIMESTEP
from pipelines.script.recordings import Recordings
from pipelines.script.simulator_names import pynn_name


def script_module(backend: str, sim: ModuleType, recordings: Recordings) -> ModuleType:
    """Make a module with the whole interface of a backend, under the name of PyNN's module.

    Parameters
    ----------
    backend
        Name of a backend or of a stock module.
    sim
        The backend's own module, which is not changed.
    recordings
        Stores recorded data before `setup`, `reset`, `end` and `clear` delete them.
    """
    module = ModuleType(f"pyNN.{pynn_name(backend)}", sim.__doc__)
    own = vars(module).copy()
    stock = backends.get(backend).stock
    if stock is not None:
        vars(module).update(__path__=list(backends.load(backend, stock=True).__path__))
    else:
        vars(module).update(__path__=[])
    submodules = {found.name for found in pkgutil.iter_modules(module.__path__)}
    vars(module).update({name: value for name, value in vars(sim).items() if name not in own})
    vars(module).update(
        __getattr__=_missing(sim, submodules), **_recording_classes(sim, recordings)
    )
    for name in ("run", "run_until", "run_for"):
        if hasattr(sim, name):
            setattr(module, name, _timed(getattr(sim, name), recordings))

    @wraps(sim.setup)
    def setup(timestep: float = DEFAULT_TIMESTEP, *more: Any, **extra: Any) -> Any:
        recordings.end_setup()
        rank = sim.setup(timestep, *more, **extra)
        recordings.begin_setup(float(timestep), extra.get("rng_seed"))
        return rank

    @wraps(sim.reset)
    def reset(*given: Any, **named: Any) -> Any:
        recordings.end_segment()
        return sim.reset(*given, **named)

    @wraps(sim.end)
    def end(*given: Any, **named: Any) -> Any:
        recordings.end_setup()
        return sim.end(*given, **named)

    vars(module).update(setup=setup, reset=reset, end=end)
    return module


def _missing(sim: ModuleType, submodules: set[str]) -> Callable[[str], Any]:
    """Make the module's ``__getattr__``: the backend's, except for submodules not imported yet.

    PyNN's own code imports submodules of a simulator's module late, through this module.
    """

    def missing(name: str) -> Any:
        if name in submodules:
            raise AttributeError(f"module {sim.__name__!r} has no attribute {name!r}")
        return getattr(sim, name)

    return missing


def _recording_classes(sim: ModuleType, recordings: Recordings) -> dict[str, Any]:
    """Subclasses of the backend's classes that store recordings, and functions that use them."""

    class Recorder(sim.Population._recorder_class):  # type: ignore[name-defined]
        def clear(self) -> None:
            recordings.store(self)
            super().clear()

        def reset(self) -> None:
            recordings.store(self)
            super().reset()

    class Population(sim.Population):  # type: ignore[name-defined]
        _recorder_class = Recorder

    class Projection(sim.Projection):  # type: ignore[name-defined]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            recordings.projections.append(self)

    made: dict[str, Any] = {"Population": Population, "Projection": Projection}
    for name, new in made.items():
        of_backend = getattr(sim, name)
        new.__module__, new.__qualname__ = of_backend.__module__, of_backend.__qualname__
        new.__doc__ = of_backend.__doc__
    connectors = sim.FixedProbabilityConnector, sim.StaticSynapse
    return made | {
        "create": common.build_create(Population),
        "connect": common.build_connect(Projection, *connectors),
    }


def _timed(run: Callable[..., Any], recordings: Recordings) -> Callable[..., Any]:
    @wraps(run)
    def timed(*given: Any, **named: Any) -> Any:
        started = COMPILE_TIME.clock_s()
        recordings.running = True
        try:
            return run(*given, **named)
        finally:
            recordings.simulate_s += COMPILE_TIME.clock_s() - started

    return timed
