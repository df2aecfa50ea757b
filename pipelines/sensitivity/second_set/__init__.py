"""Faults made up after the causes for the first set were written."""

from pipelines.sensitivity.second_set import cells, inputs, recording, synapses

MODULES = (cells, synapses, inputs, recording)
