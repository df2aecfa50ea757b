"""Recording spikes without room for a thousand synapses a neuron.

NEST keeps connections from a neuron to devices in blocks of 1,024, and makes the first block of
every neuron at once: 32 KB of memory a neuron for PyNN's one synapse to its recorder. Synapses
that know neither a weight of their own nor a pointer to their target are a quarter of the size.
No row of the register: it mends memory and time alone (seen in PyNN 0.13.0, NEST 3.10.0: 292 MB
and 0.34 s for 10,000 neurons, then 57 MB and 0.11 s).
"""

from __future__ import annotations

import nest
from pyNN.nest.recording import SpikeDetector

from ..shared.grid import to_ms
from .ahead import registry
from .connecting import MOST_SMALL_TARGETS

_SMALL, _USUAL = "static_synapse_hom_w_hpc", "static_synapse_hom_w"


class SpikeRecorder(SpikeDetector):
    __doc__ = SpikeDetector.__doc__

    def connect_to_cells(self) -> None:
        """Connect the cells that are to be recorded, when the simulation begins."""
        if self._all_ids:
            # The device's number in its thread is no larger than its number in all of NEST.
            model = _SMALL if self.device.global_id <= MOST_SMALL_TARGETS else _USUAL
            # NEST takes none that is smaller than the slice.
            delay = to_ms(registry.slice_steps or 1, registry.timestep)
            nest.Connect(
                nest.NodeCollection(sorted(self._all_ids)),
                self.device,
                {"rule": "all_to_all"},
                {"synapse_model": model, "delay": float(delay)},
            )
        self._connected = True
