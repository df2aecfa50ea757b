"""Figures from tables, drawn with seaborn; never from a simulator."""
