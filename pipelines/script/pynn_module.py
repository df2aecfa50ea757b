"""The PyNN module that a script gets: a backend, which says when there is something to keep."""

from __future__ import annotations

import pkgutil
import time
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from pyNN import common

from pipelines import backends
from pipelines.experiment.parameters import DEFAULT_TIMESTEP
from pipelines.script.recordings import Keeper
from pipelines.script.simulator_names import word_of


def script_module(backend: str, sim: ModuleType, keeper: Keeper) -> ModuleType:
    """A module with all that a backend has, under the name that PyNN gives it.

    Parameters
    ----------
    backend
        Its name, or a stock module's.
    sim
        The backend's own module, which stays as it is.
    keeper
        Is called before recorded data are gone, and told of setups, resets and plastic weights.
    """
    module = ModuleType(f"pyNN.{word_of(backend)}", sim.__doc__)
    own = vars(module).copy()
    stock = backends.get(backend).stock
    if stock is not None:
        vars(module).update(__path__=list(backends.load(backend, stock=True).__path__))
    else:
        vars(module).update(__path__=[])
    submodules = {found.name for found in pkgutil.iter_modules(module.__path__)}
    vars(module).update({name: value for name, value in vars(sim).items() if name not in own})
    vars(module).update(__getattr__=_missing(sim, submodules), **_kept_classes(sim, keeper))
    for name in ("run", "run_until", "run_for"):
        if hasattr(sim, name):
            setattr(module, name, _timed(getattr(sim, name), keeper))

    @wraps(sim.setup)
    def setup(timestep: float = DEFAULT_TIMESTEP, *more: Any, **extra: Any) -> Any:
        keeper.end_setup()
        rank = sim.setup(timestep, *more, **extra)
        keeper.begin_setup(float(timestep), extra.get("rng_seed"))
        return rank

    @wraps(sim.reset)
    def reset(*given: Any, **named: Any) -> Any:
        keeper.end_segment()
        return sim.reset(*given, **named)

    @wraps(sim.end)
    def end(*given: Any, **named: Any) -> Any:
        keeper.end_setup()
        return sim.end(*given, **named)

    vars(module).update(setup=setup, reset=reset, end=end)
    return module


def _missing(sim: ModuleType, submodules: set[str]) -> Callable[[str], Any]:
    """The module's ``__getattr__``: what a backend refuses, but for what is yet to be imported.

    PyNN's own code imports parts of a simulator's module late, from the module that this is.
    """

    def missing(name: str) -> Any:
        if name in submodules:
            raise AttributeError(f"module {sim.__name__!r} has no attribute {name!r}")
        return getattr(sim, name)

    return missing


def _kept_classes(sim: ModuleType, keeper: Keeper) -> dict[str, Any]:
    """Classes of the backend that do what they do, and tell the keeper; what makes them, too."""

    class Recorder(sim.Population._recorder_class):  # type: ignore[name-defined]
        def clear(self) -> None:
            keeper.keep(self)
            super().clear()

        def reset(self) -> None:
            keeper.keep(self)
            super().reset()

    class Population(sim.Population):  # type: ignore[name-defined]
        _recorder_class = Recorder

    class Projection(sim.Projection):  # type: ignore[name-defined]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            keeper.projections.append(self)

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


def _timed(run: Callable[..., Any], keeper: Keeper) -> Callable[..., Any]:
    @wraps(run)
    def timed(*given: Any, **named: Any) -> Any:
        started = time.perf_counter()
        keeper.running = True
        try:
            return run(*given, **named)
        finally:
            keeper.simulate_s += time.perf_counter() - started

    return timed
