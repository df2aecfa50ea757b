"""The tables of an experiment: their columns, reading, writing and gathering them."""
