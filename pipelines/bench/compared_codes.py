"""The three codes that are compared, behind one interface."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Protocol, cast

import numpy as np

from pipelines import backends

from .measured_network import DT

OURS, NATIVE, STOCK = "ours", "hand-written", "stock"


class Implementation(Protocol):
    """A way to make a network and to simulate it."""

    def prepare(self) -> None:
        """Import the simulator, which is not measured."""

    def build(self, network: Any) -> Any:
        """Make the network in an empty simulator, and whatever state the others need."""

    def run(self, state: Any, duration: float) -> None:
        """Simulate for `duration`, in ms."""

    def spikes(self, state: Any, until: float) -> tuple[np.ndarray, np.ndarray]:
        """Cell and time step of all spikes up to `until` ms, each of shape (n,)."""


def get_implementation(code: str, backend: str) -> Implementation:
    """Return one of the codes for a backend; imports no simulator."""
    if code != NATIVE:
        return PyNNScript(backend, stock=code == STOCK)
    return cast(Implementation, native_module(backend))


def native_module(backend: str) -> Any:
    """Return the module of the code that is written by hand for a backend's simulator.

    Besides an `Implementation`, it gives how large a network is for the stock module. It imports no
    simulator; None if there is none.
    """
    name = f"{__package__}.native_{backend}"
    return import_module(name) if find_spec(name) else None


def available_codes(backend: str) -> tuple[str, ...]:
    """The codes that there are for a backend, stock PyNN left out."""
    return (NATIVE, OURS) if native_module(backend) else (OURS,)


def set_codegen_target(backend: str, target: str | None) -> None:
    """Set the target of code generation in this process, where the simulator has several."""
    description = backends.get(backend)
    if target in description.code_targets:
        description.choose_target(target)


class PyNNScript:
    """The PyNN script of a network on a PyNN module."""

    def __init__(self, backend: str, stock: bool = False) -> None:
        self._backend, self._stock = backend, stock

    def prepare(self) -> None:
        self.module()

    def module(self) -> ModuleType:
        """The PyNN module, imported if it is not yet."""
        return backends.load(self._backend, stock=self._stock)

    def build(self, network: Any) -> dict[str, Any]:
        populations: dict[str, Any] = network.build(self.module())
        return populations

    def run(self, state: dict[str, Any], duration: float) -> None:
        self.module().run(duration)

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
