"""Cell types: PyNN's names and units, and which of `neurons` they are."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from pyNN.standardmodels import cells as pynn
from pyNN.standardmodels import receptors

from ..shared import frozen_inputs, renewal_sources, spike_trains
from ..shared.point_neuron import PointNeuron as NamedReceptors
from ..shared.point_neuron import same_values
from ..shared.spike_trains import Trains, by_step
from ..shared.synapse_types import same_names
from . import composed_neurons, neurons, nonlinear_neurons

__all__ = [
    "LIF", "AdExp", "AlphaPSR", "BetaPSR", "CondAlphaPostSynapticResponse",
    "CondBetaPostSynapticResponse", "CurrExpPostSynapticResponse", "EIF_cond_alpha_isfa_ista",
    "EIF_cond_exp_isfa_ista", "HH_cond_exp", "IF_cond_alpha", "IF_cond_exp", "IF_cond_exp_gsfa_grr",
    "IF_curr_alpha", "IF_curr_delta", "IF_curr_exp", "IF_facets_hardware1", "Izhikevich",
    "PointNeuron", "SpikeSourceArray", "SpikeSourceGamma", "SpikeSourceInhGamma",
    "SpikeSourcePoisson", "SpikeSourcePoissonRefractory",
]  # fmt: skip


def _cell_type(base: Any, model: Any, **changes: Any) -> Any:
    names = same_names(*base.default_parameters)
    given = {"__doc__": model.__doc__, "translations": names, "model": model}
    return type(base.__name__, (base,), given | {"__module__": __name__} | changes)


_ISYN = ("spikes", "v", "isyn_exc", "isyn_inh")
IF_curr_exp = _cell_type(pynn.IF_curr_exp, neurons.CurrentExp, recordable=_ISYN)
IF_curr_alpha = _cell_type(pynn.IF_curr_alpha, neurons.CurrentAlpha, recordable=_ISYN)
IF_curr_delta = _cell_type(pynn.IF_curr_delta, neurons.Delta)
IF_cond_exp = _cell_type(pynn.IF_cond_exp, neurons.ConductanceExp)
IF_cond_alpha = _cell_type(pynn.IF_cond_alpha, neurons.ConductanceAlpha)
IF_cond_exp_gsfa_grr = _cell_type(
    pynn.IF_cond_exp_gsfa_grr, composed_neurons.ConductanceExpAdapting
)
IF_facets_hardware1 = _cell_type(pynn.IF_facets_hardware1, composed_neurons.FacetsHardware)
EIF_cond_exp_isfa_ista = _cell_type(
    pynn.EIF_cond_exp_isfa_ista, nonlinear_neurons.AdaptiveExponential
)
EIF_cond_alpha_isfa_ista = _cell_type(
    pynn.EIF_cond_alpha_isfa_ista, nonlinear_neurons.AdaptiveExponentialAlpha
)
HH_cond_exp = _cell_type(
    pynn.HH_cond_exp,
    nonlinear_neurons.HodgkinHuxley,
    receptor_types=("excitatory", "inhibitory"),
    recordable=(*pynn.HH_cond_exp.recordable, "m", "h", "n"),
)
Izhikevich = _cell_type(pynn.Izhikevich, nonlinear_neurons.Izhikevich)


def _part(base: Any, **changes: Any) -> Any:
    names = same_names(*base.default_parameters)
    given = {"__doc__": base.__doc__, "translations": names, "__module__": __name__}
    return type(base.__name__, (base,), given | changes)


LIF, AdExp = _part(pynn.LIF), _part(pynn.AdExp)
CurrExpPostSynapticResponse = _part(receptors.CurrExpPostSynapticResponse, recordable=["isyn"])
CondAlphaPostSynapticResponse = AlphaPSR = _part(
    receptors.CondAlphaPostSynapticResponse, recordable=["gsyn"]
)
CondBetaPostSynapticResponse = BetaPSR = _part(
    receptors.CondBetaPostSynapticResponse, recordable=["gsyn"]
)
_COMPOSED = {
    (LIF, CurrExpPostSynapticResponse): composed_neurons.NamedCurrents,
    (AdExp, AlphaPSR): composed_neurons.NamedAlpha,
    (AdExp, BetaPSR): composed_neurons.NamedBeta,
}


class PointNeuron(NamedReceptors):
    __doc__ = NamedReceptors.__doc__

    def possible(self, neuron: Any, receptor: Any) -> bool:
        return (type(neuron), type(receptor)) in _COMPOSED

    @property
    def translations(self) -> dict[str, Any]:
        """PyNN's names are those of the parameters."""
        return same_values(*self.parts)

    @property
    def model(self) -> Any:
        """What makes the neurons."""
        one = next(iter(self.post_synaptic_receptors.values()))
        return partial(_COMPOSED[type(self.neuron), type(one)], self.receptor_types)


class Sources:
    """Spike sources that play trains; they have no state, and take nothing."""

    variables, held = (), np.empty(0)

    def __init__(self) -> None:
        self._steps, self._source = np.empty((2, 0), dtype=np.int64)

    def play(self, trains: Trains, first: int, last: int) -> None:
        """Be ready to play the spikes after step `first`, up to step `last`."""
        found = trains.between(first, last)
        self._steps, self._source = by_step(*found, trains.size, first, last)

    def restart(self, initial: dict[str, np.ndarray]) -> None:
        """Go back to time 0: nothing to do."""

    def receive(self, arriving: np.ndarray, free: np.ndarray) -> None:
        """Take nothing."""

    def step(self, now: int, current: np.ndarray, arriving: np.ndarray) -> np.ndarray:
        """Move on to step `now`: the sources that spike."""
        return self.fire(now)

    def fire(self, now: int) -> np.ndarray:
        """Sources that spike in step `now`, each as often as it does."""
        first, last = np.searchsorted(self._steps, [now, now + 1])
        return self._source[first:last]


def _source_type(base: Any) -> Any:
    doc = {"__doc__": base.__doc__, "model": Sources, "__module__": __name__}
    return type(base.__name__, (base,), doc)


SpikeSourceArray = _source_type(spike_trains.SpikeSourceArray)
SpikeSourcePoisson = _source_type(frozen_inputs.SpikeSourcePoisson)
SpikeSourcePoissonRefractory = _source_type(renewal_sources.SpikeSourcePoissonRefractory)
SpikeSourceGamma = _source_type(renewal_sources.SpikeSourceGamma)
SpikeSourceInhGamma = _source_type(renewal_sources.SpikeSourceInhGamma)
