"""What random input costs, frozen or not: a Poisson source of a high rate for each neuron."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pipelines import backends

from .compared_codes import NATIVE, OURS, get_implementation, native_module, set_codegen_target
from .comparison import Report
from .measured_network import CELL, DT
from .measurement import WARM_UP_MS, run_in_own_process

# Ours in a profile with `independent: true`.
INDEPENDENT = "ours, independent"


@dataclass(frozen=True)
class PoissonDrive:
    """Neurons that each have a Poisson source.

    Attributes
    ----------
    neurons
        Their number.
    rate
        Of each source, in Hz.
    weight
        Of each synapse, in nA; so small that no neuron fires.
    delay
        Of each synapse, in ms.
    independent
        Whether a simulator may draw for itself.
    """

    neurons: int = 5000
    rate: float = 16_000.0
    weight: float = 1e-3
    delay: float = 1.0
    independent: bool = False

    def build(self, sim: Any) -> dict[str, Any]:
        """Make the network on a PyNN module."""
        own = {"independent_draws": True} if self.independent else {}
        sim.setup(timestep=DT, rng_seed=1, **own)
        sources = sim.Population(self.neurons, sim.SpikeSourcePoisson(rate=self.rate))
        cells = sim.Population(
            self.neurons, sim.IF_curr_exp(**CELL), initial_values={"v": CELL["v_rest"]}
        )
        synapse = sim.StaticSynapse(weight=self.weight, delay=self.delay)
        sim.Projection(sources, cells, sim.OneToOneConnector(), synapse)
        return {"cells": cells}


@dataclass(frozen=True)
class DriveTask:
    """What to measure; `backend`, `code` and `codegen` are as in `measurement.Task`."""

    backend: str
    code: str
    network: PoissonDrive
    duration: float  # ms
    codegen: str | None = None


@dataclass(frozen=True)
class DriveCost:
    """Drive by one code.

    Attributes
    ----------
    backend, code
        What was measured.
    neurons, rate_hz, duration_ms
        How much of it.
    run_s
        Seconds of the run, drawing included, after a first short one.
    to_generator
        Ratio to the same rates by a generator of a simulator's own, the first row.
    """

    backend: str
    code: str
    neurons: int
    rate_hz: float
    duration_ms: float
    run_s: float
    to_generator: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure_drive(task: DriveTask) -> float:
    """Measure one task in this process: seconds of the run."""
    code = get_implementation(task.code, task.backend)
    set_codegen_target(task.backend, task.codegen)
    code.prepare()
    state = code.build(task.network)
    code.run(state, WARM_UP_MS)
    begin = time.perf_counter()
    code.run(state, task.duration)
    return time.perf_counter() - begin


def has_poisson_generator(backend: str) -> bool:
    """Whether there is code by hand that drives neurons by a generator of the simulator's."""
    return getattr(native_module(backend), "HAS_POISSON_GENERATOR", False)


def compare_drive(
    names: Sequence[str],
    network: PoissonDrive,
    duration: float,
    repeat: int = 1,
    codegen: str | None = None,
    report: Report = lambda line: None,
) -> list[DriveCost]:
    """Measure frozen drive on some backends, and a simulator's own generator.

    Parameters
    ----------
    duration
        Of the run, in ms.
    repeat
        Rounds of fresh processes; of each code the fastest counts.
    """
    generator = next(name for name in backends.names() if has_poisson_generator(name))
    codes = [(generator, NATIVE)]
    codes += [(name, code) for name in names for code in (OURS, INDEPENDENT)]
    seconds: dict[tuple[str, str], float] = {}
    for _ in range(repeat):
        for backend, code in codes:
            report(f"{code} on {backend}: {network.neurons:,} sources at {network.rate:g} Hz")
            given = replace(network, independent=code == INDEPENDENT)
            task = DriveTask(backend, code, given, duration, codegen)
            found = run_in_own_process(measure_drive, task)
            seconds[backend, code] = min(found, seconds.get((backend, code), found))
    own = seconds[generator, NATIVE]
    return [
        DriveCost(
            backend, code, network.neurons, network.rate, duration,
            round(seconds[backend, code], 4), round(seconds[backend, code] / own, 3),
        )
        for backend, code in codes
    ]  # fmt: skip
