"""Description of the NEST backend for the library: packages, style, capabilities, stock module."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from pipelines.backends.protocol import Backend, Stock, Style


class _Nest(Backend):
    @contextmanager
    def importing(self) -> Iterator[None]:
        """Import NEST without its banner and without warnings that users cannot act on."""
        # Read by NEST when it is first imported: no banner on every worker's output.
        os.environ.setdefault("PYNEST_QUIET", "1")
        with warnings.catch_warnings():
            # pyNN.nest looks for a compiler set-up of its optional extensions and uses a setting
            # that NEST 3.10 deprecates.
            warnings.filterwarnings("ignore", message="(?s).*(nest-config|cmake|NEST extensions)")
            warnings.filterwarnings("ignore", message="\\s*Provided for backward compatibility")
            yield

    def before_forks(self) -> None:
        """Reset NEST before forking, so that the forked processes need not."""
        from pipelines.backends.nest.control import reset_in_advance

        reset_in_advance()

    def missing_for_mpi(self) -> str:
        """Reason why NEST cannot run under MPI here, or an empty string."""
        # In a separate process: importing NEST initializes MPI.
        completed = subprocess.run(
            [sys.executable, "-c", _CHECK_MPI], capture_output=True, text=True, check=False
        )
        if completed.returncode == 0:
            has_mpi4py = find_spec("mpi4py") is not None
            return "" if has_mpi4py else "the Python package mpi4py is not installed"
        if completed.returncode == _EXIT_WITHOUT_MPI:
            return "this NEST is built without MPI, as all of its wheels are"
        messages = completed.stderr.strip().splitlines() or [f"exit code {completed.returncode}"]
        return f"NEST cannot be imported: {messages[-1]}"


_EXIT_WITHOUT_MPI = 77
_CHECK_MPI = (
    f"import nest, sys; sys.exit(0 if nest.build_info['have_mpi'] else {_EXIT_WITHOUT_MPI})"
)

BACKEND = _Nest(
    name="nest",
    # Okabe and Ito's blue and sky blue.
    style=Style("NEST", "#0072B2", "o", (), 1.9, 2.6),
    position=10,
    packages=("PyNN", "nest-simulator", "numpy"),
    modules=("nest",),
    stock=Stock(
        module="pyNN.nest",
        style=Style("stock NEST", "#56B4E9", "s", (1.0, 1.0), 1.9, 2.6),
        seen_in="NEST 3.10.0",
        dendritic_delay_fraction=1.0,
        seed_block=2,
    ),
    by_default=True,
    seed_block=0,
    spared_imports=("pandas", "matplotlib"),
    off_grid=True,
    threads=True,
    mpi=True,
)
