"""Interface of the implementations that are compared: ours, stock PyNN and hand-written code."""

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
    """Code that builds a network and simulates it."""

    def prepare(self) -> None:
        """Import the simulator; the import is not measured."""

    def build(self, network: Any) -> Any:
        """Build the network in an empty simulator; return the state for `run` and `spikes`."""

    def run(self, state: Any, duration: float) -> None:
        """Simulate for `duration`, in ms."""

    def spikes(self, state: Any, until: float) -> tuple[np.ndarray, np.ndarray]:
        """Return cell and time step of all spikes up to `until` ms, each of shape (n,)."""


def get_implementation(code: str, backend: str) -> Implementation:
    """Return the implementation of a code for a backend, without importing a simulator."""
    if code != NATIVE:
        return PyNNScript(backend, stock=code == STOCK)
    return cast(Implementation, native_module(backend))


def native_module(backend: str) -> Any:
    """Return the module of hand-written code for a backend's simulator, None if there is none.

    Besides an `Implementation`, it gives how large a network is for the stock module. It imports no
    simulator; None if there is none.
    """
    name = f"{__package__}.native_{backend}"
    return import_module(name) if find_spec(name) else None


def available_codes(backend: str) -> tuple[str, ...]:
    """Codes that are available for a backend, without stock PyNN."""
    return (NATIVE, OURS) if native_module(backend) else (OURS,)


def set_codegen_target(backend: str, target: str | None) -> None:
    """Set the target of code generation in this process, if the simulator has several."""
    description = backends.get(backend)
    if target in description.code_targets:
        description.choose_target(target)


class PyNNScript:
    """The PyNN script of a network, run on a backend or on a stock PyNN module."""

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
