"""What a fault is: where it is put in, what is right to say of it, and which numbers are true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.sensitivity.simulator.example_networks import NETWORKS
from pipelines.sensitivity.simulator.network import Network
from pipelines.sensitivity.simulator.run import SmallRun, simulate
from pipelines.sensitivity.simulator.simulation import Simulator, Switches

CELLS, NUMERICS, SYNAPSES, PLASTICITY, INPUTS, SPIKES, WEIGHTS, SIGNALS, REQUESTS = KINDS = (
    "cells", "numerics", "synapses", "plasticity", "inputs", "recorded spikes",
    "recorded weights", "recorded signals", "requests",
)  # fmt: skip
"""Classes of faults."""
HEALTHY_BACKEND, FAULTY_BACKEND = "healthy", "with_fault"


@dataclass(frozen=True)
class Fault:
    """A fault of one of two backends, or of its stored tables.

    A fault changes the network that the backend builds (unlike the one that it was asked for),
    the simulator, or the tables of the run; any of them, and several.

    Attributes
    ----------
    name
        What is wrong, with its strength.
    kind
        One of `KINDS`.
    truth
        Names of causes that are right: see `pipelines.sensitivity.judging`.
    network
        Changes the network in place; it is a copy.
    simulator, switches
        A subclass of the simulator, and values of its switches by name.
    tables
        Changes the tables of the finished run in place; frames are to be replaced, not written to.
    on
        Networks that the fault is put into, of `networks.NETWORKS`.
    is_asked
        Whether `network` changes what the backend is asked for; digests and parameters of the
        record then differ, too.
    is_reported
        Whether the backend reports the changed parameters if it is asked for them, instead of
        those that it was asked for.
    consequences
        Names of causes that are true of the tables, but not the origin of the difference.
    broad
        Names that are true, but say too little to be right.
    false
        Names of descriptions that are not true here, such as "more excitable" for noise.
    steps
        Number of time steps by which events of the faulty run are later or longer, if a cause of
        `truth` says so; None for no such number.
    numbers
        Numbers that a cause of `truth` may state: values, ratios or differences, of which one
        must be there if its explanation holds any; empty if none is checked.
    is_catalogued
        Whether the catalogue has a cause that names the fault. If not, a description of what is
        seen is vague, although none of the causes that it can have is the true one.
    """

    name: str
    kind: str
    truth: frozenset[str]
    network: Callable[[Network], None] | None = None
    simulator: type[Simulator] = Simulator
    switches: Mapping[str, Any] = field(default_factory=dict)
    tables: Callable[[SmallRun], None] | None = None
    on: tuple[str, ...] = ("plastic",)
    is_asked: bool = False
    is_reported: bool = False
    consequences: frozenset[str] = frozenset()
    broad: frozenset[str] = frozenset()
    false: frozenset[str] = frozenset()
    steps: int | None = None
    numbers: tuple[float, ...] = ()
    is_catalogued: bool = True

    def run(self, network: str, seed: int = 1, **parameters: float) -> SmallRun:
        """Run a network with the fault.

        Parameters
        ----------
        network
            Name of the network.
        seed, parameters
            Arguments of its function.
        """
        asked = NETWORKS[network](seed, **parameters)
        built = asked.copy()
        if self.network is not None:
            self.network(built)
        run = simulate(
            built if self.is_asked else asked, built, FAULTY_BACKEND, self.simulator,
            Switches(**self.switches),
        )  # fmt: skip
        if self.tables is not None:
            self.tables(run)
        return run


def truth(*names: str) -> frozenset[str]:
    """A set of names."""
    return frozenset(names)
