"""Provenance of a run: when and how long it ran, the host, and the git commit of the project."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime, timedelta
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


def timing(wall_s: float) -> dict[str, Any]:
    """Columns ``wall_s`` and ``started_utc`` of a run that ends now and took `wall_s` seconds."""
    started = datetime.now(UTC) - timedelta(seconds=wall_s)
    return {"wall_s": round(wall_s, 6), "started_utc": started.isoformat(timespec="milliseconds")}


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
