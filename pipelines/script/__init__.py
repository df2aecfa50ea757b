"""Existing PyNN scripts, unchanged, on every backend: each in a process, its records in tables.

`run_script` runs a script on backends and gathers what it recorded; `worker` is the process in
which it runs; `simulator_imports` gives it a backend whenever it imports a simulator of PyNN's.
"""
