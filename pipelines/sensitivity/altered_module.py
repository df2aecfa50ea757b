"""A PyNN module with small changes of meaning: what a script sees, the backend itself untouched.

Classes of the module are replaced by subclasses that change their arguments on the way in, so an
experiment's `build` needs to know nothing of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

ArgumentChange = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""From the arguments that a class is given (defaults included) to those that are changed."""

WEIGHT_DEPENDENCES = (
    "AdditiveWeightDependence", "MultiplicativeWeightDependence",
    "AdditivePotentiationMultiplicativeDepression", "GutigWeightDependence",
)  # fmt: skip
TIMING_DEPENDENCES = ("SpikePairRule",)
CELLS = ("IF_curr_exp", "IF_curr_alpha", "IF_cond_exp", "IF_cond_alpha")
SYNAPSES = ("StaticSynapse", "STDPMechanism")
# Arguments of synapse types whose defaults matter to a change.
_SYNAPSE_DEFAULTS = {"STDPMechanism": {"dendritic_delay_fraction": 1.0}}


class AlteredModule(ModuleType):
    """What another module has, with some of it replaced."""

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
        """Change arguments of static and plastic synapses, as far as a script gives them."""
        for name in SYNAPSES:
            defaults = _SYNAPSE_DEFAULTS.get(name, {})
            setattr(
                self, name, _subclass_with_changed_arguments(getattr(self, name), change, defaults)
            )

    def change_stdp_components(self, names: tuple[str, ...], change: ArgumentChange) -> None:
        """Change arguments of parts of an STDP mechanism, by the names of their classes."""
        for name in names:
            kind = getattr(self, name)
            setattr(
                self, name, _subclass_with_changed_arguments(kind, change, _default_arguments(kind))
            )

    def change_input_trains(self, change: Callable[[list[np.ndarray]], list[np.ndarray]]) -> None:
        """Change the trains of array sources that are given as a list, one a source."""
        from pyNN.parameters import Sequence

        def trains(given: Mapping[str, Any]) -> Mapping[str, Any]:
            listed = given.get("spike_times")
            if not isinstance(listed, list | tuple | np.ndarray) or not len(listed):
                return {}
            if not isinstance(listed[0], Sequence | list | tuple | np.ndarray):
                return {}
            plain = [np.asarray(getattr(train, "value", train), float) for train in listed]
            return {"spike_times": [Sequence(train) for train in change(plain)]}

        kind = getattr(self, "SpikeSourceArray")  # noqa: B009 - not ours yet
        self.SpikeSourceArray = _subclass_with_changed_arguments(kind, trains, {})

    def change_populations(
        self, before: ArgumentChange | None = None, after: Callable[[Any], None] | None = None
    ) -> None:
        """Change arguments of populations, or what is made of them."""
        kind = getattr(self, "Population")  # noqa: B009 - not ours yet

        def __init__(population: Any, size: Any, cellclass: Any, *args: Any, **kwargs: Any) -> None:
            kwargs = {**kwargs, **(before(kwargs) if before else {})}
            kind.__init__(population, size, cellclass, *args, **kwargs)
            if after is not None:
                after(population)

        self.Population = type(kind.__name__, (kind,), {"__init__": __init__})

    def change_connections(self, change: Callable[[np.ndarray], np.ndarray]) -> None:
        """Change the connections that are given as a list."""
        kind = getattr(self, "FromListConnector")  # noqa: B009 - not ours yet

        def __init__(population: Any, conn_list: Any, *args: Any, **kwargs: Any) -> None:
            kind.__init__(population, change(np.asarray(conn_list)), *args, **kwargs)

        self.FromListConnector = type(kind.__name__, (kind,), {"__init__": __init__})


def _subclass_with_changed_arguments(
    kind: Any, change: ArgumentChange, defaults: Mapping[str, Any]
) -> type:
    """A subclass whose arguments are changed; it bears the same name."""
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
    """A value, array, random value or expression of distance, plus a number."""
    if isinstance(value, str):
        return f"({value}) + {by!r}"
    if isinstance(value, int | float | np.ndarray | np.number):
        return np.round(value + by, 10) if isinstance(value, np.ndarray) else round(value + by, 10)
    from pyNN.parameters import LazyArray

    return LazyArray(value) + by


def scaled(value: Any, by: float) -> Any:
    """The same, times a number."""
    if isinstance(value, str):
        return f"({value}) * {by!r}"
    if isinstance(value, int | float | np.ndarray | np.number):
        return value * by
    from pyNN.parameters import LazyArray

    return LazyArray(value) * by
