"""Making many synapses: what they share as defaults of their model, the rest in pieces.

``nest.Connect`` puts the arrays of all parameters into one matrix of doubles: for large
projections that is more memory than the synapses themselves, and most of the time.
"""

from __future__ import annotations

import nest
import numpy as np

# Synapses a call.
PIECE = 1_000_000


def connect(
    base: str,
    model: str,
    sources: np.ndarray,
    targets: np.ndarray,
    parameters: dict[str, float | np.ndarray],
    receptors: np.ndarray | None = None,
) -> None:
    """Connect nodes one to one by synapses of a model of their own.

    Parameters
    ----------
    base
        NEST's synapse model.
    model
        Name of the copy of it that is made here.
    sources, targets : ndarray of int64, shape (n,)
        Node ids.
    parameters
        In NEST's names and units: one number where all synapses share it, else an array of
        shape (n,).
    receptors : ndarray of int64, shape (n,)
        Number of the receptor on each target, for models that have several.
    """
    values = {name: shared(value) for name, value in parameters.items()}
    defaults = {name: float(value) for name, value in values.items() if np.ndim(value) == 0}
    if "Wmax" in defaults:
        # NEST compares the signs of the two as soon as it is told either.
        defaults.setdefault("weight", defaults["Wmax"])
    nest.CopyModel(base, model, defaults)
    arrays = {name: np.asarray(value) for name, value in values.items() if np.ndim(value)}
    for first in range(0, len(sources), PIECE):
        piece = slice(first, first + PIECE)
        synapse = {name: np.array(value[piece], dtype=float) for name, value in arrays.items()}
        if receptors is not None:
            synapse["receptor_type"] = receptors[piece]
        nest.Connect(
            sources[piece], targets[piece], "one_to_one", {"synapse_model": model, **synapse}
        )


def shared(value: float | np.ndarray) -> float | np.ndarray:
    """One number for an array of equal ones."""
    array = np.asarray(value)
    return array.flat[0] if array.ndim and array.min() == array.max() else value
