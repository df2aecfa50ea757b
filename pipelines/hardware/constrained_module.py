"""A PyNN module on a chip: what an experiment gets in place of a backend's module."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
from pyNN import common

from pipelines.backends import collect
from pipelines.backends.shared.recordable import members
from pipelines.hardware.chip import Chip
from pipelines.hardware.constrained_populations import ConstrainedPopulation, ConstrainedView
from pipelines.hardware.constrained_projections import ConstrainedProjection


class ConstrainedModule(ModuleType):
    """A backend's module whose networks are those that a chip realises of them.

    Parameters
    ----------
    sim
        The backend.
    chip
        The chip.
    """

    def __init__(self, sim: ModuleType, chip: Chip) -> None:
        super().__init__(sim.__name__, sim.__doc__)
        self._sim, self.chip = sim, chip
        own: dict[str, Any] = {"chip": chip}
        self.PopulationView = type("PopulationView", (ConstrainedView, sim.PopulationView), own)
        own["view_class"] = self.PopulationView
        self.Population = type("Population", (ConstrainedPopulation, sim.Population), own)
        self.Projection = type("Projection", (ConstrainedProjection, sim.Projection), own)
        self.create = common.build_create(self.Population)
        self.connect = common.build_connect(
            self.Projection, sim.FixedProbabilityConnector, sim.StaticSynapse
        )
        self.run_for = self.run
        levels = chip.active.get("weight_levels", {})
        self._interval = float(levels.get("interval_ms", 0.0)) or None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sim, name)

    def setup(self, timestep: float = 0.1, min_delay: Any = "auto", **more: Any) -> Any:
        """Start a new network, on the time grid and with the delays of the chip."""
        self.chip.begin()
        if "time_step" in self.chip.active:
            coarse = max(timestep, float(self.chip.active["time_step"]["step_ms"]))
            self.chip.note("time_step", None, "time_step_ms", timestep, coarse)
            timestep = coarse
        if {"time_step", "delays"} & self.chip.active.keys():
            # Those of the experiment are limits of delays that it asks for.
            min_delay, more = "auto", {**more, "max_delay": "auto"}
        if "spike_loss" in self.chip.active:
            # A simulator that draws trains as it runs cannot be told which spikes are lost.
            more["independent_draws"] = False
        return self._sim.setup(timestep=timestep, min_delay=min_delay, **more)

    def run(
        self, simtime: float, callbacks: Iterable[Callable[[float], float]] | None = None
    ) -> float:
        """Advance the simulation by `simtime`, in ms."""
        return float(self._sim.run(simtime, self._with_rounding(callbacks)))

    def run_until(
        self, time_point: float, callbacks: Iterable[Callable[[float], float]] | None = None
    ) -> float:
        """Advance the simulation until `time_point` (ms), and round plastic weights on the way."""
        return float(self._sim.run_until(time_point, self._with_rounding(callbacks)))

    def _with_rounding(self, callbacks: Any) -> Any:
        """Callbacks of a run, before them that which rounds plastic weights."""
        if self._interval is None or not self._plastic():
            return callbacks
        return [self._round_when_due, *(callbacks or ())]

    def _plastic(self) -> list[Any]:
        return [one for one in self.chip.projections if one.synapse_type.plastic]

    def _round_when_due(self, now: float) -> float:
        """As a callback: round weights if it is time, and return the time of the next rounding."""
        assert self._interval is not None
        timestep = float(self._sim.get_time_step())
        steps, step = max(1, round(self._interval / timestep)), round(now / timestep)
        if step and step % steps == 0:
            for projection in self._plastic():
                projection.round_plastic_weights()
        return (step // steps + 1) * steps * timestep

    def check(self, network: Mapping[str, Any]) -> None:
        """Raise `DoesNotFit` if the network that was built needs more than the chip has."""
        self.chip.check_capacity()
        self.chip.check(network)

    def note_events(self) -> None:
        """Note the events of the run so far: spikes, synaptic events, updates of neurons."""
        chip, now = self.chip, float(self._sim.get_current_time())
        steps = round(now / float(self._sim.get_time_step()))
        counts = {id(one): _spike_counts(one) for one in chip.populations}
        for one in chip.populations:
            number = int(counts[id(one)].sum())
            if one.trains is None:
                chip.note("events", one, "spikes", None, number)
                chip.note("events", one, "neuron_updates", None, one.size * steps)
            else:
                chip.note("events", one, "input_spikes", None, number)
                one.note_lost_spikes(steps)
        for projection in chip.projections:
            sent = np.concatenate([_counts_of(part, counts) for part in members(projection.pre)])
            events = int(sent @ projection.out_degree)
            chip.note("events", projection, "synaptic_events", None, events)


def _spike_counts(population: Any) -> np.ndarray:
    """Spikes of each cell, shape (size,)."""
    neurons, _ = collect.spikes(population)
    return np.bincount(neurons, minlength=population.size)


def _counts_of(part: Any, counts: Mapping[int, np.ndarray]) -> np.ndarray:
    """Spikes of each cell of a population or view."""
    whole = counts[id(getattr(part, "grandparent", part))]
    return whole[part._rows()] if hasattr(part, "grandparent") else whole
