"""Simulators that integrate, or test the threshold, in ways that the other sets do not have."""

from __future__ import annotations

import numpy as np

from pipelines.sensitivity.simulator.network import Network
from pipelines.sensitivity.simulator.simulation import Simulator, Switches
from pipelines.sensitivity.third_set.simulators import Timed


class EulerOfHalfSteps(Simulator):
    """The state is integrated by two forward Euler steps of half the length."""

    def integrate(self) -> None:
        """Use the slope at the beginning and in the middle of the step."""
        for _ in range(2):
            self.state = self.state + self.dt / 2 * self._slope(self.state)


class EulerOfNewCurrents(Simulator):
    """Currents decay first, then v is integrated by Euler with what is left of them."""

    def integrate(self) -> None:
        """Let currents decay, and use the slope of v with them."""
        v = self.state[0].copy()
        super().integrate()
        self.state[0] = v
        self.state[0] = v + self.dt * self._slope(self.state)[0]


class ExponentialEulerOfNewCurrents(Simulator):
    """Currents decay first, and are held over the step in which v is integrated exactly."""

    def integrate(self) -> None:
        """Let currents decay, and let v relax with them."""
        p, v = self.p, self.state[0].copy()
        super().integrate()
        current = self.state[1] + self.state[2] + p["i_offset"]
        level = p["v_rest"] + p["tau_m"] / p["cm"] * current
        self.state[0] = level + (v - level) * np.exp(-self.dt / p["tau_m"])


class RungeKutta4(Simulator):
    """The state is integrated by the classical Runge-Kutta method."""

    def integrate(self) -> None:
        """Use four slopes."""
        h, y = self.dt, self.state
        first = self._slope(y)
        second = self._slope(y + h / 2 * first)
        third = self._slope(y + h / 2 * second)
        fourth = self._slope(y + h * third)
        self.state = y + h / 6 * (first + 2 * second + 2 * third + fourth)


class AdamsBashforth(Simulator):
    """The state is integrated by the Adams-Bashforth method of two steps."""

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        super().__init__(network, switches)
        self.before = self._slope(self.state)

    def integrate(self) -> None:
        """Extrapolate from the slopes of this step and the one before."""
        slope = self._slope(self.state)
        self.state = self.state + self.dt * (1.5 * slope - 0.5 * self.before)
        self.before = slope


class FactorsOf32Bits(Simulator):
    """Factors of the exact step are stored in 32 bits."""

    def _prepare_propagators(self) -> None:
        super()._prepare_propagators()
        v, exc, inh, *others = (factor.astype(np.float32) for factor in self._propagators)
        constant, decay_exc, decay_inh = (factor.astype(float) for factor in others)
        self._propagators = (
            v.astype(float), exc.astype(float), inh.astype(float), constant, decay_exc, decay_inh,
        )  # fmt: skip


class LongerStep(Simulator):
    """Equations are solved for a step that is 10 % longer than that of the clock."""

    def _prepare_propagators(self) -> None:
        step = self.dt
        self.dt = 1.1 * step
        super()._prepare_propagators()
        self.dt = step


class RareThreshold(Timed):
    """The threshold is tested at whole ms alone."""

    def fire(self, can_spike: np.ndarray) -> np.ndarray:
        """Reset the cells at the threshold, at some steps."""
        tested = np.full(self.n, self.now % 10 == 0)
        return super().fire(can_spike & tested)
