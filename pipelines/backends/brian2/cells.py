"""Cell types on Brian2 whose meaning differs from NEST's in stock PyNN.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): the groups of `groups.py`, and synaptic
currents that cannot be recorded (row "recording isyn").
"""

from __future__ import annotations

from pyNN.brian2.standardmodels import cells as stock
from pyNN.standardmodels import build_translations

from ..shared import drawn
from .groups import CurrentExpGroup, LeakyGroup, SourceGroup


class IF_curr_exp(stock.IF_curr_exp):
    __doc__ = stock.IF_curr_exp.__doc__
    recordable = ("spikes", "v", "isyn_exc", "isyn_inh")
    brian2_model = CurrentExpGroup


class IF_curr_alpha(stock.IF_curr_alpha):
    __doc__ = stock.IF_curr_alpha.__doc__
    brian2_model = LeakyGroup


class IF_curr_delta(stock.IF_curr_delta):
    __doc__ = stock.IF_curr_delta.__doc__
    brian2_model = LeakyGroup


class IF_cond_alpha(stock.IF_cond_alpha):
    __doc__ = stock.IF_cond_alpha.__doc__
    brian2_model = LeakyGroup


class IF_cond_exp(stock.IF_cond_exp):
    __doc__ = stock.IF_cond_exp.__doc__
    brian2_model = LeakyGroup


class SpikeSourcePoisson(drawn.SpikeSourcePoisson):
    __doc__ = drawn.SpikeSourcePoisson.__doc__
    brian2_model = SourceGroup
    eqs = None


class SpikeSourceArray(stock.SpikeSourceArray):
    __doc__ = stock.SpikeSourceArray.__doc__
    # In ms: the group counts in steps, and a unit would only add rounding.
    translations = build_translations(("spike_times", "spike_time_sequences"))
    brian2_model = SourceGroup
