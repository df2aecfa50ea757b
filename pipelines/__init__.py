"""Counterpoint: one PyNN experiment, played on NEST and on Brian2, and compared."""

__version__ = "0.1.0"
