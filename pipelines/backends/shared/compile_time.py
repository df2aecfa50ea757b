"""Time that this process has spent on compiling generated code, for progress and timings.

A backend that compiles wraps each compilation in `compiling`. Code that an earlier process has
compiled is only loaded, which takes milliseconds and counts, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class CompileTime:
    """Time of all compilations of this process.

    Attributes
    ----------
    seconds
        Their sum, in s.
    number
        Compilations begun.
    listener
        Called at the begin of each with their number, and at its end with None.
    """

    seconds: float = 0.0
    number: int = 0
    listener: Callable[[int | None], None] | None = None
    _depth: int = 0

    def take(self) -> float:
        """The time so far, in s, and begin anew at 0 s."""
        taken, self.seconds = self.seconds, 0.0
        return taken

    def clock_s(self) -> float:
        """Time (s) on a clock that stands still while code is compiled."""
        return time.perf_counter() - self.seconds

    @contextmanager
    def compiling(self) -> Iterator[None]:
        """Count the time in the block, once where blocks are nested."""
        if self._depth:
            yield
            return
        self._depth += 1
        self.number += 1
        started = time.perf_counter()
        self._tell(self.number)
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - started
            self._depth -= 1
            self._tell(None)

    def _tell(self, number: int | None) -> None:
        if self.listener is not None:
            self.listener(number)


COMPILE_TIME = CompileTime()
"""That of this process; a fork goes on counting from that of its parent."""
