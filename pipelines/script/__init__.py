"""Run an existing PyNN script, unchanged, on every backend, and store what it records as tables.

`run_script` runs a script on several backends and gathers the tables; `worker` is the process of
one backend; `simulator_imports` replaces every import of a PyNN simulator by that backend.
"""
