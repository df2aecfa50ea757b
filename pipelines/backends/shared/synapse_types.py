"""Synapse types whose native parameters have PyNN's names and units.

A connector passes the *native* parameters of the synapse type to a projection. As these have PyNN's
names and units, all backends receive the same numbers, and each converts them once, as arrays.

Mends: every instance changes the class attribute `STDPMechanism.base_translations` (row
"STDPMechanism.base_translations"; seen in PyNN 0.13.0, both backends).
"""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import synapses

from pipelines.errors import Unsupported

from . import plasticity_rules
from .network_registry import Registry
from .translations import same_names as same_names


def with_default_delay(registry: Registry, *types: type) -> tuple[type, ...]:
    """Subclasses of synapse types whose default delay is the smallest one that `setup` allows."""

    def smallest(_: Any) -> float:
        return registry.min_delay

    return tuple(
        type(base.__name__, (base,), {"__doc__": base.__doc__, "_get_minimum_delay": smallest})
        for base in types
    )


class StaticSynapse(synapses.StaticSynapse):
    __doc__ = synapses.StaticSynapse.__doc__
    translations = same_names("weight", "delay", "weight_transmitted", "weight_now")
    # Weights and delays are checked once per block, as arrays.
    parameter_checks: ClassVar[dict[str, Any]] = {}
    plastic = False


class TsodyksMarkramSynapse(synapses.TsodyksMarkramSynapse):
    __doc__ = synapses.TsodyksMarkramSynapse.__doc__
    translations = same_names(
        "weight", "delay", "U", "tau_rec", "tau_facil", "weight_transmitted", "weight_now"
    )
    parameter_checks: ClassVar[dict[str, Any]] = {}
    plastic = False


class STDPMechanism(synapses.STDPMechanism):
    __doc__ = synapses.STDPMechanism.__doc__
    # Plastic weights can be read as last transmitted (`weight_transmitted`, `weight`), and with the
    # updates since then (`weight_now`; row "weight read back").
    base_translations = same_names(
        "weight", "delay", "dendritic_delay_fraction", "weight_transmitted", "weight_now"
    )
    parameter_checks: ClassVar[dict[str, Any]] = {}
    plastic = True

    def __init__(
        self,
        timing_dependence: Any = None,
        weight_dependence: Any = None,
        voltage_dependence: Any = None,
        dendritic_delay_fraction: float = 1.0,
        weight: Any = 0.0,
        delay: Any = None,
    ) -> None:
        _check_components(timing_dependence, weight_dependence, voltage_dependence)
        smallest = self._get_minimum_delay()
        super().__init__(
            timing_dependence, weight_dependence, voltage_dependence,
            dendritic_delay_fraction, weight, smallest,
        )  # fmt: skip
        # Set here, since PyNN tests the truth value of the delay, which fails for an array.
        if delay is not None:
            self.delay = delay

    def _get_minimum_delay(self) -> float:
        raise NotImplementedError

    @property
    def rule(self) -> str:
        """Name of the rule: a key of `PAIRINGS`, `TRIPLET` or `VOGELS` in `plasticity_rules`."""
        (name,) = self.possible_models
        return str(name)

    @property
    def constants(self) -> dict[str, float]:
        """Constant parameters of the mechanism's timing and weight dependence."""
        return {
            **self.timing_dependence.extra_parameters,
            **self.weight_dependence.extra_parameters,
        }

    def _build_translations(self) -> None:
        self.translations = dict(self.base_translations)
        for component in (self.timing_dependence, self.weight_dependence, self.voltage_dependence):
            if component:
                self.translations.update(component.translations)


def _check_components(timing: Any, weights: Any, voltage: Any) -> None:
    """Refuse components of an `STDPMechanism` that are unknown, or cannot be combined."""
    where = "STDPMechanism"
    if voltage is not None:
        raise Unsupported(where, "a voltage dependence", allowed="timing and weight dependences")
    for part, name, base in (
        (timing, "timing_dependence", synapses.STDPTimingDependence),
        (weights, "weight_dependence", synapses.STDPWeightDependence),
    ):
        known = [
            one.__name__
            for one in vars(plasticity_rules).values()
            if isinstance(one, type) and issubclass(one, base) and hasattr(one, "possible_models")
        ]
        if not hasattr(part, "possible_models"):
            given = "none" if part is None else type(part).__name__
            raise Unsupported(where, f"{name}: {given}", allowed=", ".join(known))
    if not timing.possible_models & weights.possible_models:
        raise Unsupported(
            where,
            f"{type(timing).__name__} with {type(weights).__name__}",
            allowed="AdditiveWeightDependence",
        )
