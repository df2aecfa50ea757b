"""Faults of which the causes were written."""

from pipelines.sensitivity.first_set import cells, inputs, recording, synapses

MODULES = (cells, synapses, inputs, recording)
