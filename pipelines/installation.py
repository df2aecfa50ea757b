"""Folders of this library, and the PYTHONPATH with which other processes import it."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
# The folder that holds the package, and of a clone the rest of the project.
LIBRARY = PACKAGE.parent


def python_path() -> str:
    """PYTHONPATH with which other processes import this library."""
    return os.pathsep.join(filter(None, [str(LIBRARY), os.environ.get("PYTHONPATH", "")]))
