"""Existing PyNN scripts, unchanged, on every backend: each in a process, its records in tables.

`play` runs a script on backends and gathers what it recorded; `child` is the process in which it
runs; `importing` gives it a backend whenever it imports a simulator of PyNN's.
"""
