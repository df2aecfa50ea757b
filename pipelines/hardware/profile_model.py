"""The typed model of a hardware profile: capacity, constraints and energy, with their sources."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, model_validator

from pipelines.hardware.sourced_numbers import (
    Bits,
    Count,
    NotNegative,
    Positive,
    Share,
    Source,
    Text,
    numbers,
)
from pipelines.typed_model import Model, refused

# Name of the profile of a network without constraints, which has no file.
IDEAL = "none"
# Constraints that are spreads of parameters, and whether they are drawn anew for each run.
SPREADS = {"fixed_pattern": False, "trial_to_trial": True}


class Spread(Model):
    """Distribution of a parameter around the value that was asked for.

    Attributes
    ----------
    distribution
        `normal`, or `lognormal` (whose mean is the value that was asked for).
    cv
        Coefficient of variation: standard deviation relative to the value; of a potential, relative
        to its distance from `v_rest`.
    sd
        Standard deviation in PyNN's unit of the parameter, in place of `cv`; of a normal
        distribution only.
    """

    distribution: Literal["normal", "lognormal"]
    cv: NotNegative | None = None
    sd: NotNegative | None = None

    @model_validator(mode="after")
    def _one_width(self) -> Spread:
        if (self.cv is None) == (self.sd is None):
            raise refused("has both or none of cv and sd", "one of them")
        if self.sd is not None and self.distribution == "lognormal":
            raise refused("sd of a lognormal distribution", "cv, or distribution: normal")
        return self


class Spreads(Model):
    """Spreads of parameters of cells, by PyNN's name, and of weights."""

    cells: dict[Text, Spread] = Field(default={})
    weights: Spread | None = None

    @model_validator(mode="after")
    def _relative_to_something(self) -> Spreads:
        if "v_rest" in self.cells and self.cells["v_rest"].cv is not None:
            raise refused("cv of v_rest, which relative spreads of potentials refer to", "sd")
        if self.weights is not None and self.weights.sd is not None:
            raise refused("sd of weights, which differ in size", "cv")
        return self


class TimeStep(Model):
    """The chip advances in steps of this length (ms), unless the experiment's are longer."""

    step_ms: Positive


class WeightLevels(Model):
    """Weights are one of 2^bits levels, k w / (2^bits - 1), with w the largest of the projection.

    Of a plastic projection w is `w_max`.

    Attributes
    ----------
    bits
        Bits of a weight.
    plastic
        `refused`: a plastic projection does not fit; `at_times`: its weights are rounded every
        `interval_ms`.
    interval_ms
        Time between two roundings of plastic weights.
    rounding
        Of plastic weights: to the `nearest` level, or `stochastic`, up or down with probabilities
        that leave the mean unchanged.
    """

    bits: Bits
    plastic: Literal["refused", "at_times"] = "refused"
    interval_ms: Positive | None = None
    rounding: Literal["nearest", "stochastic"] = "nearest"

    @model_validator(mode="after")
    def _interval(self) -> WeightLevels:
        if (self.plastic == "at_times") != (self.interval_ms is not None):
            raise refused(
                f"plastic: {self.plastic} {'with' if self.interval_ms else 'without'} interval_ms",
                "interval_ms with plastic: at_times, and only then",
            )
        return self


class SharedParameters(Model):
    """Blocks of `neurons` neurons of a population have the mean of what each was asked for."""

    neurons: Count
    parameters: Literal["all"] | Annotated[tuple[Text, ...], Field(min_length=1)] = "all"


class Delays(Model):
    """Delays that the chip has: one for all, or a grid within a range.

    With `bits` the number of delays is 2^bits: multiples of `step_ms` from `minimum_ms` on.
    """

    common_ms: Positive | None = None
    minimum_ms: Positive | None = None
    maximum_ms: Positive | None = None
    step_ms: Positive | None = None
    bits: Bits | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Delays:
        others = (self.minimum_ms, self.maximum_ms, self.step_ms, self.bits)
        if self.common_ms is not None and any(one is not None for one in others):
            raise refused("common_ms beside other keys", "common_ms alone")
        if self.bits is not None and (self.step_ms is None or self.maximum_ms is not None):
            raise refused("bits needs step_ms, and sets the longest delay", "bits with step_ms")
        low, high = self.minimum_ms, self.maximum_ms
        if low is not None and high is not None and low.value > high.value:
            raise refused("minimum_ms is above maximum_ms", "a smaller minimum_ms")
        step = self.step_ms
        if low is None and step is not None and high is not None and step.value > high.value:
            raise refused("step_ms is above maximum_ms", "a smaller step_ms, or minimum_ms")
        return self


class SynapseLoss(Model):
    """A share of the synapses is not realised, drawn at random for the chip.

    Attributes
    ----------
    share
        Share that is lost.
    of_sources
        Whether synapses of spike sources are lost, too. One source often stands for many inputs
        from outside, whose losses are spikes (`spike_loss`).
    """

    share: Share
    of_sources: StrictBool = True


class FanIn(Model):
    """A neuron has this many inputs; of those beyond, drawn at random, none is realised."""

    inputs: Count


class SpikeLoss(Model):
    """Spikes of sources that do not reach the chip.

    Attributes
    ----------
    share
        Share of all spikes that is lost at random.
    spikes_per_s
        Spikes per s that the link of a population of sources transmits; those beyond are lost.
    """

    share: Share | None = None
    spikes_per_s: Positive | None = None


class Plasticity(Model):
    """Rules of plasticity that the chip has, by PyNN's name; a network with others does not fit."""

    rules: tuple[Text, ...]


class Constraints(Model):
    """What the chip does to a network, by operation."""

    time_step: TimeStep | None = None
    weight_levels: WeightLevels | None = None
    shared_parameters: SharedParameters | None = None
    fixed_pattern: Spreads | None = None
    trial_to_trial: Spreads | None = None
    delays: Delays | None = None
    synapse_loss: SynapseLoss | None = None
    fan_in: FanIn | None = None
    spike_loss: SpikeLoss | None = None
    plasticity: Plasticity | None = None


class Capacity(Model):
    """How much the chip has; a network that needs more does not fit."""

    neurons: Count | None = None
    synapses: Count | None = None
    inputs_per_neuron: Count | None = None
    receptors_per_neuron: Count | None = None


class Energy(Model):
    """Published energy per event, in J."""

    per_spike_j: NotNegative | None = None
    per_synaptic_event_j: NotNegative | None = None
    per_neuron_update_j: NotNegative | None = None


class HardwareProfile(Model):
    """A whole hardware profile.

    Attributes
    ----------
    title, description
        Name of the chip, and a sentence on it.
    chip
        Number of the individual chip: fixed patterns of another number are drawn anew.
    sources
        Sources by key.
    capacity, constraints, energy
        What the chip has, does to a network, and needs.
    not_modelled
        Sentences on what is left out.
    """

    title: Text
    description: Text
    chip: Annotated[int, Field(strict=True, ge=1)] = 1
    sources: dict[Text, Source] = Field(default={})
    capacity: Capacity = Capacity()
    constraints: Constraints = Constraints()
    energy: Energy = Energy()
    not_modelled: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _known_sources(self) -> HardwareProfile:
        for place, number in numbers(self):
            if number.source not in self.sources:
                known = ", ".join(self.sources) or "none: the profile has no 'sources'"
                raise refused(f"{place}.source: no source '{number.source}'", known)
        return self
