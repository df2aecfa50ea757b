"""The tables of an experiment: their columns, reading, writing, gathering, and Neo objects."""

from pipelines.tables.neo_block import neo

__all__ = ["neo"]
