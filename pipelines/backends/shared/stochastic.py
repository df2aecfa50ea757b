"""Stochastic synapses, refused by name: no backend can be told what another one draws.

A synapse that lets spikes through by chance draws a number at each of them. NEST's models
(`bernoulli_synapse`, `quantal_stp_synapse`) take those numbers from NEST's own generators, of which
each thread has one that all its synapses share, and no number can be handed to them; Brian2 has no
such models. So the backends could not agree, and a result would depend on the number of threads.
"""

from __future__ import annotations

from typing import Any

from pyNN.standardmodels import synapses

from pipelines.errors import Unsupported

_ALONE = "native_synapse_type({!r}), which draws for itself, where a backend has native types"


class _Stochastic:
    """Mixin of synapse types that cannot be made."""

    plastic = False
    allowed = ""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise Unsupported(
            type(self).__name__,
            "the random numbers that decide on each spike are a simulator's own, so backends"
            " could not agree",
            allowed=self.allowed,
        )


class SimpleStochasticSynapse(_Stochastic, synapses.SimpleStochasticSynapse):
    __doc__ = synapses.SimpleStochasticSynapse.__doc__
    allowed = f"StaticSynapse with the mean weight, p * weight; or {_ALONE}".format(
        "bernoulli_synapse"
    )


class StochasticTsodyksMarkramSynapse(_Stochastic, synapses.StochasticTsodyksMarkramSynapse):
    __doc__ = synapses.StochasticTsodyksMarkramSynapse.__doc__
    allowed = "TsodyksMarkramSynapse, which sends the mean of many such synapses"


class MultiQuantalSynapse(_Stochastic, synapses.MultiQuantalSynapse):
    __doc__ = synapses.MultiQuantalSynapse.__doc__
    allowed = (
        "TsodyksMarkramSynapse, which has no chance in it; or"
        f" {_ALONE.format('quantal_stp_synapse')}"
    )
