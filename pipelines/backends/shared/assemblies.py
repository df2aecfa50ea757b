"""Assemblies of populations and views.

Mends (seen in PyNN 0.13.0): data of members with different sampling intervals or start times
cannot be read together, and reading changes the stored data; `set` and `initialize` pass an array
with one value per cell whole to each member; a negative index counts within the first member;
distances fail or are wrong; `find_units` accepts PyNN's own keys only; `local_size`, which
connectors with a callback need, is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import neo
import numpy as np

from .default_random import SampleMixin
from .invalid_value import InvalidValue


class UnitsMixin:
    """Mixin of populations and views: units of a variable or parameter by its name."""

    celltype: Any

    def find_units(self, variable: Any) -> str:
        """Units of a recordable variable or of a parameter.

        Raises
        ------
        InvalidValue
            If there is no such variable or parameter.
        """
        name, known = getattr(variable, "name", variable), self.celltype.units
        if name not in known:
            where = f"find_units() of {type(self.celltype).__name__}"
            raise InvalidValue(where, f"there is no {name!r}", given=name, among=known)
        return str(known[name])


class SharedAssembly(SampleMixin):
    """Mixin, in front of PyNN's `Assembly`."""

    populations: list[Any]
    label: str
    size: int

    def __getitem__(self, index: Any) -> Any:
        chosen = np.asarray(range(self.size)[index] if isinstance(index, slice) else index)
        if chosen.dtype == bool:
            return super().__getitem__(chosen)  # type: ignore[misc]
        wrong = (chosen < -self.size) | (chosen >= self.size)
        if np.any(wrong):
            given = np.atleast_1d(chosen)[np.atleast_1d(wrong)][0]
            raise IndexError(f"index {given} of {self.label!r}, which has {self.size} cells")
        places = np.where(chosen < 0, chosen + self.size, chosen)
        return super().__getitem__(int(places) if places.ndim == 0 else places)  # type: ignore[misc]

    @property
    def position_generator(self) -> Callable[[Any], np.ndarray]:
        """A function from indices to positions, shape (3,) or (n, 3)."""
        positions = self.positions.T  # type: ignore[attr-defined]
        return lambda index: np.asarray(positions[index])

    @property
    def local_size(self) -> int:
        """Number of cells in this process: all of them."""
        return self.size

    def find_units(self, variable: Any) -> str:
        """Units of a variable or parameter, which must be the same in all members."""
        (units,) = super().find_units(variable)  # type: ignore[misc]
        return str(units)

    def get_data(
        self, variables: Any = "all", gather: bool = True, clear: bool = False,
        annotations: Any = None,
    ) -> neo.Block:  # fmt: skip
        """Recorded data of all members; signals with the same sample times are merged into one."""
        blocks = [member.get_data(variables, gather, clear) for member in self.populations]
        merged = neo.Block(name=self.label, description=self.describe())  # type: ignore[attr-defined]
        merged.rec_datetime = blocks[0].rec_datetime or datetime.now()
        merged.annotate(**blocks[0].annotations | (annotations or {}))
        names = {segment.name for block in blocks for segment in block.segments}
        for name in sorted(names):
            parts = [
                (first, segment)
                for first, block in zip(self._first_indices(), blocks, strict=True)
                for segment in block.segments
                if segment.name == name
            ]
            segment = _merge_segments(parts)
            segment.block = merged
            merged.segments.append(segment)
        return merged

    def set(self, **parameters: Any) -> None:
        """Set parameters of all members: one value for all, or one per cell of the assembly."""
        for member, given in self._values_by_member(parameters):
            member.set(**given)

    def initialize(self, **initial_values: Any) -> None:
        """Set initial values of all members: one for all, or one per cell of the assembly."""
        for member, given in self._values_by_member(initial_values):
            member.initialize(**given)

    def _values_by_member(self, values: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Yield each member with its values, of which those given per cell are split."""
        given = {k: list(v) if hasattr(v, "__next__") else v for k, v in values.items()}
        per_cell = {
            name: value
            for name, value in given.items()
            if name != "spike_times" and np.ndim(value) == 1 and len(value) == self.size
        }
        for first, member in zip(self._first_indices(), self.populations, strict=True):
            cells = slice(first, first + member.size)
            yield member, given | {name: value[cells] for name, value in per_cell.items()}

    def _first_indices(self) -> list[int]:
        """Index, within the assembly, of each member's first cell."""
        sizes = [member.size for member in self.populations]
        return [0, *np.cumsum(sizes).tolist()[:-1]]


def _merge_segments(parts: list[tuple[int, neo.Segment]]) -> neo.Segment:
    """One segment from several members' ones, each given with its first index in the assembly."""
    _, one = parts[0]
    segment = neo.Segment(
        name=one.name, description=one.description, rec_datetime=one.rec_datetime,
        **one.annotations,
    )  # fmt: skip
    merged: dict[Any, neo.AnalogSignal] = {}
    trains: list[neo.SpikeTrain] = []
    for first, part in parts:
        trains.extend(part.spiketrains)
        for signal in part.analogsignals:
            shifted = signal[:, :]
            channels = signal.array_annotations["channel_index"] + first
            shifted.array_annotate(channel_index=channels)
            shifted.segment = segment  # Neo merges signals of one segment only
            sampling = float(signal.t_start), float(signal.sampling_period), len(signal)
            key = signal.name, str(signal.units.dimensionality), *sampling
            merged[key] = merged[key].merge(shifted) if key in merged else shifted
    segment.analogsignals.extend(merged.values())
    segment.spiketrains = trains
    return segment
