"""Noise that is drawn for each cell, and injected as a step current.

Mends (seen in PyNN 0.13.0): Brian2 gives every cell the same noise, unseeded (row
"NoisyCurrentSource").
"""

from __future__ import annotations

from typing import Any

from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import electrodes

from pipelines.errors import Unsupported

from .drawn import noise_steps
from .synapses import same_names


class FrozenNoise(electrodes.NoisyCurrentSource):
    """Base of `NoisyCurrentSource`: one step current a cell."""

    translations = same_names("mean", "start", "stop", "stdev", "dt")
    _registry: Any
    _simulator: Any
    _step_class: Any

    def __init__(self, **parameters: Any) -> None:
        # PyNN: an interval that is not given is the time step of the simulation.
        given = {"dt": self._simulator.state.dt} | parameters
        super().__init__(**given)
        self._native = self.default_parameters | given
        self._steps: list[Any] = []

    def inject_into(self, cells: Any) -> None:
        """Inject noise of its own into each cell."""
        values = self._native
        for cell in cells:
            times, amplitudes = noise_steps(
                mean=values["mean"],
                stdev=values["stdev"],
                start=values["start"],
                stop=values["stop"],
                interval=values["dt"],
                dt=self._simulator.state.dt,
                seed=self._registry.next_seeds(),
            )
            current = self._step_class(times=times, amplitudes=amplitudes)
            current.inject_into([cell])
            self._steps.append(current)

    def get_native_parameters(self) -> ParameterSpace:
        return ParameterSpace(dict(self._native), shape=(1,))

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        if self._steps:
            raise Unsupported(
                "NoisyCurrentSource",
                "its noise is drawn when it is injected",
                allowed="parameters before inject_into()",
            )
        parameters.evaluate(simplify=True)
        self._native = self._native | dict(parameters.items())

    def record(self) -> None:
        """Record the current of the first cell."""
        self._steps[0].record()

    def _get_data(self) -> Any:
        return self._steps[0]._get_data()
