"""Rows of the register that tables or errors of stock modules show: data for `known_of_stock`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A row of the register of differences, as far as it can be seen in tables or errors."""

    name: str
    text: str  # what the stock module does
    uses: tuple[str, ...] = ()  # PyNN's names, one of which is used; empty for any experiment
    fits: tuple[str, ...] = ()  # signatures that it explains: see `pipelines.diagnosis.causes`
    steps: int = 0  # if not 0, by how many steps it must be: more in the run of this module
    sure: bool = False  # whether it matters wherever one of `uses` is used, whatever tables show
    sure_with: tuple[str, ...] = ()  # the same, where one of these names is used too
    errors: tuple[str, ...] = ()  # parts of the messages with which a run fails


CELLS = ("IF_curr_exp", "IF_curr_alpha", "IF_cond_exp", "IF_cond_alpha", "EIF_cond_exp_isfa_ista")
_DRAWING = (
    "FixedProbabilityConnector", "FixedNumberPreConnector", "FixedNumberPostConnector",
    "FixedTotalNumberConnector", "DistanceDependentProbabilityConnector",
)  # fmt: skip
_SOURCES = ("SpikeSourceArray", "SpikeSourcePoisson")
_STDP = ("STDPMechanism",)
_SHIFT, OTHER_INPUT = ("constant shift", "shifted response"), "different inputs or initial values"
_RULE = ("different weight rule",)

# For the shipped experiments these were mended, in several combinations and all together; with all
# of them mended, on both, the stock modules have the same spikes.
ROWS: dict[str, tuple[Row, ...]] = {
    "stock_nest": (
        Row(
            "default precision", "its spikes lie off the grid, with iaf_psc_exp_ps", CELLS,
            ("spikes off the grid",)),
        Row(
            "SpikeSourcePoisson", "it draws trains of its own", ("SpikeSourcePoisson",),
            (OTHER_INPUT,), sure=True),
        Row(
            "random initial v",
            "random initial potentials are drawn twice, so that what their generator draws next is"
            " another draw: potentials of the next population, connections",
            ("RandomDistribution",),
            (OTHER_INPUT, "different connectivity"), sure_with=_DRAWING),
        Row(
            "SpikeSourceArray under min_delay='auto'",
            "sources are late by the smallest delay less one step", ("SpikeSourceArray",), _SHIFT),
        Row(
            "DC from 0", "a current that is on from the start begins at step 2",
            ("DCSource", "ACSource", "StepCurrentSource"), (*_SHIFT, "less excitable")),
        Row(
            "dendritic_delay_fraction", "refuses every fraction but 1", _STDP,
            errors=("does not currently support axonal delays",)),
        Row(
            "Gutig", "mu_plus and mu_minus are always 0.5", ("GutigWeightDependence",), _RULE),
        Row(
            "weight read back", "a weight is that of the last presynaptic spike", _STDP, _RULE),
        Row(
            "w_min other than 0", "a smallest weight other than 0 is refused", _STDP,
            errors=("Non-zero minimum weight",)),
        Row(
            "source at t < min_delay", "a source cannot fire in the first steps",
            ("SpikeSourceArray",), errors=("spike time cannot be set to 0",)),
        Row(
            "delay outside min/max", "a delay that setup() excludes blames a missing extension",
            errors=("NoModelAvailableError",)),
        Row(
            "OneToOne of 1 x 1", "OneToOneConnector between single cells fails",
            ("OneToOneConnector",), errors=("nonzero on 0d arrays",)),
    ),
    "stock_brian2": (
        Row(
            "spike stamp", "a spike has the time at which its step starts, not ends", CELLS, _SHIFT,
            -1, sure=True),
        Row(
            "refractory period", "it lasts one step less than tau_refrac", CELLS,
            ("refractory period", "refractory period or reset"), -1, sure=True),
        Row(
            "SpikeSourcePoisson", "it draws trains of its own", ("SpikeSourcePoisson",),
            (OTHER_INPUT,), sure=True),
        Row(
            "seeds", "the seed of setup() is ignored, its random trains are new each time",
            ("SpikeSourcePoisson", "NoisyCurrentSource"), (OTHER_INPUT,), sure=True),
        Row(
            "source to current", "a source's spike arrives one step late", _SOURCES,
            ("shifted response",), 1, sure=True),
        Row(
            "NoisyCurrentSource", "all cells have one noise, unseeded", ("NoisyCurrentSource",),
            (OTHER_INPUT, "one train for all"), sure=True),
        Row(
            "tau_syn = tau_m", "the membrane is NaN, and never fires", ("IF_curr_exp",),
            ("silent population",)),
        Row(
            "multapses with different weights", "all synapses of a pair get the last weight",
            ("FixedTotalNumberConnector", "FromListConnector"), ("different weights",)),
        Row(
            "dendritic_delay_fraction", "refuses every fraction but 0", _STDP,
            errors=("does not currently support dendritic delays",)),
        Row(
            "multiplicative; additive potentiation, multiplicative depression",
            "every weight dependence is additive",
            ("MultiplicativeWeightDependence", "AdditivePotentiationMultiplicativeDepression"),
            _RULE),
        Row(
            "Gutig", "GutigWeightDependence fails", ("GutigWeightDependence",),
            errors=("AttributeError",)),
        Row(
            "weight read back", "a weight is as it is now, not as last transmitted", _STDP, _RULE),
        Row("zero-lag pair", "a pair of lag 0 potentiates", _STDP, _RULE),
        Row(
            "per-neuron tau_refrac", "a refractory period for each neuron is refused", CELLS,
            errors=("Non-homogeneous refractory period",)),
    ),
}  # fmt: skip
"""By the stock module's name in sweeps."""
