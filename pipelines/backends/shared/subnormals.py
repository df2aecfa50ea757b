"""Flushing of subnormal numbers to zero while a simulator runs, for speed.

A current that has decayed for 709 of its time constants is subnormal (below 2.2e-308), and never
reaches zero: the smallest number times a factor above one half is rounded to itself. A processor
takes about a hundred cycles for each sum or product of such a number, so that a silent neuron costs
several times as much as an active one. Not a row of the register, since only run times change (seen
in NEST 3.10.0 and Brian2 2.9.0 to 2.11.0: 81 cells with synaptic time constants of 0.5 ms for 900
ms take 42 ms instead of 12 ms on NEST, and 114 ms instead of 85 ms on Brian2). Sums above 1e-291
are the same with and without it.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np

# Position of the mode in the C library's `fenv_t`: index of the 32-bit word, and the bits that
# flush subnormal results and operands.
_MODES = {
    ("linux", "x86_64"): (7, 0x8040),
    ("darwin", "x86_64"): (1, 0x8040),
    ("linux", "aarch64"): (0, 1 << 24),
    ("darwin", "arm64"): (2, 1 << 24),
}
# Larger than `fenv_t` on all of these systems.
_Environment = ctypes.c_uint32 * 64


@contextmanager
def flush_subnormals(*, wanted: bool = True) -> Iterator[None]:
    """Context in which this thread flushes subnormal numbers, on the systems of `_MODES`."""
    mode = _MODES.get((sys.platform, platform.machine()))
    library = _library()
    if library is not None:
        _cache_numpy_limits()
    before = _Environment()
    if not wanted or mode is None or library is None or library.fegetenv(before):
        yield
        return
    word, bits = mode
    within = _Environment.from_buffer_copy(before)
    within[word] |= bits
    library.fesetenv(within)
    try:
        yield
    finally:
        library.fesetenv(before)


@cache
def _cache_numpy_limits() -> None:
    """Let NumPy compute its smallest numbers: it caches the first result, even a flushed zero."""
    for kind in (np.float32, np.float64):
        np.finfo(kind)


@cache
def _library() -> ctypes.CDLL | None:
    """The C library of this process, None if it lacks the functions used here."""
    library = ctypes.CDLL(None)
    return library if hasattr(library, "fesetenv") and hasattr(library, "fegetenv") else None
