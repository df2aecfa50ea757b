"""Layers of the microcircuit and colours of its cells, as its figures show them."""

COLOURS = {"E": "#0b3954", "I": "#c8553d"}
LAYERS = {"L23": "2/3", "L4": "4", "L5": "5", "L6": "6"}
