"""Recorded data as Neo blocks, with a segment for each run between two resets.

Mends (seen in PyNN 0.13.0): `get_data()` of some variables deletes the others, and signals, from
the segments before a `reset()`; of a view it gives these segments with the whole population in
them; what is recorded between ``get_data(clear=True)`` and `reset()` is lost, and its signals
begin at a wrong time where samples are some steps apart; before the first run it fails, and of
cells without recorded spikes; the order of signals is that of Python's hash of strings.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import neo
import numpy as np
import quantities as pq
from pyNN.recording import gather_blocks

from .recordable import first_sample, first_time


class Segments:
    """Mixin of recorders.

    A signal that is recorded from a time t on has samples after t. The samples of a segment are
    those of its times for all cells: a cell that is recorded later than others has NaN until then;
    times before the first sample of any cell are left out.

    Attributes
    ----------
    late_signals
        Variables that some cells are recorded of since a time within the present segment.
    """

    late_signals: frozenset[str] = frozenset()

    population: Any
    cache: Any
    # Cells of each variable, in the order in which a script recorded them.
    recorded: Any
    sampling_interval: float
    _simulator: Any
    _recording_start_time: Any

    def get(
        self,
        variables: Any,
        gather: bool = False,
        filter_ids: Any = None,
        clear: bool = False,
        annotations: Any = None,
        locations: Any = None,
    ) -> neo.Block:
        """What was recorded of some variables, or of ``"all"``, from some cells or all of them."""
        every = isinstance(variables, str) and variables == "all"
        wanted: Any = "all" if every else self._localize_variables(variables, locations)  # type: ignore[attr-defined]
        names = None if every else {one.name for one in wanted}
        block = neo.Block(name=self.population.label, description=self.population.describe())
        segments = [self._part(segment, names, filter_ids) for segment in self.cache]
        if self._simulator.state.running:
            segments.append(self._get_current_segment(filter_ids, wanted, clear))
        for segment in segments:
            segment.block = block
        block.segments.extend(segments)
        block.rec_datetime = segments[0].rec_datetime if segments else datetime.now()
        block.annotate(**self.metadata, **(annotations or {}))  # type: ignore[attr-defined]
        if gather and self._simulator.state.num_processes > 1:
            block = gather_blocks(block)
        if clear:
            self.clear()  # type: ignore[attr-defined]
        return block

    def _part(self, segment: neo.Segment, names: set[str] | None, cells: Any) -> neo.Segment:
        """A segment with some variables and cells of another one."""
        part = neo.Segment(
            name=segment.name, description=segment.description, rec_datetime=segment.rec_datetime,
            **segment.annotations,
        )  # fmt: skip
        index = None
        if cells is not None:
            index = self.population.id_to_index(np.asarray([int(cell) for cell in cells]))
        signals = [one for one in segment.analogsignals if names is None or one.name in names]
        for signal in signals:
            if index is not None:
                of_cells = np.isin(signal.array_annotations["channel_index"], index)
                signal = signal[:, of_cells]
            if signal.size:
                part.analogsignals.append(signal)
        if names is None or "spikes" in names:
            trains = segment.spiketrains
            if index is not None:
                kept = set(np.ravel(index).tolist())
                trains = [one for one in trains if one.annotations["source_index"] in kept]
            part.spiketrains = trains
        return part

    def _are_recorded(self, variable: Any, cells: Any) -> bool:
        """Whether a variable is recorded of any of these cells, or of any at all."""
        recorded = self.recorded[variable]
        return bool(recorded if cells is None else recorded.intersection(cells))

    def _get_current_segment(
        self, filter_ids: Any = None, variables: Any = "all", clear: bool = False
    ) -> neo.Segment:
        wanted = set(self.recorded if isinstance(variables, str) else variables)
        of_cells = [v for v in self.recorded if v in wanted and self._are_recorded(v, filter_ids)]
        segment = super()._get_current_segment(filter_ids, of_cells, clear)  # type: ignore[misc]
        order = [variable.name for variable in self.recorded]
        signals = sorted(segment.analogsignals, key=lambda signal: order.index(signal.name))
        segment.analogsignals.clear()
        for signal in signals:
            signal.t_start = first_time(self) * pq.ms
            begins = first_sample(self, signal.name, signal.magnitude)
            if begins < len(signal):
                segment.analogsignals.append(signal[begins:])
        return segment

    def _first_step(self) -> int:
        """First step of the current segment."""
        start = float(self._recording_start_time.rescale("ms").magnitude)
        return round(start / self.population._registry.timestep)

    def store_to_cache(self, annotations: Any = None) -> None:
        """Keep what was recorded since the last reset, or since it was cleared."""
        if self._simulator.state.t * pq.ms > self._recording_start_time:
            segment = self._get_current_segment()
            segment.annotate(**(annotations or {}))
            self.cache.store(segment)
        self._recording_start_time = 0.0 * pq.ms
        self.late_signals = frozenset()
