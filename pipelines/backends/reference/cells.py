"""Cell types: PyNN's names and units, and which of `neurons` they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pyNN.parameters import Sequence as Train
from pyNN.standardmodels import cells as pynn

from ..shared import drawn
from ..shared.grid import to_ms, trains_steps
from ..shared.synapses import same_names
from . import neurons
from .simulator import registry


class IF_curr_exp(pynn.IF_curr_exp):
    __doc__ = neurons.CurrentExp.__doc__
    translations = same_names(*pynn.IF_curr_exp.default_parameters)
    recordable = ("spikes", "v", "isyn_exc", "isyn_inh")
    model = neurons.CurrentExp


class IF_curr_alpha(pynn.IF_curr_alpha):
    __doc__ = neurons.CurrentAlpha.__doc__
    translations = same_names(*pynn.IF_curr_alpha.default_parameters)
    recordable = ("spikes", "v", "isyn_exc", "isyn_inh")
    model = neurons.CurrentAlpha


class IF_curr_delta(pynn.IF_curr_delta):
    __doc__ = neurons.Delta.__doc__
    translations = same_names(*pynn.IF_curr_delta.default_parameters)
    model = neurons.Delta


class IF_cond_exp(pynn.IF_cond_exp):
    __doc__ = neurons.ConductanceExp.__doc__
    translations = same_names(*pynn.IF_cond_exp.default_parameters)
    model = neurons.ConductanceExp


class IF_cond_alpha(pynn.IF_cond_alpha):
    __doc__ = neurons.ConductanceAlpha.__doc__
    translations = same_names(*pynn.IF_cond_alpha.default_parameters)
    model = neurons.ConductanceAlpha


class EIF_cond_exp_isfa_ista(pynn.EIF_cond_exp_isfa_ista):
    __doc__ = neurons.AdaptiveExponential.__doc__
    translations = same_names(*pynn.EIF_cond_exp_isfa_ista.default_parameters)
    model = neurons.AdaptiveExponential


class HH_cond_exp(pynn.HH_cond_exp):
    __doc__ = neurons.HodgkinHuxley.__doc__
    translations = same_names(*pynn.HH_cond_exp.default_parameters)
    receptor_types = ("excitatory", "inhibitory")
    model = neurons.HodgkinHuxley


class Izhikevich(pynn.Izhikevich):
    __doc__ = neurons.Izhikevich.__doc__
    translations = same_names(*pynn.Izhikevich.default_parameters)
    model = neurons.Izhikevich


class SpikeSourceArray(pynn.SpikeSourceArray):
    __doc__ = pynn.SpikeSourceArray.__doc__
    translations = same_names("spike_times")


class SpikeSourcePoisson(drawn.SpikeSourcePoisson):
    __doc__ = drawn.SpikeSourcePoisson.__doc__


class Sources:
    """Spike sources that play given trains; they take nothing, and have no state."""

    held = np.empty(0, dtype=np.int64)

    def __init__(self, parameters: dict[str, Any], n: int, dt: float) -> None:
        self.parameters, self.dt = parameters, dt
        self.renew()

    def renew(self) -> None:
        """Check the trains, and play them from the present on."""
        trains = [train.value for train in self.parameters["spike_times"]]
        steps, bounds = trains_steps(trains, self.dt, registry.min_delay_steps + 1)
        self.play(np.split(steps, bounds))
        self.parameters["spike_times"] = trains_of(np.split(to_ms(steps, self.dt), bounds))

    def play(self, trains: Sequence[np.ndarray]) -> None:
        """Play these spikes, given as steps, from the present on."""
        steps = np.concatenate([np.empty(0, dtype=np.int64), *trains])
        source = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
        order = np.argsort(steps, kind="stable")
        self._steps, self._source = steps[order], source[order]

    def restart(self, initial: dict[str, np.ndarray]) -> None:
        """Nothing to do: the same trains are played again."""

    def step_at(self, step: int) -> np.ndarray:
        """Sources that fire in a step."""
        first, last = np.searchsorted(self._steps, [step, step + 1])
        return self._source[first:last]


def trains_of(values: Sequence[np.ndarray]) -> np.ndarray:
    """PyNN's array of spike trains, shape (n,)."""
    trains = np.empty(len(values), dtype=Train)
    trains[:] = [Train(value) for value in values]
    return trains
