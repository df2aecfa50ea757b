"""Cell types with PyNN's names and units, each with its model in `neurons`."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from pyNN.standardmodels import cells as pynn
from pyNN.standardmodels import receptors

from ..shared import frozen_inputs, renewal_sources, spike_trains
from ..shared.point_neuron import PointNeuron as NamedReceptors
from ..shared.point_neuron import same_dotted_names
from ..shared.spike_trains import Trains, spikes_by_step
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
    """Subclass of a PyNN cell type with a model, and identity translations."""
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


def _component(base: Any, **changes: Any) -> Any:
    """Subclass of a PyNN component of composed neurons, with identity translations."""
    names = same_names(*base.default_parameters)
    given = {"__doc__": base.__doc__, "translations": names, "__module__": __name__}
    return type(base.__name__, (base,), given | changes)


LIF, AdExp = _component(pynn.LIF), _component(pynn.AdExp)
CurrExpPostSynapticResponse = _component(receptors.CurrExpPostSynapticResponse, recordable=["isyn"])
CondAlphaPostSynapticResponse = AlphaPSR = _component(
    receptors.CondAlphaPostSynapticResponse, recordable=["gsyn"]
)
CondBetaPostSynapticResponse = BetaPSR = _component(
    receptors.CondBetaPostSynapticResponse, recordable=["gsyn"]
)
_COMPOSED = {
    (LIF, CurrExpPostSynapticResponse): composed_neurons.NamedCurrents,
    (AdExp, AlphaPSR): composed_neurons.NamedAlpha,
    (AdExp, BetaPSR): composed_neurons.NamedBeta,
}


class PointNeuron(NamedReceptors):
    __doc__ = NamedReceptors.__doc__

    def has_model(self, neuron: Any, receptor: Any) -> bool:
        return (type(neuron), type(receptor)) in _COMPOSED

    @property
    def translations(self) -> dict[str, Any]:
        """Identity translations of all parameters."""
        return same_dotted_names(*self.flat_parameters)

    @property
    def model(self) -> Any:
        """Constructor of the neurons, as in `neurons`."""
        one = next(iter(self.post_synaptic_receptors.values()))
        return partial(_COMPOSED[type(self.neuron), type(one)], self.receptor_types)


class SpikeSources:
    """Spike sources of one population, with the interface of `neurons.Neurons`; without state."""

    variables, refractory_steps_left = (), np.empty(0)

    def __init__(self) -> None:
        self._steps, self._source = np.empty((2, 0), dtype=np.int64)

    def load_spikes(self, trains: Trains, first: int, last: int) -> None:
        """Load the spikes after step `first`, up to step `last`."""
        found = trains.spikes_between(first, last)
        self._steps, self._source = spikes_by_step(*found, trains.size, first, last)

    def restart(self, initial: dict[str, np.ndarray]) -> None:
        """Do nothing: there is no state."""

    def receive(self, arriving: np.ndarray, not_refractory: np.ndarray) -> None:
        """Do nothing: sources receive no input."""

    def step(self, now: int, current: np.ndarray, arriving: np.ndarray) -> np.ndarray:
        """Return the sources that spike in step `now`."""
        return self.fire(now)

    def fire(self, now: int) -> np.ndarray:
        """Sources that spike in step `now`, each repeated for every spike."""
        first, last = np.searchsorted(self._steps, [now, now + 1])
        return self._source[first:last]


def _source_type(base: Any) -> Any:
    """Subclass of a PyNN spike source with the model `SpikeSources`."""
    doc = {"__doc__": base.__doc__, "model": SpikeSources, "__module__": __name__}
    return type(base.__name__, (base,), doc)


SpikeSourceArray = _source_type(spike_trains.SpikeSourceArray)
SpikeSourcePoisson = _source_type(frozen_inputs.SpikeSourcePoisson)
SpikeSourcePoissonRefractory = _source_type(renewal_sources.SpikeSourcePoissonRefractory)
SpikeSourceGamma = _source_type(renewal_sources.SpikeSourceGamma)
SpikeSourceInhGamma = _source_type(renewal_sources.SpikeSourceInhGamma)
