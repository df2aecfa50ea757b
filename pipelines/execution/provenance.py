"""Provenance of a run: the host, and the git commit of the project."""

from __future__ import annotations

import os
import platform
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

_PATIENCE_S = 20.0


@lru_cache(maxsize=8)
def circumstances(root: Path) -> dict[str, Any]:
    """Provenance that all runs of a process share.

    Parameters
    ----------
    root
        The project's folder.

    Returns
    -------
    dict
        ``host`` (its name), ``git_commit`` (empty where there is none) and ``git_clean``: whether
        the files are those of the commit (None where there is none).
    """
    commit = _git(root, "rev-parse", "HEAD")
    changes = _git(root, "status", "--porcelain", "--untracked-files=normal") if commit else None
    return {
        "host": platform.node(),
        "git_commit": commit or "",
        "git_clean": None if changes is None else changes == "",
    }


def _git(root: Path, *words: str) -> str | None:
    # Without optional locks, which could make a commit in another process fail.
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0"}
    try:
        said = subprocess.run(
            ["git", "-C", str(root), *words],
            capture_output=True,
            text=True,
            check=True,
            timeout=_PATIENCE_S,
            env=environment,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return said.stdout.strip()
