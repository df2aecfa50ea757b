"""Axonal delays: a parrot neuron holds a spike back on its way to the synapse.

Mends: NEST has no axonal delays (row "dendritic_delay_fraction"; seen in NEST 3.10.0).
"""

from __future__ import annotations

import nest
import numpy as np

from ..shared.grid import to_ms
from .ahead import registry

# Above any delay in steps, and with any node id still within 63 bits.
_STEPS = 2**31


class Parrots:
    """The parrot neurons of one projection, one for each source and number of steps."""

    def __init__(self) -> None:
        self._keys = np.empty(0, dtype=np.int64)
        self._ids = np.empty(0, dtype=np.int64)

    def senders(self, sources: np.ndarray, axonal: np.ndarray) -> np.ndarray:
        """Nodes that send to synapses: the source, or a parrot where there is an axonal delay.

        Parameters
        ----------
        sources : ndarray of int64, shape (n,)
            Node ids.
        axonal : ndarray of int64, shape (n,)
            Axonal delays, in steps.

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        delayed = axonal > 0
        if not delayed.any():
            return sources
        wanted, which = np.unique(sources[delayed] * _STEPS + axonal[delayed], return_inverse=True)
        self._make(wanted[~np.isin(wanted, self._keys)])
        order = np.argsort(self._keys)
        ids = self._ids[order[np.searchsorted(self._keys, wanted, sorter=order)]]
        senders = sources.copy()
        senders[delayed] = ids[which]
        return senders

    def _make(self, keys: np.ndarray) -> None:
        if not keys.size:
            return
        sources, steps = np.divmod(keys, _STEPS)
        model = "parrot_neuron_ps" if registry.between_steps else "parrot_neuron"
        ids = np.asarray(nest.Create(model, len(keys)).tolist(), dtype=np.int64)
        nest.Connect(
            sources,
            ids,
            "one_to_one",
            {
                "synapse_model": "static_synapse",
                "weight": np.ones(len(keys)),
                "delay": to_ms(steps, registry.timestep),
            },
        )
        self._keys = np.append(self._keys, keys)
        self._ids = np.append(self._ids, ids)

    def sources(self, senders: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The cell behind each node that sends to a synapse, and its axonal delay in steps."""
        if not self._ids.size:
            return senders, np.zeros(senders.shape, dtype=np.int64)
        # NEST counts nodes on as they are made.
        place = np.searchsorted(self._ids, senders).clip(max=len(self._ids) - 1)
        held = self._ids[place] == senders
        source, steps = np.divmod(self._keys[place], _STEPS)
        return np.where(held, source, senders), np.where(held, steps, 0)
