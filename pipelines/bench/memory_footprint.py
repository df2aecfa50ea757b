"""Memory and time of a large network, and the time that drawing its numbers takes alone."""

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

# Our PyNN script with projections that throw away what they are given.
DRAWING = "drawing alone"
# Scale of the network that wakes a simulator before the measurement: some 300 synapses.
_WARM_UP_SCALE = 0.001


@dataclass(frozen=True)
class FootprintTask:
    """What to measure; `backend`, `code` and `codegen` are as in `measurement.Task`.

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
    """What was measured in one process.

    Attributes
    ----------
    build_s
        From an empty simulator to the end of the script that makes the network.
    first_step_s, run_s
        Seconds that the first time step took, for which simulators prepare the network, and
        simulating `FootprintTask.duration` after it.
    peak_mb
        Memory at its peak over all of it, beyond that of the empty simulator.
    n_spikes, spikes_sha256
        Of all cells from the start.
    """

    build_s: float
    first_step_s: float
    run_s: float
    peak_mb: float
    n_spikes: int
    spikes_sha256: str


@dataclass(frozen=True)
class FootprintComparison:
    """The network by one code on one backend.

    Attributes
    ----------
    backend, code, neurons, synapses, duration_ms
        What was measured.
    measured
        In a process of its own.
    cells_mb
        Memory at the peak of the same network without synapses: cells and recorders.
    bytes_per_synapse, beyond_cells
        At the peak, beyond the empty simulator, and beyond `cells_mb` too.
    draw_s
        Seconds that the same script takes if projections throw away what connectors give them;
        None for code written by hand, which draws other numbers.
    build_to_draw, ready_to_draw
        Seconds to the end of the script, and to the end of the first step, as multiples of it.
    same_spikes
        Whether this code gives the same spikes on the backend that was measured first; None
        on that one.
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
        """All of it."""
        return asdict(self)


def measure_footprint(task: FootprintTask) -> Footprint:
    """Measure in this process."""
    code = get_implementation(task.code, task.backend)
    code.prepare()
    set_codegen_target(task.backend, task.codegen)
    # An empty simulator has loaded and compiled what it needs for such a network.
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
    """Seconds of the same script in this process without any synapse made."""
    sim = PyNNScript(task.backend).module()
    set_codegen_target(task.backend, task.codegen)
    network = replace(task.network, scale=_WARM_UP_SCALE)
    network.build(sim, discarding_class(sim.Projection))
    started = time.perf_counter()
    task.network.build(sim, discarding_class(sim.Projection))
    return round(time.perf_counter() - started, 4)


def discarding_class(projection: type) -> type:
    """Return a kind of this class whose connectors run, and which keeps nothing of their synapses.

    It leaves out what a `BulkProjection` collects, checks, hands on and reads back; numbers are
    drawn as PyNN draws them, for one target after another.
    """

    def nothing(self: Any, *given: Any, **parameters: Any) -> None:
        """Take what connectors give, or what a backend would make, and keep nothing."""

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
        As in `compare.compare_networks`.
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
