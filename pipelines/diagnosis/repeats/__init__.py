"""Repetition of runs, and description of the networks that they build."""
