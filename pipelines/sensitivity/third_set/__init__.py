"""Faults unlike those of the first two sets."""

from pipelines.sensitivity.third_set import cells, inputs, plasticity, recording, signals, synapses

MODULES = (cells, synapses, plasticity, inputs, recording, signals)
