"""Ctrl-C and kill: the workflow ends its jobs, and says in one line how to go on."""

from __future__ import annotations

import contextlib
import signal
import sys
from types import FrameType

import psutil

RESUMED = "interrupted; finished runs and tables are kept, and the same command goes on from there"
"""The line of what goes on where it stopped."""


class Interruption:
    """Handlers of SIGINT and SIGTERM in the main process of the workflow.

    Attributes
    ----------
    exit_code
        128 plus the number of the signal that came; None if none did.
    """

    def __init__(self) -> None:
        self.exit_code: int | None = None

    def before_jobs(self) -> None:
        """End this process at once from now on, since it has no jobs yet."""
        self._install(self._end_now)

    def with_jobs(self) -> None:
        """End jobs first from now on, the way that Snakemake ends them when Ctrl-C is pressed."""
        self._install(self._end_jobs)

    def end(self) -> None:
        """End this process with one line and the exit code, if a signal came."""
        if self.exit_code is not None:
            sys.stderr.write(f"{RESUMED}\n")
            sys.exit(self.exit_code)

    @staticmethod
    def _install(handler: signal._HANDLER) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, handler)

    def _end_now(self, number: int, frame: FrameType | None) -> None:
        self.exit_code = 128 + number
        self.end()

    def _end_jobs(self, number: int, frame: FrameType | None) -> None:
        # Ctrl-C pressed twice, or passed on by a parent that got it, too, is one interruption.
        if self.exit_code is not None:
            return
        self.exit_code = 128 + number
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()
        raise KeyboardInterrupt
