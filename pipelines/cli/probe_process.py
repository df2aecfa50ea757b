"""Asking `pipelines.cli.probe` in a process of its own, and telling what backends refuse."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.cli.probe import COMPILE, probe_backend
from pipelines.execution.child_process import ChildProcessEnded, in_fresh

# A simulator may have to compile everything for the first time.
_TIME_LIMIT_S = 600
_STANDARD_ERROR = 2


def probe_in_process(backend: str, *experiment_and_profile: str) -> dict[str, Any]:
    """Ask `pipelines.cli.probe` in a process of its own: `ok`, `detail`, `seconds`.

    Whoever asks it to compile sees how far it is, and it may take as long as it needs.
    """
    arguments = backend, *experiment_and_profile
    if experiment_and_profile == (COMPILE,):
        return _run_probe(arguments, output=_STANDARD_ERROR)
    with tempfile.TemporaryDirectory() as folder:
        output_file = Path(folder, "said.txt")
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
    """What backends refuse of the profiles of a sweep, a line a backend and reason.

    Parameters
    ----------
    profiles
        By profile the refusals that `probe_in_process` gave.
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
