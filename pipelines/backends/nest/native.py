"""Models that NEST alone has, by its own names."""

from __future__ import annotations

import pyNN.nest as stock

from .control import registry
from .slices import KnowsSlices
from .synapses import SmallestDelay


def native_electrode_type(model_name: str) -> type:
    """A class of current sources for one of NEST's generators."""
    made = stock.native_electrode_type(model_name)
    return type(model_name, (KnowsSlices, made), {"_registry": registry})


def native_synapse_type(model_name: str) -> type:
    """A class of synapse types for one of NEST's synapse models."""
    made = stock.native_synapse_type(model_name)
    return type(model_name, (SmallestDelay, made), {})
