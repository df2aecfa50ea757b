"""Synapse types whose native parameters are PyNN's own, in PyNN's units.

A connector hands a projection the *native* parameters of its synapse type. When native means
PyNN's names and units, both backends receive the same numbers from it, and each converts
them once, as arrays.

Mends: `STDPMechanism.base_translations` is a dictionary of the class that every instance
changes (row "STDPMechanism.base_translations"; seen in PyNN 0.13.0, both backends).
"""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import synapses

from pipelines.errors import Unsupported

from . import plasticity_rules
from .network_registry import Registry
from .translations import same_names as same_names


def with_smallest_delay(registry: Registry, *types: type) -> tuple[type, ...]:
    """Synapse types whose delay, where they are given none, is the smallest one of `setup`."""

    def smallest(_: Any) -> float:
        return registry.min_delay

    return tuple(
        type(base.__name__, (base,), {"__doc__": base.__doc__, "_get_minimum_delay": smallest})
        for base in types
    )


class StaticSynapse(synapses.StaticSynapse):
    __doc__ = synapses.StaticSynapse.__doc__
    translations = same_names("weight", "delay", "weight_transmitted", "weight_now")
    # Weights and delays are checked once a projection, on the whole edge list.
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
    # A plastic weight can be read as it was last transmitted (`weight` is that too) and as it
    # is now (row "weight read back").
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
        _refuse_other_parts(timing_dependence, weight_dependence, voltage_dependence)
        smallest = self._get_minimum_delay()
        super().__init__(
            timing_dependence, weight_dependence, voltage_dependence,
            dendritic_delay_fraction, weight, smallest,
        )  # fmt: skip
        # PyNN asks for the truth of the delay, which an array does not have.
        if delay is not None:
            self.delay = delay

    def _get_minimum_delay(self) -> float:
        raise NotImplementedError

    @property
    def rule(self) -> str:
        """Name of the rule: a key of `rules.PAIRINGS`, or ``"triplet"`` or ``"vogels_2011"``."""
        (name,) = self.possible_models
        return str(name)

    @property
    def constants(self) -> dict[str, float]:
        """Parameters that follow from which parts the mechanism has."""
        return {
            **self.timing_dependence.extra_parameters,
            **self.weight_dependence.extra_parameters,
        }

    def _build_translations(self) -> None:
        self.translations = dict(self.base_translations)
        for component in (self.timing_dependence, self.weight_dependence, self.voltage_dependence):
            if component:
                self.translations.update(component.translations)


def _refuse_other_parts(timing: Any, weights: Any, voltage: Any) -> None:
    """Refuse, by name, parts that are no rule of this backend or no rule together."""
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
