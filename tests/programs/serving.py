"""A process a backend, which imports it once and forks a child for every program.

The caller imports no simulator: a child's state is that of a process that has done nothing yet,
and a child that dies takes nothing with it. Run as ``python -m tests.programs.serving nest``.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .playing import Outcome
    from .program import Program

_ROOT = Path(__file__).parents[2]
# Longest time a program may take, in s; compiling takes minutes where nothing is compiled yet.
_PATIENCE_S = {False: 300.0, True: 900.0}


class Server:
    """A process that has imported a backend, and carries out one program after the other."""

    def __init__(self, backend: str, compiled: bool = False) -> None:
        self.backend = backend
        command = [sys.executable, "-m", __name__, backend, *(["--compiled"] if compiled else [])]
        self._process = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1"},
        )  # fmt: skip

    def play(self, program: Program) -> Outcome:
        """Carry out a program in a process of its own.

        Raises
        ------
        RuntimeError
            If the backend cannot be imported.
        """
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None and answers is not None
        try:
            pickle.dump(program, asked)
            asked.flush()
            return pickle.load(answers)
        except (EOFError, BrokenPipeError) as error:
            raise RuntimeError(f"the process of {self.backend} ended") from error

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _serve(backend: str, compiled: bool) -> None:
    from pipelines import backends

    from . import playing

    backends.load(backend)
    if "brian2" in sys.modules and not compiled:
        sys.modules["brian2"].prefs.codegen.target = "numpy"
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What simulators print is not an answer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    while True:
        try:
            program = pickle.load(asked)
        except EOFError:
            return
        pickle.dump(_in_child(playing, program, backend, _PATIENCE_S[compiled]), answers)
        answers.flush()


def _in_child(playing: Any, program: Program, backend: str, patience: float) -> Outcome:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        with os.fdopen(writing, "wb") as answer:
            pickle.dump(playing.play(program, backend), answer)
        os._exit(0)
    os.close(writing)
    answer, limit = bytearray(), time.monotonic() + patience
    while select.select([reading], [], [], max(limit - time.monotonic(), 0.0))[0]:
        part = os.read(reading, 1 << 20)
        answer += part
        if not part:
            break
    else:
        os.kill(child, signal.SIGKILL)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    if status == 0:
        return pickle.loads(bytes(answer))
    code = os.waitstatus_to_exitcode(status)
    took = f"after {patience:g} s" if code == -signal.SIGKILL else ""
    return playing.Outcome(playing.CRASHED, f"the process ended with {code} {took}".strip())


if __name__ == "__main__":
    _serve(sys.argv[1], "--compiled" in sys.argv)
