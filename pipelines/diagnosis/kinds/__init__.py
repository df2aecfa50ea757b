"""Entries of the catalogue of causes, by the module that tests for them."""
