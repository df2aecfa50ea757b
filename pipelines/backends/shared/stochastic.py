"""Stochastic synapses, refused because backends could not draw the same random numbers.

A stochastic synapse draws a random number at each spike. NEST's models (`bernoulli_synapse`,
`quantal_stp_synapse`) draw from NEST's own generators, one per thread for all of its synapses,
which cannot be replaced by given numbers; Brian2 has no such models. The backends would not agree,
and results would depend on the number of threads.
"""

from __future__ import annotations

from typing import Any

from pyNN.standardmodels import synapses

from pipelines.errors import Unsupported

_ALONE = "native_synapse_type({!r}), which draws for itself, where a backend has native types"


class _RefusedSynapse:
    """Mixin of synapse types whose constructor refuses."""

    plastic = False
    allowed = ""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise Unsupported(
            type(self).__name__,
            "the random numbers that decide on each spike are a simulator's own, so backends"
            " could not agree",
            allowed=self.allowed,
        )


class SimpleStochasticSynapse(_RefusedSynapse, synapses.SimpleStochasticSynapse):
    __doc__ = synapses.SimpleStochasticSynapse.__doc__
    allowed = f"StaticSynapse with the mean weight, p * weight; or {_ALONE}".format(
        "bernoulli_synapse"
    )


class StochasticTsodyksMarkramSynapse(_RefusedSynapse, synapses.StochasticTsodyksMarkramSynapse):
    __doc__ = synapses.StochasticTsodyksMarkramSynapse.__doc__
    allowed = "TsodyksMarkramSynapse, which sends the mean of many such synapses"


class MultiQuantalSynapse(_RefusedSynapse, synapses.MultiQuantalSynapse):
    __doc__ = synapses.MultiQuantalSynapse.__doc__
    allowed = (
        "TsodyksMarkramSynapse, which has no chance in it; or"
        f" {_ALONE.format('quantal_stp_synapse')}"
    )
