"""Simulators that transmit spikes in wrong ways for which the small simulator has no switch."""

from __future__ import annotations

import numpy as np

from pipelines.sensitivity.simulator.network import Network
from pipelines.sensitivity.simulator.simulation import Simulator, Switches


class FewSpikesSent(Simulator):
    """Of the spikes of a step only the first is sent."""

    def send(self, now: int, neurons: np.ndarray) -> None:
        """Send the first spike."""
        super().send(now, neurons[:1])


class InputsCutToSteps(Simulator):
    """Times of inputs are divided by the step and cut, with the errors of binary fractions."""

    def _prepare_sources(self) -> None:
        due: dict[int, list[int]] = {}
        for name, trains in self.network.sources.items():
            for k, train in enumerate(trains):
                for step in (train / self.dt).astype(int).tolist():
                    due.setdefault(step, []).append(self.first[name] + k)
        self._sources_at = {step: np.array(neurons) for step, neurons in due.items()}


class InputsPlayedLate(Simulator):
    """Sources play their trains two steps after the times that are recorded."""

    def _prepare_sources(self) -> None:
        super()._prepare_sources()
        self._sources_at = {step + 2: neurons for step, neurons in self._sources_at.items()}


class ShortBuffer(Simulator):
    """Delays are taken modulo 12 steps."""

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let weights arrive after what is left of the delay."""
        super().deliver(now, rows, weights, np.maximum(delay % 12, 1))


class DepressingSynapses(Simulator):
    """Each use of a synapse leaves it 20 % weaker, and it recovers within 100 ms."""

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        super().__init__(network, switches)
        self.resource = np.ones(len(self._post))
        self.used = np.zeros(len(self._post))

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let weakened weights arrive."""
        decay = np.exp(-(now - self.used[rows]) * self.dt / 100.0)
        there = 1 - (1 - self.resource[rows]) * decay
        self.resource[rows], self.used[rows] = 0.8 * there, now
        super().deliver(now, rows, there * weights, delay)
