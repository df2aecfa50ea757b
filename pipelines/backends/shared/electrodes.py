"""Noise that is drawn for each cell, and injected as a step current.

Mends (seen in PyNN 0.13.0): Brian2 gives every cell the same noise, unseeded (row
"NoisyCurrentSource"), which is not that of a seed (row "seeds").
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import electrodes

from pipelines.errors import Unsupported

from .grid import to_ms, to_steps
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
        asked = {"interval" if name == "dt" else name: v for name, v in self._native.items()}
        for cell in cells:
            times, amplitudes = noise_steps(
                **asked, dt=self._simulator.state.dt, seed=self._registry.next_seeds()
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


def noise_steps(
    mean: float, stdev: float, start: float, stop: float, interval: float, dt: float, seed: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Times (ms) and amplitudes (nA) of a step current that is Gaussian noise.

    A new amplitude is drawn every `interval` from `start` on; at `stop` the current is 0.

    Raises
    ------
    Unsupported
        If a time is off the grid, or `stop` has no bound.
    """
    if not stop < 1e9:
        raise Unsupported(
            "NoisyCurrentSource.stop", f"{stop:g} ms", allowed="the time at which the noise ends"
        )
    first, last, every = (
        int(to_steps(time, dt, f"NoisyCurrentSource.{name}"))
        for name, time in (("start", start), ("stop", stop), ("dt", interval))
    )
    if every < 1:
        raise Unsupported("NoisyCurrentSource.dt", f"{interval:g} ms", allowed=f"{dt:g} and above")
    steps = np.arange(first, last, every)
    amplitudes = mean + stdev * np.random.default_rng(seed).standard_normal(len(steps))
    return to_ms(np.append(steps, last), dt), np.append(amplitudes, 0.0)
