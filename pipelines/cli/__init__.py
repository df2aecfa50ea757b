"""The command ``counterpoint``: thin callers of the library."""

from pipelines.cli.main import main

__all__ = ["main"]
