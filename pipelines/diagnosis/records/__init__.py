"""Exact transformations of recorded tables: losses, shifts, orders, units and rounding."""
