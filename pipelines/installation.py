"""Where this library lies, and what other processes need to import it."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
# The folder that holds the package, and of a clone the rest of the project.
LIBRARY = PACKAGE.parent


def python_path() -> str:
    """A PYTHONPATH under which other processes import this library, whatever else they do."""
    return os.pathsep.join(filter(None, [str(LIBRARY), os.environ.get("PYTHONPATH", "")]))
