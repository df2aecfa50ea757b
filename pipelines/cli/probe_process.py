"""Probes of backends in separate processes, and lines of text on what backends refuse."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.cli.probe import COMPILE, probe_backend
from pipelines.execution.child_process import ChildProcessEnded, in_fresh

# Enough for a simulator that has to compile everything.
_TIME_LIMIT_S = 600
_STANDARD_ERROR = 2


def probe_in_process(backend: str, *experiment_and_profile: str) -> dict[str, Any]:
    """Call `probe.probe_backend` in a process of its own, and return its result.

    Compiling writes its progress to stderr and has no time limit.

    Parameters
    ----------
    backend
        Name of the backend.
    experiment_and_profile
        As in `probe.probe_backend`.

    Returns
    -------
    dict
        As `probe.run_probe` returns it; ``seconds`` is None if the process died.
    """
    arguments = backend, *experiment_and_profile
    if experiment_and_profile == (COMPILE,):
        return _run_probe(arguments, output=_STANDARD_ERROR)
    with tempfile.TemporaryDirectory() as folder:
        output_file = Path(folder, "output.txt")
        answer = _run_probe(arguments, output=output_file, time_s=_TIME_LIMIT_S)
        if answer["seconds"] is None and output_file.exists():
            last = (
                output_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            )
            answer["detail"] = ": ".join([answer["detail"], *last])
        return answer


def _run_probe(arguments: tuple[str, ...], **options: Any) -> dict[str, Any]:
    try:
        return in_fresh(probe_backend, *arguments, **options)
    except ChildProcessEnded as end:
        return {"ok": False, "detail": str(end), "seconds": None}


def refusal_lines(profiles: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Lines of text on what backends refuse of the profiles of a sweep, one a backend and reason.

    Parameters
    ----------
    profiles
        ``refusals`` of `probe_in_process`, by profile.
    """
    by_reason: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for profile, refusals in profiles.items():
        for refusal in refusals:
            key = refusal["backend"], refusal["reason"]
            by_reason.setdefault(key, {})[profile] = refusal
    return [
        f"{backend} refuses "
        + "; ".join(f"of {profile} {refusal['extent']}" for profile, refusal in found.items())
        + f": {reason}"
        for (backend, reason), found in by_reason.items()
    ]
