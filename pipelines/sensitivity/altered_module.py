"""A copy of a PyNN module in which selected classes change their arguments.

Classes of the module are replaced by subclasses that change the arguments of their constructors.
The backend itself and an experiment's `build` are not modified.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

ArgumentChange = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Function from the arguments of a class (defaults included) to the changed arguments."""

WEIGHT_DEPENDENCES = (
    "AdditiveWeightDependence", "MultiplicativeWeightDependence",
    "AdditivePotentiationMultiplicativeDepression", "GutigWeightDependence",
)  # fmt: skip
TIMING_DEPENDENCES = ("SpikePairRule",)
CELLS = ("IF_curr_exp", "IF_curr_alpha", "IF_cond_exp", "IF_cond_alpha")
SYNAPSES = ("StaticSynapse", "STDPMechanism")
# Defaults of synapse types that a change reads.
_SYNAPSE_DEFAULTS = {"STDPMechanism": {"dendritic_delay_fraction": 1.0}}


class AlteredModule(ModuleType):
    """Module with the attributes of a PyNN module, some of them replaced.

    Parameters
    ----------
    base
        The PyNN module; it is not modified.
    """

    def __init__(self, base: ModuleType) -> None:
        super().__init__(base.__name__)
        vars(self)["_base"] = base

    def __getattr__(self, name: str) -> Any:
        return getattr(vars(self)["_base"], name)

    def change_cells(self, change: ArgumentChange) -> None:
        """Change parameters of integrate-and-fire cells."""
        for name in CELLS:
            if hasattr(self, name):
                kind = getattr(self, name)
                setattr(
                    self,
                    name,
                    _subclass_with_changed_arguments(kind, change, kind.default_parameters),
                )

    def change_synapses(self, change: ArgumentChange) -> None:
        """Change arguments of static and plastic synapse types that a script passes."""
        for name in SYNAPSES:
            defaults = _SYNAPSE_DEFAULTS.get(name, {})
            setattr(
                self, name, _subclass_with_changed_arguments(getattr(self, name), change, defaults)
            )

    def change_stdp_components(self, names: tuple[str, ...], change: ArgumentChange) -> None:
        """Change arguments of timing and weight dependences, given the names of their classes."""
        for name in names:
            kind = getattr(self, name)
            setattr(
                self, name, _subclass_with_changed_arguments(kind, change, _default_arguments(kind))
            )

    def change_input_trains(self, change: Callable[[list[np.ndarray]], list[np.ndarray]]) -> None:
        """Change spike trains (ms) of array sources that a script gives as a list."""
        from pyNN.parameters import Sequence

        def trains(given: Mapping[str, Any]) -> Mapping[str, Any]:
            listed = given.get("spike_times")
            if not isinstance(listed, list | tuple | np.ndarray) or not len(listed):
                return {}
            if not isinstance(listed[0], Sequence | list | tuple | np.ndarray):
                return {}
            plain = [np.asarray(getattr(train, "value", train), float) for train in listed]
            return {"spike_times": [Sequence(train) for train in change(plain)]}

        kind = getattr(self, "SpikeSourceArray")  # noqa: B009 - not replaced yet
        self.SpikeSourceArray = _subclass_with_changed_arguments(kind, trains, {})

    def change_populations(
        self, before: ArgumentChange | None = None, after: Callable[[Any], None] | None = None
    ) -> None:
        """Change arguments of populations, or the populations themselves.

        Parameters
        ----------
        before
            Changes the keyword arguments of the constructor.
        after
            Is called with each new population.
        """
        kind = getattr(self, "Population")  # noqa: B009 - not replaced yet

        def __init__(population: Any, size: Any, cellclass: Any, *args: Any, **kwargs: Any) -> None:
            kwargs = {**kwargs, **(before(kwargs) if before else {})}
            kind.__init__(population, size, cellclass, *args, **kwargs)
            if after is not None:
                after(population)

        self.Population = type(kind.__name__, (kind,), {"__init__": __init__})

    def change_connections(self, change: Callable[[np.ndarray], np.ndarray]) -> None:
        """Change connections that are given as a list, an array of shape (n, columns)."""
        kind = getattr(self, "FromListConnector")  # noqa: B009 - not replaced yet

        def __init__(population: Any, conn_list: Any, *args: Any, **kwargs: Any) -> None:
            kind.__init__(population, change(np.asarray(conn_list)), *args, **kwargs)

        self.FromListConnector = type(kind.__name__, (kind,), {"__init__": __init__})


def _subclass_with_changed_arguments(
    kind: Any, change: ArgumentChange, defaults: Mapping[str, Any]
) -> type:
    """Make a subclass of the same name that changes its arguments."""
    names = [
        parameter.name
        for parameter in list(inspect.signature(kind.__init__).parameters.values())[1:]
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]

    def __init__(self: Any, *args: Any, **given: Any) -> None:
        given = dict(zip(names, args, strict=False)) | given
        kind.__init__(self, **{**given, **change({**defaults, **given})})

    return type(kind.__name__, (kind,), {"__init__": __init__, "__module__": kind.__module__})


def _default_arguments(kind: Any) -> dict[str, Any]:
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def shifted(value: Any, by: float) -> Any:
    """Return a value plus a number.

    Parameters
    ----------
    value
        A number, an array, a random value, or an expression of distance as text.
    """
    if isinstance(value, str):
        return f"({value}) + {by!r}"
    if isinstance(value, int | float | np.ndarray | np.number):
        return np.round(value + by, 10) if isinstance(value, np.ndarray) else round(value + by, 10)
    from pyNN.parameters import LazyArray

    return LazyArray(value) + by


def scaled(value: Any, by: float) -> Any:
    """Return a value, of a kind that `shifted` takes, times a number."""
    if isinstance(value, str):
        return f"({value}) * {by!r}"
    if isinstance(value, int | float | np.ndarray | np.number):
        return value * by
    from pyNN.parameters import LazyArray

    return LazyArray(value) * by
