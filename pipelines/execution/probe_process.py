"""Probes of backends in separate processes, and lines of text on what backends refuse."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.execution.child_process import ChildProcessEnded, result_of, start_fresh
from pipelines.execution.probe import COMPILE, probe_backend

# Enough for a simulator that has to compile everything.
_TIME_LIMIT_S = 600
_STANDARD_ERROR = 2


class ProbeProcess:
    """A call of `probe.probe_backend` in a process of its own, which works since this was made.

    Compiling writes its progress to stderr and has no time limit.

    Parameters
    ----------
    backend
        Name of the backend.
    experiments_and_profile
        As in `probe.probe_backend`.
    """

    def __init__(self, backend: str, *experiments_and_profile: str) -> None:
        compiles = experiments_and_profile == (COMPILE,)
        # Closed by `answer`.
        self._said = None if compiles else tempfile.TemporaryFile()  # noqa: SIM115
        self._child = start_fresh(
            probe_backend,
            *(backend, *experiments_and_profile),
            output=_STANDARD_ERROR if self._said is None else self._said.fileno(),
            time_s=None if compiles else _TIME_LIMIT_S,
        )

    def answer(self) -> dict[str, Any]:
        """Wait for the end of the probe, and return its result.

        Returns
        -------
        dict
            As `probe.run_probe` returns it; ``seconds`` is None if the process died.
        """
        try:
            answer: dict[str, Any] = result_of(self._child)
        except ChildProcessEnded as end:
            answer = {"ok": False, "detail": ": ".join([str(end), *self._last_line()])}
            answer["seconds"] = None
        finally:
            if self._said is not None:
                self._said.close()
        return answer

    def _last_line(self) -> list[str]:
        if self._said is None:
            return []
        self._said.seek(0)
        return self._said.read().decode(errors="replace").strip().splitlines()[-1:]


def probe_in_process(backend: str, *experiments_and_profile: str) -> dict[str, Any]:
    """The result of a `ProbeProcess` with these arguments."""
    return ProbeProcess(backend, *experiments_and_profile).answer()


def refusal_lines(profiles: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Lines of text on what backends refuse of sweeps, one an experiment, backend and reason.

    Parameters
    ----------
    profiles
        ``refusals`` of `probe_in_process`, by profile.
    """
    by_reason: dict[tuple[str, str, str], dict[str, Mapping[str, Any]]] = {}
    for profile, refusals in profiles.items():
        for refusal in refusals:
            key = refusal["experiment"], refusal["backend"], refusal["reason"]
            by_reason.setdefault(key, {})[profile] = refusal
    return [
        f"{experiment}: {backend} refuses "
        + "; ".join(f"of {profile} {refusal['extent']}" for profile, refusal in found.items())
        + f": {reason}"
        for (experiment, backend, reason), found in by_reason.items()
    ]
