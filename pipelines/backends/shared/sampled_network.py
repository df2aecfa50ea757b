"""Limit on the number of synapses per projection, to test quickly what a backend refuses.

Building a network of 300 million synapses takes minutes and 15 GB. Refusals depend on the types of
cells and synapses and on delays, for which the first synapses of each projection are sufficient.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

# Default limit of synapses per projection.
SAMPLE_SYNAPSES = 100_000

_limit: int | None = None


class SampleComplete(Exception):
    """Raised to stop a connector when its projection has reached the limit."""


@contextmanager
def limit_synapses(most: int = SAMPLE_SYNAPSES) -> Iterator[None]:
    """Context in which each projection is limited to its first `most` synapses."""
    global _limit
    before, _limit = _limit, most
    try:
        yield
    finally:
        _limit = before


def remaining_synapses(made: int) -> int | None:
    """Number of synapses until the limit for a projection that has `made`; None without one."""
    return None if _limit is None else _limit - made
