"""Numbers too small for a processor's fast path are zero while a simulator runs.

A current that has decayed for 709 of its time constants is below 2.2e-308, and never gets to zero:
the smallest number, times a factor over one half, is rounded to itself. A processor takes some
hundred cycles for each sum or product of such a number, so a quiet neuron costs several times what
a busy one does. No row of the register: it mends time alone (seen in NEST 3.10.0 and Brian2 2.9.0
to 2.11.0: 81 cells with synaptic time constants of 0.5 ms for 900 ms, 42 ms for 12 ms on NEST, 114
for 85 on Brian2). A sum above 1e-291 is the same with and without it.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np

# Where the C library keeps the mode in its `fenv_t`: the number of the 32-bit word, and the bits
# that flush what is computed and what is read.
_MODES = {
    ("linux", "x86_64"): (7, 0x8040),
    ("darwin", "x86_64"): (1, 0x8040),
    ("linux", "aarch64"): (0, 1 << 24),
    ("darwin", "arm64"): (2, 1 << 24),
}
# More than any of these.
_Environment = ctypes.c_uint32 * 64


@contextmanager
def flushed(*, wanted: bool = True) -> Iterator[None]:
    """Within this block subnormal numbers are zero in this thread, on a machine known to us."""
    mode = _MODES.get((sys.platform, platform.machine()))
    library = _library()
    if library is not None:
        _ask_numpy()
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
def _ask_numpy() -> None:
    """Have numpy find its smallest numbers: what it finds first, it keeps, even a zero."""
    for kind in (np.float32, np.float64):
        np.finfo(kind)


@cache
def _library() -> ctypes.CDLL | None:
    """The C library of this process, if it has what is needed."""
    library = ctypes.CDLL(None)
    return library if hasattr(library, "fesetenv") and hasattr(library, "fegetenv") else None
