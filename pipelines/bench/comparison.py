"""Comparison of ours, stock PyNN and hand-written code on one network, with ratios of times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from . import measurement, spike_collection
from .compared_codes import NATIVE, OURS, STOCK, native_module
from .measured_network import Network
from .measurement import Measurement, Task, run_in_own_process
from .spike_collection import Collection, CollectTask

# Stock PyNN loops over one Neo object a neuron: beyond this it needs minutes.
STOCK_SPIKES = 1_000_000

Report = Callable[[str], None]


@dataclass(frozen=True)
class Comparison:
    """Measurements of one network, or of one recording, by several codes.

    Attributes
    ----------
    question
        ``"build"``, ``"run"`` or ``"collect"``.
    backend
        Name of the backend.
    size
        Size of what was measured, by column: neurons, synapses, plastic, ...
    seconds, memory_mb, n_spikes
        Time (s), peak memory (MB) and number of spikes by code: `OURS`, `NATIVE`, and `STOCK`
        unless it was skipped.
    same_spikes
        For each code other than ours, whether its spikes are ours, neuron by neuron and step by
        step (for a collection: whether their number is the same).
    """

    question: str
    backend: str
    size: dict[str, Any]
    seconds: dict[str, float]
    memory_mb: dict[str, float]
    n_spikes: dict[str, int]
    same_spikes: dict[str, bool]

    @property
    def ours_to_native(self) -> float:
        """Ratio of our time to that of hand-written code."""
        return self.seconds[OURS] / self.seconds[NATIVE]

    @property
    def stock_to_ours(self) -> float | None:
        """Ratio of stock PyNN's time to ours, None if stock PyNN was skipped."""
        return self.seconds[STOCK] / self.seconds[OURS] if STOCK in self.seconds else None

    def as_json(self) -> dict[str, Any]:
        """All fields and the ratios, for JSON."""
        stock = self.stock_to_ours
        return asdict(self) | {
            "ours_to_hand_written": round(self.ours_to_native, 3),
            "stock_to_ours": None if stock is None else round(stock, 3),
        }


def compare_networks(
    question: str,
    backend: str,
    network: Network,
    *,
    duration: float = 1000.0,
    repeat: int = 1,
    stock_synapses: int | None = None,
    codegen: str | None = None,
    report: Report = lambda line: None,
) -> list[Comparison]:
    """Compare the time of building or of running a network.

    Parameters
    ----------
    question
        ``"build"`` or ``"run"``.
    duration
        Simulated time in ms, for a run.
    repeat
        Number of fresh processes for ours and for hand-written code, of which the fastest counts;
        stock PyNN runs once.
    stock_synapses
        Largest number of synapses to measure stock PyNN with; 0 to skip it, None for a number that
        takes it some seconds. If `network` has more, a smaller network of the same density is
        measured too, by all codes.
    codegen
        Target of code generation, None for the simulator's own choice.
    report
        Called with a line before each measurement.

    Returns
    -------
    list of Comparison
        One, or two if stock PyNN is measured with a smaller network.
    """
    largest = native_module(backend).STOCK_SYNAPSES if stock_synapses is None else stock_synapses
    task = Task(question, backend, OURS, network, duration, codegen)
    if largest == 0:
        return [_compare_network(task, (NATIVE, OURS), repeat, report)]
    if network.synapses <= largest:
        return [_compare_network(task, (NATIVE, OURS, STOCK), repeat, report)]
    neurons = max(10, round(network.neurons * (largest / network.synapses) ** 0.5))
    smaller = replace(network, neurons=neurons, synapses=min(largest, neurons**2))
    return [
        _compare_network(task, (NATIVE, OURS), repeat, report),
        _compare_network(replace(task, network=smaller), (NATIVE, OURS, STOCK), repeat, report),
    ]


def _compare_network(task: Task, codes: Sequence[str], repeat: int, report: Report) -> Comparison:
    found: dict[str, Measurement] = {}
    network = task.network
    kind = "plastic" if network.plastic else "static"
    for code in codes:
        report(
            f"{task.question}: {task.backend}, {network.neurons:,} neurons, "
            f"{network.synapses:,} {kind} synapses, {code}"
        )
        found[code] = measurement.measure_fastest(
            replace(task, code=code), 1 if code == STOCK else repeat
        )
    size: dict[str, Any] = {
        "neurons": network.neurons,
        "synapses": network.synapses,
        "plastic": network.plastic,
    }
    if task.question == "run":
        size["duration_ms"] = task.duration
    return Comparison(
        task.question,
        task.backend,
        size,
        {
            code: one.build_s if one.run_s is None else one.run_s
            for code, one in found.items()
        },
        {code: one.peak_mb for code, one in found.items()},
        {code: one.n_spikes for code, one in found.items()},
        {
            code: one.spikes_sha256 == found[OURS].spikes_sha256
            for code, one in found.items()
            if code != OURS
        },
    )  # fmt: skip


def compare_collecting(
    backend: str,
    *,
    neurons: int = 10_000,
    n_spikes: int = 10_000_000,
    repeat: int = 1,
    stock_spikes: int | None = None,
    codegen: str | None = None,
    report: Report = lambda line: None,
) -> list[Comparison]:
    """Compare the time of collecting spikes into a Parquet file.

    Parameters
    ----------
    neurons
        Number of unconnected cells that spike.
    n_spikes
        Smallest number of spikes to collect.
    stock_spikes
        Largest number of spikes to measure stock PyNN with; 0 to skip it, None for the default.
    repeat, codegen, report
        As in `compare_networks`.
    """
    largest = STOCK_SPIKES if stock_spikes is None else stock_spikes
    task = CollectTask(backend, OURS, neurons, n_spikes, codegen)
    if largest == 0:
        return [_compare_collection(task, (NATIVE, OURS), repeat, report)]
    if n_spikes <= largest:
        return [_compare_collection(task, (NATIVE, OURS, STOCK), repeat, report)]
    fewer = replace(task, n_spikes=largest)
    return [
        _compare_collection(task, (NATIVE, OURS), repeat, report),
        _compare_collection(fewer, (NATIVE, OURS, STOCK), repeat, report),
    ]


def _compare_collection(
    task: CollectTask, codes: Sequence[str], repeat: int, report: Report
) -> Comparison:
    found: dict[str, Collection] = {}
    for code in codes:
        report(f"collect: {task.backend}, {task.n_spikes:,} spikes, {code}")
        runs = [
            run_in_own_process(spike_collection.measure_collection, replace(task, code=code))
            for _ in range(1 if code == STOCK else repeat)
        ]
        found[code] = min(runs, key=lambda one: one.seconds)
    return Comparison(
        "collect",
        task.backend,
        {"neurons": task.neurons, "spikes": found[OURS].n_spikes},
        {code: one.seconds for code, one in found.items()},
        {code: one.beyond_arrays_mb for code, one in found.items()},
        {code: one.n_spikes for code, one in found.items()},
        {
            code: one.n_spikes == found[OURS].n_spikes
            for code, one in found.items()
            if code != OURS
        },
    )  # fmt: skip
