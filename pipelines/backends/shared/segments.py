"""Recorded data as Neo blocks, with one segment for the time between two resets.

Mends (seen in PyNN 0.13.0): `get_data()` of some variables deletes the others, and signals, from
the segments before a `reset()`; for a view it returns these segments with the whole population;
data recorded between ``get_data(clear=True)`` and `reset()` are lost, and their signals have a
wrong start time if the sampling interval is several steps; it fails before the first run, and for
cells without recorded spikes; the order of signals depends on Python's hash of strings.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import neo
import numpy as np
import quantities as pq
from pyNN.recording import gather_blocks

from .recordable import first_sample_index, first_sample_ms


class SegmentsMixin:
    """Mixin of recorders.

    A signal that is recorded from a time t on has samples after t. All cells of a segment have the
    same sample times: a cell that is recorded later than others has NaN until then; times before
    the first sample of any cell are omitted.

    Attributes
    ----------
    late_signals
        Variables whose recording of some cells began within the present segment.
    """

    late_signals: frozenset[str] = frozenset()

    population: Any
    cache: Any
    # Recorded cells of each variable, in the order of the calls to `record`.
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
        """Recorded data of some variables or ``"all"``, of some cells or all, as a Neo block."""
        is_all = isinstance(variables, str) and variables == "all"
        wanted: Any = "all" if is_all else self._localize_variables(variables, locations)  # type: ignore[attr-defined]
        names = None if is_all else {one.name for one in wanted}
        block = neo.Block(name=self.population.label, description=self.population.describe())
        segments = [self._select(segment, names, filter_ids) for segment in self.cache]
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

    def _select(self, segment: neo.Segment, names: set[str] | None, cells: Any) -> neo.Segment:
        """Copy of a segment with the given variables and cells; None stands for all."""
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
        """Whether a variable is recorded of any of the given cells; None stands for all cells."""
        recorded = self.recorded[variable]
        return bool(recorded if cells is None else recorded.intersection(cells))

    def _get_current_segment(
        self, filter_ids: Any = None, variables: Any = "all", clear: bool = False
    ) -> neo.Segment:
        wanted = set(self.recorded if isinstance(variables, str) else variables)
        recorded = [v for v in self.recorded if v in wanted and self._are_recorded(v, filter_ids)]
        segment = super()._get_current_segment(filter_ids, recorded, clear)  # type: ignore[misc]
        order = [variable.name for variable in self.recorded]
        signals = sorted(segment.analogsignals, key=lambda signal: order.index(signal.name))
        segment.analogsignals.clear()
        for signal in signals:
            signal.t_start = first_sample_ms(self) * pq.ms
            begins = first_sample_index(self, signal.name, signal.magnitude)
            if begins < len(signal):
                segment.analogsignals.append(signal[begins:])
        return segment

    def _first_step(self) -> int:
        """First step of the present segment."""
        start = float(self._recording_start_time.rescale("ms").magnitude)
        return round(start / self.population._registry.timestep)

    def store_to_cache(self, annotations: Any = None) -> None:
        """Store the segment since the last reset or the last clearing."""
        if self._simulator.state.t * pq.ms > self._recording_start_time:
            segment = self._get_current_segment()
            segment.annotate(**(annotations or {}))
            self.cache.store(segment)
        self._recording_start_time = 0.0 * pq.ms
        self.late_signals = frozenset()
