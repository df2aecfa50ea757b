"""The three codes that are compared, behind one interface."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Protocol

import numpy as np

from . import networks
from .networks import DT, Network

OURS, NATIVE, STOCK = "ours", "hand-written", "stock"


class Contender(Protocol):
    """A way to make the network and to simulate it."""

    def prepare(self) -> None:
        """Import the simulator, which is not measured."""

    def build(self, network: Network) -> Any:
        """Make the network in an empty simulator, and whatever state the others need."""

    def run(self, state: Any, duration: float) -> None:
        """Simulate for `duration`, in ms."""

    def spikes(self, state: Any, until: float) -> tuple[np.ndarray, np.ndarray]:
        """Cell and time step of all spikes up to `until` ms, each of shape (n,)."""


def contender(code: str, backend: str) -> Contender:
    """Return one of the codes for a backend; imports no simulator."""
    if code != NATIVE:
        return _Script(backend, stock=code == STOCK)
    from . import native_brian2, native_nest

    return {"nest": native_nest, "brian2": native_brian2}[backend]


class _Script:
    """The PyNN script on a PyNN module."""

    def __init__(self, backend: str, stock: bool) -> None:
        self._backend, self._stock = backend, stock

    def prepare(self) -> None:
        self._module()

    def _module(self) -> ModuleType:
        from pipelines import backends

        return backends.load(self._backend, stock=self._stock)

    def build(self, network: Network) -> dict[str, Any]:
        return networks.build(self._module(), network)

    def run(self, state: dict[str, Any], duration: float) -> None:
        self._module().run(duration)

    def spikes(self, state: dict[str, Any], until: float) -> tuple[np.ndarray, np.ndarray]:
        from pipelines.backends import collect

        cells, steps, first = [], [], 0
        for population in state.values():
            cell, time_ms = collect.spikes(population)
            cells.append(cell + first)
            steps.append(np.rint(time_ms / DT).astype(np.int64))
            first += population.size
        cell, step = np.concatenate(cells), np.concatenate(steps)
        keep = step <= round(until / DT)
        return cell[keep], step[keep]
