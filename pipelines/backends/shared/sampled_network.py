"""Networks whose projections are made in part: enough of them to see what a backend refuses.

A network of 300 million synapses needs minutes and 15 GB to be made. What is refused of it hangs
on kinds of cells, synapses and delays, of which the first synapses of each projection show as much
as all of them do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

# Synapses of a projection, in a sample of a network.
SAMPLE = 100_000

_most: int | None = None


class Enough(Exception):
    """Raised when a projection has all synapses that it is to have, to end its connector."""


@contextmanager
def sampled(most: int = SAMPLE) -> Iterator[None]:
    """Within this block a projection takes no more than the first `most` synapses."""
    global _most
    before, _most = _most, most
    try:
        yield
    finally:
        _most = before


def room(made: int) -> int | None:
    """How many synapses a projection still takes that has so many; None for any number."""
    return None if _most is None else _most - made
