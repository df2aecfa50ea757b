"""Spike sources of a chip, of which some spikes do not reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.backends.shared.frozen_inputs import DrawnTrains
from pipelines.backends.shared.spike_trains import GivenTrains
from pipelines.hardware.synapse_values import transmitted

if TYPE_CHECKING:
    from pipelines.hardware.chip import Chip


class LossySources:
    """Mixin of populations: their trains lose the spikes that the chip's link does not transmit."""

    chip: Chip
    index_on_chip: int
    trains: Any

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # Steps since which trains hold, what was sent and what arrives. Trains are made in the
        # initialisation of the backend's class.
        self._sent: list[tuple[int, Any, Any]] = []
        super().__init__(*arguments, **options)

    def _make_trains(self, after_step: int = 0) -> Any:
        """Trains of sources, without the spikes that do not reach the chip."""
        whole = super()._make_trains(after_step)  # type: ignore[misc]
        if "spike_loss" not in self.chip.active:
            return whole
        loss = self.chip.active["spike_loss"]
        limits = loss.get("share", 0.0), loss.get("spikes_per_s")
        names = ("spike_loss", self.index_on_chip, after_step)
        if isinstance(whole, GivenTrains):
            lossy = self._given_trains(whole, names, limits)
        else:
            parts = {"chip": self.chip, "names": names, "limits": limits}
            kind = type(f"Lossy{type(whole).__name__}", (_LossyTrains, type(whole)), parts)
            lossy = kind(whole.values, whole.dt, whole._seeds, after_step)
        earlier = [one for one in self._sent if one[0] < after_step]
        self._sent = [*earlier, (after_step, whole, lossy)]
        return lossy

    def _given_trains(
        self, whole: GivenTrains, names: tuple, limits: tuple[float, float | None]
    ) -> GivenTrains:
        sizes = [len(one) for one in whole.times]
        times = np.concatenate([np.empty(0), *whole.times])
        uniform = self.chip.uniform(len(times), *names, of_trial=True)
        kept = transmitted(times, uniform, *limits)
        parts = np.split(np.arange(len(times)), np.cumsum(sizes)[:-1])
        registry = self._registry  # type: ignore[attr-defined]
        given = [times[part][kept[part]] for part in parts]
        return GivenTrains(given, registry.timestep, registry.off_grid)

    def reset_trains(self) -> None:
        super().reset_trains()  # type: ignore[misc]
        if self._sent:
            step, whole, _ = self._sent[-1]
            from_start = whole.restarted() if step and hasattr(whole, "restarted") else whole
            self._sent = [(0, from_start, self.trains)]

    def note_lost_spikes(self, last: int) -> None:
        """Note how many spikes were sent up to a step, and how many of them arrived."""
        if not self._sent:
            return
        ends = [*(step for step, *_ in self._sent[1:]), last]
        numbers = np.zeros(2, dtype=int)
        for (begin, *both), end in zip(self._sent, ends, strict=True):
            numbers += [len(trains.spikes_between(begin, end)[0]) for trains in both]
        self.chip.note("spike_loss", self, "spikes", *map(int, numbers))


class _LossyTrains(DrawnTrains):
    """Drawn trains without the spikes that do not reach the chip, in front of a class of trains."""

    chip: Chip
    names: tuple[str | int, ...]
    limits: tuple[float, float | None]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.specification += f" lossy {self.limits}"

    def _draw_block(self, block: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        steps, sources = super()._draw_block(block, first, last)
        uniform = self.chip.uniform(len(steps), *self.names, block, of_trial=True)
        kept = transmitted(steps * self.dt, uniform, *self.limits)
        return steps[kept], sources[kept]
