"""Where and from which state of the project a run was made."""

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
    """What is the same for all runs of a process.

    Parameters
    ----------
    root
        The project's folder.

    Returns
    -------
    dict
        ``host`` (its name), ``git_commit`` (empty where there is none) and ``git_clean`` (None
        where there is none): whether the files are those of it.
    """
    commit = _git(root, "rev-parse", "HEAD")
    changes = _git(root, "status", "--porcelain", "--untracked-files=normal") if commit else None
    return {
        "host": platform.node(),
        "git_commit": commit or "",
        "git_clean": None if changes is None else changes == "",
    }


def _git(root: Path, *words: str) -> str | None:
    # Reading must not take the lock that a commit in another window waits for.
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
