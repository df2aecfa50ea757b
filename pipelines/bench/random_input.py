"""Cost of random input, frozen or independent: a Poisson source of high rate for each neuron."""

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

# Code name of ours in a profile with `independent: true`.
INDEPENDENT = "ours, independent"


@dataclass(frozen=True)
class PoissonDrive:
    """Network of unconnected neurons, each with a Poisson source.

    Attributes
    ----------
    neurons
        Number of neurons, and of sources.
    rate
        Rate of each source (Hz).
    weight
        Weight of each synapse (nA); so small that no neuron fires.
    delay
        Delay of each synapse (ms).
    independent
        Whether the simulator may draw the input itself.
    """

    neurons: int = 5000
    rate: float = 16_000.0
    weight: float = 1e-3
    delay: float = 1.0
    independent: bool = False

    def build(self, sim: Any) -> dict[str, Any]:
        """Build the network on a PyNN module; return its cells by name."""
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
    """Parameters of a measurement; `backend`, `code` and `codegen` are as in `measurement.Task`."""

    backend: str
    code: str
    network: PoissonDrive
    duration: float  # ms
    codegen: str | None = None


@dataclass(frozen=True)
class DriveCost:
    """Cost of the input by one code.

    Attributes
    ----------
    backend, code
        Backend and code.
    neurons, rate_hz, duration_ms
        Number of sources, their rate (Hz) and the simulated time (ms).
    run_s
        Time (s) of the run, including drawing, after a short first run.
    to_generator
        Ratio of `run_s` to that of a simulator's own generator of the same rates, the first row.
    """

    backend: str
    code: str
    neurons: int
    rate_hz: float
    duration_ms: float
    run_s: float
    to_generator: float

    def as_json(self) -> dict[str, Any]:
        """All fields, for JSON."""
        return asdict(self)


def measure_drive(task: DriveTask) -> float:
    """Measure the time of one run (s) in this process."""
    code = get_implementation(task.code, task.backend)
    set_codegen_target(task.backend, task.codegen)
    code.prepare()
    state = code.build(task.network)
    code.run(state, WARM_UP_MS)
    begin = time.perf_counter()
    code.run(state, task.duration)
    return time.perf_counter() - begin


def has_poisson_generator(backend: str) -> bool:
    """Whether there is hand-written code that uses the simulator's own Poisson generator."""
    return getattr(native_module(backend), "HAS_POISSON_GENERATOR", False)


def compare_drive(
    names: Sequence[str],
    network: PoissonDrive,
    duration: float,
    repeat: int = 1,
    codegen: str | None = None,
    report: Report = lambda line: None,
) -> list[DriveCost]:
    """Compare frozen and independent input on some backends with a simulator's own generator.

    Parameters
    ----------
    names
        Names of the backends.
    duration
        Simulated time (ms) of the measured run.
    repeat
        Number of fresh processes for each code, of which the fastest counts.
    codegen, report
        As in `comparison.compare_networks`.
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
