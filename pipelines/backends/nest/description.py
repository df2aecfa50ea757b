"""NEST: what the library has to know of it beyond PyNN's API."""

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
        """No welcome, and no warning that a user can do nothing about."""
        # Read by NEST when it is first imported: no banner on every worker's output.
        os.environ.setdefault("PYNEST_QUIET", "1")
        with warnings.catch_warnings():
            # pyNN.nest looks for a compiler set-up of its optional extensions and uses a setting
            # that NEST 3.10 deprecates.
            warnings.filterwarnings("ignore", message="(?s).*(nest-config|cmake|NEST extensions)")
            warnings.filterwarnings("ignore", message="\\s*Provided for backward compatibility")
            yield

    def before_forks(self) -> None:
        """Reset NEST, so that no fork has to."""
        from pipelines.backends.nest.control import reset_in_advance

        reset_in_advance()

    def missing_for_mpi(self) -> str:
        """Whether NEST was built with MPI, and what gathers its results is there."""
        # In a process of its own: NEST joins MPI when it is imported.
        asked = subprocess.run(
            [sys.executable, "-c", _WITH_MPI], capture_output=True, text=True, check=False
        )
        if asked.returncode == 0:
            there = find_spec("mpi4py") is not None
            return "" if there else "the Python package mpi4py is not installed"
        if asked.returncode == _WITHOUT:
            return "this NEST is built without MPI, as all of its wheels are"
        said = asked.stderr.strip().splitlines() or [f"exit code {asked.returncode}"]
        return f"NEST cannot be imported: {said[-1]}"


_WITHOUT = 77
_WITH_MPI = f"import nest, sys; sys.exit(0 if nest.build_info['have_mpi'] else {_WITHOUT})"

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
