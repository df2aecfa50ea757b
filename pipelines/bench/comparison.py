"""The three codes on one network, and what their seconds are to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from . import measurement, spike_collection
from .compared_codes import NATIVE, OURS, STOCK, native_module
from .measured_network import Network
from .measurement import Measurement, Task, run_in_own_process
from .spike_collection import Collection, CollectTask

# One Neo object a neuron, and a Python loop over them.
STOCK_SPIKES = 1_000_000

Report = Callable[[str], None]


@dataclass(frozen=True)
class Comparison:
    """One network, or one recording, by all codes that were asked for.

    Attributes
    ----------
    question
        ``"build"``, ``"run"`` or ``"collect"``.
    backend
        Its name.
    size
        What was measured: neurons, synapses, plastic, ... as columns.
    seconds, memory_mb, n_spikes
        By code: `OURS`, `NATIVE`, `STOCK` (left out where it was skipped).
    same_spikes
        By code other than ours: whether it gave our spikes, neuron by neuron and step by step
        (of a collection: the same number).
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
        """Our seconds as a multiple of hand-written code's."""
        return self.seconds[OURS] / self.seconds[NATIVE]

    @property
    def stock_to_ours(self) -> float | None:
        """Stock PyNN's seconds as a multiple of ours."""
        return self.seconds[STOCK] / self.seconds[OURS] if STOCK in self.seconds else None

    def as_json(self) -> dict[str, Any]:
        """All of it, with the ratios."""
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
    """Measure building or running a network.

    Parameters
    ----------
    question
        ``"build"`` or ``"run"``.
    duration
        Simulated time in ms, for a run.
    repeat
        Fresh processes for each of ours and hand-written; the fastest counts. Stock has one.
    stock_synapses
        Most synapses to measure stock PyNN at; 0 to skip it, None for what takes it some
        seconds. Where `network` has more, a smaller one of the same density is measured too, by
        all codes.
    codegen
        Target of code generation, None for the simulator's own choice.
    report
        Called with a line before each measurement.
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
    """Measure collecting spikes into a Parquet file.

    Parameters are those of `compare_networks`; `stock_spikes` is what `stock_synapses` is there.
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
