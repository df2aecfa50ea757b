"""Memory and time of a large network, and the time of drawing its random numbers alone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

from .compared_codes import (
    OURS,
    PyNNScript,
    available_codes,
    get_implementation,
    set_codegen_target,
)
from .comparison import Report
from .measured_network import DT
from .measurement import run_in_own_process, spike_digest
from .microcircuit import Microcircuit
from .peak_memory import PeakMemory

# Code name of our PyNN script with projections that discard their synapses.
DRAWING = "drawing alone"
# Scale of the network that is built before the measurement as a warm-up: some 300 synapses.
_WARM_UP_SCALE = 0.001


@dataclass(frozen=True)
class FootprintTask:
    """Parameters of a measurement; `backend`, `code` and `codegen` are as in `measurement.Task`.

    Attributes
    ----------
    duration
        Simulated time in ms after the first step.
    """

    backend: str
    code: str
    network: Microcircuit
    duration: float = 100.0
    codegen: str | None = None


@dataclass(frozen=True)
class Footprint:
    """Times, memory and spikes of one code, measured in one process.

    Attributes
    ----------
    build_s
        Time (s) from an empty simulator to the end of the script that makes the network.
    first_step_s, run_s
        Time (s) of the first time step, which includes preparing the network, and of simulating
        `FootprintTask.duration` after it.
    peak_mb
        Peak memory (MB) over building and running, beyond the empty simulator.
    n_spikes, spikes_sha256
        Number and digest of the spikes of all cells from the start.
    """

    build_s: float
    first_step_s: float
    run_s: float
    peak_mb: float
    n_spikes: int
    spikes_sha256: str


@dataclass(frozen=True)
class FootprintComparison:
    """Footprint of the network by one code on one backend, with ratios.

    Attributes
    ----------
    backend, code, neurons, synapses, duration_ms
        Backend, code, size of the network and simulated time.
    measured
        Times, memory and spikes, from a process of their own.
    cells_mb
        Peak memory (MB) of the same network without synapses: cells and recorders.
    bytes_per_synapse, beyond_cells
        Peak memory a synapse (bytes) beyond the empty simulator, and beyond `cells_mb`.
    draw_s
        Time (s) of the same script with projections that discard their synapses; None for
        hand-written code, which draws other numbers.
    build_to_draw, ready_to_draw
        Ratios of the time to the end of the script, and to the end of the first step, to `draw_s`.
    same_spikes
        Whether the spikes are those of the same code on the backend measured first; None on that
        backend.
    """

    backend: str
    code: str
    neurons: int
    synapses: int
    duration_ms: float
    measured: Footprint
    cells_mb: float
    bytes_per_synapse: float
    beyond_cells: float
    draw_s: float | None
    build_to_draw: float | None
    ready_to_draw: float | None
    same_spikes: bool | None

    def as_json(self) -> dict[str, Any]:
        """All fields, for JSON."""
        return asdict(self)


def measure_footprint(task: FootprintTask) -> Footprint:
    """Measure building and running the network in this process."""
    code = get_implementation(task.code, task.backend)
    code.prepare()
    set_codegen_target(task.backend, task.codegen)
    # Before the measurement, the simulator loads and compiles what such a network needs.
    code.run(code.build(replace(task.network, scale=_WARM_UP_SCALE)), DT)
    peak = PeakMemory()
    times = [time.perf_counter()]
    state = code.build(task.network)
    times.append(time.perf_counter())
    for duration in (DT, task.duration):
        code.run(state, duration)
        times.append(time.perf_counter())
    peak_mb = peak.mb()
    build_s, first_step_s, run_s = (round(end - begin, 4) for begin, end in pairwise(times))
    found = spike_digest(*code.spikes(state, DT + task.duration))
    return Footprint(build_s, first_step_s, run_s, peak_mb, *found)


def measure_drawing(task: FootprintTask) -> float:
    """Return the time (s) of our PyNN script in this process without making synapses."""
    sim = PyNNScript(task.backend).module()
    set_codegen_target(task.backend, task.codegen)
    network = replace(task.network, scale=_WARM_UP_SCALE)
    network.build(sim, discarding_class(sim.Projection))
    started = time.perf_counter()
    task.network.build(sim, discarding_class(sim.Projection))
    return round(time.perf_counter() - started, 4)


def discarding_class(projection: type) -> type:
    """Return a subclass of a projection class that runs its connector and discards the synapses.

    Random numbers are drawn as PyNN draws them, target by target; synapses are not collected,
    checked, passed to the simulator or read back.
    """

    def nothing(self: Any, *given: Any, **parameters: Any) -> None:
        """Ignore all arguments."""

    def no_synapses(self: Any) -> int:
        return 0

    names = (
        "_convergent_connect",
        "connect_pairs",
        "_begin",
        "_add",
        "_finish",
    )
    members = dict.fromkeys(names, nothing) | {"bulk": False, "__len__": no_synapses}
    return type("Discarding", (projection,), members)


def compare_footprints(
    backends: Sequence[str],
    network: Microcircuit,
    *,
    duration: float = 100.0,
    codegen: str | None = None,
    report: Report = lambda line: None,
) -> list[FootprintComparison]:
    """Measure building and running the network by every code on every backend.

    Parameters
    ----------
    duration
        Simulated time in ms after the first step.
    codegen, report
        As in `comparison.compare_networks`.
    """
    synapses = network.synapses
    first: dict[str, Footprint] = {}
    results = []
    for backend in backends:
        for code in available_codes(backend):
            task = FootprintTask(backend, code, network, duration, codegen)
            report(f"memory: {backend}, {synapses:,} synapses, {code}")
            found = run_in_own_process(measure_footprint, task)
            cells = replace(task, network=replace(network, connected=False), duration=DT)
            report(f"memory: {backend}, no synapses, {code}")
            cells_mb = run_in_own_process(measure_footprint, cells).peak_mb
            draw_s = None
            if code == OURS:
                report(f"memory: {backend}, {synapses:,} synapses, {DRAWING}")
                draw_s = run_in_own_process(measure_drawing, replace(task, code=DRAWING))
            known = first.setdefault(code, found)
            results.append(
                FootprintComparison(
                    backend,
                    code,
                    sum(network.sizes.values()),
                    synapses,
                    duration,
                    found,
                    cells_mb,
                    round(1e6 * found.peak_mb / synapses, 1),
                    round(1e6 * (found.peak_mb - cells_mb) / synapses, 1),
                    draw_s,
                    _ratio(found.build_s, draw_s),
                    _ratio(found.build_s + found.first_step_s, draw_s),
                    None if known is found else known.spikes_sha256 == found.spikes_sha256,
                )
            )
    return results


def _ratio(seconds: float, other: float | None) -> float | None:
    return None if other is None else round(seconds / other, 3)
