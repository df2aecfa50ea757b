"""Layers of the microcircuit and colours of its cell types in figures."""

COLOURS = {"E": "#0b3954", "I": "#c8553d"}
LAYERS = {"L23": "2/3", "L4": "4", "L5": "5", "L6": "6"}
