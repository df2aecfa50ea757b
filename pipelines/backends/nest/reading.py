"""Reading and changing the connections of one synapse model, some at a time.

Whatever NEST is asked about a connection, it lists all that it knows of it: some 800 bytes, and
most of the time that reading takes. So all attributes are taken from one list, and a list is of
a part of the connections (seen in NEST 3.10.0).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nest
import numpy as np
from nest import nestkernel_api

# Connections that NEST hands out at once, and those of which it lists all that it knows.
_HANDLES, _LISTED = 500_000, 50_000


def parts(model: str, number: int, targets: np.ndarray) -> Iterator[list[Any]]:
    """Handles of all connections of a model, those of some targets at a time.

    Parameters
    ----------
    number
        How many there are.
    targets : ndarray of int64
        Node ids of all targets.
    """
    if number <= _HANDLES:
        yield nest.GetConnections(synapse_model=model)._datum
        return
    # NEST looks at all connections for every part of the targets.
    ids = np.unique(targets)
    for some in np.array_split(ids, min(-(-number // _HANDLES), len(ids))):
        nodes = nest.NodeCollection(some.tolist())
        found = nest.GetConnections(target=nodes, synapse_model=model)._datum
        if len(found):
            yield found


def attributes(handles: list[Any], names: list[str]) -> dict[str, np.ndarray]:
    """Attributes of connections as they are now, by NEST's names, one value a connection."""
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for first in range(0, len(handles), _LISTED):
        known = nestkernel_api.llapi_get_connection_status(handles[first : first + _LISTED])
        for name, values in columns.items():
            values.append(np.array([one[name] for one in known]))
    return {name: np.concatenate(values) for name, values in columns.items()}


def set_weights(handles: list[Any], weights: np.ndarray) -> None:
    """Give each connection its weight, in NEST's unit."""
    for first in range(0, len(handles), _LISTED):
        some = slice(first, first + _LISTED)
        each = [{"weight": weight} for weight in weights[some].tolist()]
        nestkernel_api.llapi_set_connection_status(handles[some], each)


def disconnect(handles: list[Any]) -> None:
    """Remove connections."""
    nestkernel_api.llapi_disconnect_syncoll(handles)
