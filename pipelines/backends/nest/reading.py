"""Reading connections with as few lists of them as possible.

Whatever NEST is asked about connections, it lists all that it knows of each: a list an attribute
is most of the time that reading takes. No row of the register: it mends time alone (seen in NEST
3.10.0).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

# What is nearly always wanted.
_USUAL = ("source", "target", "weight", "delay")


def reader(connections: Any) -> Callable[[str], np.ndarray]:
    """A function that reads attributes of connections as they are now, by NEST's names.

    It keeps what it has read, so it is for one reading only.

    Parameters
    ----------
    connections
        One of NEST's collections of connections.

    Returns
    -------
    callable
        From a name to an array, one value a connection.
    """
    known: dict[str, np.ndarray] = {}

    def read(key: str) -> np.ndarray:
        if key not in known:
            wanted = [key] if known else list(dict.fromkeys((key, *_USUAL)))
            found = connections.get(wanted)
            known.update({name: np.atleast_1d(np.asarray(found[name])) for name in wanted})
        return known[key]

    return read
