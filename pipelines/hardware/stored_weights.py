"""Weights that a chip stores, as scripts read and set them after the synapses were made.

A script reads back, and a sweep records, what the chip stores. Mismatch multiplies it by the gain
of the synapse on the way to the neuron; a script that sets weights by what it reads would otherwise
apply it twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.backends.shared.connection_objects import ADDRESS
from pipelines.backends.shared.synapse_blocks import Block, Values, scalar_if_equal
from pipelines.backends.shared.time_grid import round_to_steps
from pipelines.hardware.synapse_values import on_delay_grid, on_levels

if TYPE_CHECKING:
    from pipelines.hardware.chip import Chip

# Parameters of a plastic synapse that scale with its gain, as its weight does.
SCALED = ("weight", "w_min", "w_max", "eta")
_READ_SCALED = {*SCALED, "weight_now", "weight_transmitted"}


class StoredWeights:
    """Mixin of projections on a chip: reading and setting of weights and delays."""

    chip: Chip
    synapse_type: Any
    index_on_chip: int
    _number: int
    # Gain of each synapse in the order of creation; None where all are 1.
    _gains: np.ndarray | None = None
    # Number of each synapse of `_read` in the order of creation.
    _places: np.ndarray
    _reads_stored = False
    _largest = 0.0

    def _set_values(self, values: dict[str, Values], note: bytes) -> None:
        with self._reading(stored=False):
            super()._set_values(self._realised_values(values), note)  # type: ignore[misc]

    @contextmanager
    def _reading(self, stored: bool) -> Iterator[None]:
        """Context in which `_read` gives weights as they are stored, or as they are simulated."""
        before, self._reads_stored = self._reads_stored, stored
        try:
            yield
        finally:
            self._reads_stored = before

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        values: dict[str, np.ndarray] = super()._read(names)  # type: ignore[misc]
        if self._reads_stored and {*names} & _READ_SCALED:
            with self._reading(stored=False):
                gains = self._gains_as_read()
            if gains is not None:
                scaled = {name: values[name] / gains for name in {*names} & _READ_SCALED}
                values = {**values, **scaled}
        return values

    # What scripts and recordings read by.

    def read(self, names: list[str]) -> dict[str, np.ndarray]:
        with self._reading(stored=True):
            return super().read(names)  # type: ignore[misc]

    def _get_attributes_as_list(self, *arguments: Any, **options: Any) -> Any:
        with self._reading(stored=True):
            return super()._get_attributes_as_list(*arguments, **options)  # type: ignore[misc]

    def _get_attributes_as_arrays(self, *arguments: Any, **options: Any) -> Any:
        with self._reading(stored=True):
            return super()._get_attributes_as_arrays(*arguments, **options)  # type: ignore[misc]

    def _read_cached(self, name: str) -> Any:
        with self._reading(stored=True):
            return super()._read_cached(name)  # type: ignore[misc]

    def _set_connection(self, index: int, name: str, value: float) -> None:
        with self._reading(stored=True):
            super()._set_connection(index, name, value)  # type: ignore[misc]

    def _realised_values(self, values: Mapping[str, Values]) -> dict[str, Values]:
        """Attributes that a script sets after the creation, as the chip realises them."""
        found = dict(values)
        if "delay" in found and {"delays", "time_step"} & self.chip.active.keys():
            each = np.broadcast_to(found["delay"], (self._number,)).astype(float)
            allowed = self.chip.active.get("delays", {})
            delays = on_delay_grid(each, self._registry.timestep, allowed)  # type: ignore[attr-defined]
            found["delay"] = scalar_if_equal(delays)
        gains = self._gains_as_read() if set(found) & {*SCALED} else None
        if "weight" in found and "weight_levels" in self.chip.active:
            each = np.broadcast_to(found["weight"], (self._number,)).astype(float)
            rounded = self._on_levels(each, gains)
            if self.synapse_type.plastic:
                # A script that sets some of the weights passes all of them.
                with self._reading(stored=True):
                    before = self._read(["weight"])["weight"]
                rounded = np.where(each == before, each, rounded)
            found["weight"] = scalar_if_equal(rounded)
        if gains is not None:
            for name in set(found) & {*SCALED}:
                found[name] = np.asarray(found[name]) * gains
        return found

    def _on_levels(self, weights: np.ndarray, gains: np.ndarray | None) -> np.ndarray:
        """Stored weights, in the order of `_read`, rounded to levels."""
        levels, uniform = self.chip.active["weight_levels"], None
        if not self.synapse_type.plastic:
            # Levels stay those of the largest weight, unless a larger one is set.
            most = float(weights[np.argmax(np.abs(weights))])
            self._largest = most if abs(most) > abs(self._largest) else self._largest
            return on_levels(weights, 0.0, self._largest, levels["bits"])
        ends = self._read(["w_min", "w_max"])
        if levels["rounding"] == "stochastic":
            # The same numbers at the same time, however a run is divided, and after a reset.
            state = self._simulator.state  # type: ignore[attr-defined]
            names = ("rounding", self.index_on_chip, round(state.t / state.dt))
            uniform = self._as_read(self.chip.uniform(self._number, *names, of_trial=True))
        scale = 1.0 if gains is None else gains
        lowest, highest = ends["w_min"] / scale, ends["w_max"] / scale
        return on_levels(weights, lowest, highest, levels["bits"], uniform)

    def _gains_as_read(self) -> np.ndarray | None:
        """Gain of each synapse in the order of `_read`; None where all are 1."""
        if self._gains is None:
            return None
        return self._as_read(self._gains)

    def _as_read(self, values: np.ndarray) -> np.ndarray:
        """Values in the order of creation, in the order of `_read`."""
        return values[self._places]

    # A simulator reads several synapses of one pair of cells in an order of its own.

    def note_places(self, block: Block) -> None:
        """Find the synapses that were created, in this order, among those that are read."""
        values = {name: block.array(name) for name in self._key_names() if name not in ADDRESS}
        address = dict(zip(ADDRESS, (block.pre, block.post), strict=True))
        self._find_places(self._keys(values | address), np.arange(len(block)))

    def _find_places(self, keys: list[np.ndarray], places: np.ndarray) -> None:
        found = np.empty(len(places), dtype=np.int64)
        found[np.lexsort(self._keys(self._read(self._key_names())))] = places[np.lexsort(keys)]
        self._places = found

    def _key_names(self) -> list[str]:
        # The bound of a plastic weight has its gain, also where the weight is 0.
        return [*(["w_max"] if self.synapse_type.plastic else []), "weight", "delay", *ADDRESS]

    def _keys(self, values: Mapping[str, Values]) -> list[np.ndarray]:
        """What tells synapses apart, the last first, as `np.lexsort` takes it."""
        each = {name: np.broadcast_to(values[name], (self._number,)) for name in self._key_names()}
        each["delay"] = round_to_steps(each["delay"], self._registry.timestep)  # type: ignore[attr-defined]
        return [each[name] for name in self._key_names()]

    def _recreate_synapses(self, changed: dict[str, Values]) -> None:
        keys = self._keys({**self._read(self._key_names()), **changed})
        super()._recreate_synapses(changed)  # type: ignore[misc]
        self._find_places(keys, self._places)

    def round_plastic_weights(self) -> None:
        """Round the present weights of a plastic projection to levels."""
        if self._number:
            now, gains = self._read(["weight_now"])["weight_now"], self._gains_as_read()
            scale = 1.0 if gains is None else gains
            rounded = self._on_levels(now / scale, gains) * scale
            super()._set_values({"weight": rounded}, b"")  # type: ignore[misc]
