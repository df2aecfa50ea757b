"""Faults unlike those of the first three sets."""

from pipelines.sensitivity.fourth_set import cells, inputs, recording, synapses

MODULES = (cells, synapses, inputs, recording)
