"""Making many synapses: what they share as defaults of their model, the rest as arrays.

``nest.Connect`` puts the arrays of parameters other than weight and delay into one matrix of
doubles: for large projections more memory than the synapses themselves, and most of the time.
"""

from __future__ import annotations

import nest
import numpy as np

from ..shared.edges import Values, shared

# Largest node id of a target of NEST's small synapses ("_hpc": 16 bytes each, others have 32).
# They number targets within a thread by 16 bits, and know the first receptor alone (Kunkel et al.
# 2014, Frontiers in Neuroinformatics 8:78, section 3.3.2).
MOST_SMALL_TARGETS = 2**16 - 2


class SynapseModel:
    """A copy of one of NEST's synapse models, which is that of one projection alone.

    Parameters
    ----------
    base
        NEST's synapse model.
    name
        Name of the copy.
    parameters
        Of the first synapses, in NEST's names and units. Numbers become defaults of the model.
    """

    def __init__(self, base: str, name: str, parameters: dict[str, Values]) -> None:
        self.name = name
        self._defaults = {
            key: float(value) for key, value in parameters.items() if np.ndim(value) == 0
        }
        if "Wmax" in self._defaults:
            # NEST compares the signs of the two as soon as it is told either.
            self._defaults.setdefault("weight", self._defaults["Wmax"])
        elif "Wmax" in parameters:
            self._defaults.pop("weight", None)
        nest.CopyModel(base, name, self._defaults)

    def connect(
        self,
        sources: np.ndarray,
        targets: np.ndarray,
        parameters: dict[str, Values],
        receptors: np.ndarray | None = None,
    ) -> None:
        """Connect nodes one to one.

        Parameters
        ----------
        sources, targets : ndarray of int64, shape (n,)
            Node ids.
        parameters
            In NEST's names and units: one number where all synapses share it, else an array of
            shape (n,).
        receptors : ndarray of int64, shape (n,)
            Number of the receptor on each target, for models that have several.
        """
        synapse = {
            key: np.array(np.broadcast_to(value, sources.shape), dtype=float)
            for key, value in parameters.items()
            if np.ndim(value) or self._defaults.get(key) != value
        }
        if receptors is not None:
            synapse["receptor_type"] = receptors
        nest.Connect(sources, targets, "one_to_one", {"synapse_model": self.name, **synapse})


def numbers(parameters: dict[str, Values]) -> dict[str, Values]:
    """Parameters with one number for an array of equal ones."""
    return {name: shared(value) for name, value in parameters.items()}
