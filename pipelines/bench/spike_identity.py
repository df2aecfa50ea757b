"""The same spikes on several backends, over as many spikes as it takes to trust them.

A plastic network runs on every backend at the same time, each in a process of its own, and pieces
of model time are compared as they come: no more than two of a backend are in memory, however long
it takes. A simulator's state cannot be stored, so the unit that is kept is a run, one seed's
network: what is killed goes on with the runs that were not finished, from their start.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipelines import backends
from pipelines.diagnosis.first_divergence import OnGrid, first_divergence
from pipelines.errors import BadInput
from pipelines.installation import LIBRARY, PACKAGE
from pipelines.source_code import digests, files_in, fingerprint
from pipelines.verdicts.verdict_table import WEIGHT_TOLERANCE
from pipelines.versions import of_backend

from .comparison import Report
from .measured_network import DT
from .network_in_pieces import PieceProcess, PieceTask, RecordedPiece
from .plastic_network import PlasticNetwork
from .progress_record import ComparedRun, ProgressRecord


@dataclass(frozen=True)
class IdentityTask:
    """What to compare.

    Attributes
    ----------
    backends
        Their names; all are compared with the first.
    n_spikes, run_spikes
        Spikes to compare in all, and in a run.
    seed
        Of the first run; the next ones' are the next numbers.
    network
        Whose seed is the run's.
    piece_ms
        Model time that is compared at once.
    codegen
        As in `measurement.Task`.
    """

    backends: tuple[str, ...]
    n_spikes: int = 100_000_000
    run_spikes: int = 10_000_000
    seed: int = 1
    network: PlasticNetwork = field(default_factory=PlasticNetwork)
    piece_ms: float = 10_000.0
    codegen: str | None = None

    def __post_init__(self) -> None:
        if len(set(self.backends)) < 2 or len(set(self.backends)) < len(self.backends):
            raise BadInput("--backends", " ".join(self.backends), "two different ones, or more")
        for option, number in (("--spikes", self.n_spikes), ("--run-spikes", self.run_spikes)):
            if number < 1:
                raise BadInput(option, f"{number}", "1 and more")
        steps = self.piece_ms / DT
        if not steps >= 1 or abs(steps - round(steps)) > 1e-6:
            raise BadInput("--piece", f"{self.piece_ms:g} ms", f"multiples of {DT:g} ms above 0")

    def settings(self) -> dict[str, Any]:
        """All that can change what is compared, but for how much of it."""
        folders = [backends.get(name).folder for name in self.backends]
        networks = [
            Path(__file__).with_name(name) for name in ("plastic_network.py", "measured_network.py")
        ]
        folders.append(PACKAGE / "backends" / "shared")
        bases = (LIBRARY, *(folder.parent for folder in folders))
        return {
            "backends": list(self.backends),
            "neurons": self.network.neurons,
            "run_spikes": self.run_spikes,
            "piece_ms": self.piece_ms,
            "codegen": self.codegen,
            "versions": {name: of_backend(name) for name in self.backends},
            "code": fingerprint(digests(files_in(*networks, *folders), bases)),
        }


@dataclass(frozen=True)
class IdentityResult:
    """What was found, in all runs.

    Attributes
    ----------
    backends
        Their names.
    runs
        One by one, in order of their seeds; the last one may have a difference.
    """

    backends: tuple[str, ...]
    runs: list[ComparedRun]

    @property
    def difference(self) -> str | None:
        """The first difference in words, None if there is none."""
        return next((run.difference for run in self.runs if run.difference), None)

    def as_json(self) -> dict[str, Any]:
        """All of it, with sums."""
        return {
            "backends": list(self.backends),
            "n_spikes": sum(run.n_spikes for run in self.runs),
            "n_weights": sum(run.n_weights for run in self.runs),
            "weight_difference": max((run.weight_difference for run in self.runs), default=0.0),
            "model_s": round(sum(run.model_ms for run in self.runs) / 1e3, 3),
            "seconds": round(sum(run.seconds for run in self.runs), 1),
            "peak_mb": {
                name: max((run.resident_mb[name][2] for run in self.runs), default=0.0)
                for name in self.backends
            },
            "difference": self.difference,
            "runs": [asdict(run) for run in self.runs],
        }


@dataclass(frozen=True)
class Progress:
    """A line on how far all runs are.

    Attributes
    ----------
    before, n_spikes
        Spikes of earlier runs, and those that are wanted in all.
    report
        Is given the line.
    """

    before: int
    n_spikes: int
    report: Report

    def report_run(self, run: ComparedRun) -> None:
        """Report on the present run."""
        done = self.before + run.n_spikes
        rate = run.n_spikes / run.seconds if run.seconds else 0.0
        left = f", {max(0, self.n_spikes - done) / rate / 60:.0f} min left" if rate else ""
        memory = ", ".join(f"{name} {mb[1]:,.0f} MB" for name, mb in run.resident_mb.items())
        self.report(
            f"{done:,} of {self.n_spikes:,} spikes; seed {run.seed}: {run.n_spikes:,} in"
            f" {run.model_ms / 1e3:g} s of the model, {rate:,.0f} a second{left}; {memory}"
        )


def first_spike_difference(
    one: RecordedPiece, other: RecordedPiece
) -> tuple[int, int, int, bool] | None:
    """The first spike that only one of two pieces has.

    Returns
    -------
    tuple or None
        How many spikes are before it, its time step and its neuron, and whether the first piece
        has it; None if all spikes are the same.
    """
    n_neurons = 1 + max(int(piece.neuron.max(initial=0)) for piece in (one, other))
    keys = [p.step.astype(np.int64) * n_neurons + p.neuron for p in (one, other)]
    found = first_divergence(OnGrid(("network",), (keys[0], keys[1]), n_neurons, DT))
    if found is None:
        return None
    return found.n_common_before, round(found.time_ms / DT), found.neuron, found.on == 0


def weight_difference(one: np.ndarray, other: np.ndarray) -> tuple[float, int]:
    """Largest difference of weights over the largest weight, and the row where it is."""
    differences = np.abs(one - other)
    # NaN counts as an infinite difference.
    row = int(np.argmax(np.where(np.isnan(differences), np.inf, differences)))
    largest = max(float(np.max(np.abs(one))), float(np.max(np.abs(other))))
    found = float(differences[row]) / largest if largest else 0.0
    return (np.inf if np.isnan(found) else found), row


def compare_identity(
    task: IdentityTask, folder: Path, report: Report = lambda line: None
) -> IdentityResult:
    """Compare run after run until there are enough spikes, or a difference.

    Parameters
    ----------
    folder
        Of the ledger: runs that are finished there are not repeated.
    report
        Is given a line after every piece.
    """
    ledger = ProgressRecord(folder, task.settings())
    runs: list[ComparedRun] = []
    seed = task.seed
    while (missing := task.n_spikes - sum(run.n_spikes for run in runs)) > 0:
        run = ledger.runs.get(seed)
        if run is not None and not run.is_finished and not run.difference:
            report(f"seed {seed}: stopped after {run.n_spikes:,} spikes, and begun again")
        if run is None or not run.is_finished:
            n_spikes = min(missing, task.run_spikes)
            in_all = task.n_spikes - missing, task.n_spikes
            run = _compare_run(task, seed, n_spikes, ledger, Progress(*in_all, report))
        runs.append(run)
        if run.difference:
            break
        seed += 1
    return IdentityResult(task.backends, runs)


def _compare_run(
    task: IdentityTask, seed: int, n_spikes: int, ledger: ProgressRecord, progress: Progress
) -> ComparedRun:
    network = replace(task.network, seed=seed)
    began, run = time.monotonic(), ComparedRun(seed)
    with ExitStack() as stack:
        streams = [
            stack.enter_context(PieceProcess(PieceTask(name, network, task.piece_ms, task.codegen)))
            for name in task.backends
        ]
        while not run.is_finished and not run.difference:
            pieces = [stream.next_piece() for stream in streams]
            run = _add_piece(run, task, network, pieces)
            seconds = round(time.monotonic() - began, 1)
            run = replace(run, seconds=seconds, is_finished=_has_enough(run, n_spikes))
            ledger.write(run)
            progress.report_run(run)
    return run


def _has_enough(run: ComparedRun, n_spikes: int) -> bool:
    return run.n_spikes >= n_spikes and not run.difference


def _add_piece(
    run: ComparedRun, task: IdentityTask, network: PlasticNetwork, pieces: list[RecordedPiece]
) -> ComparedRun:
    """A run with one more piece, which is compared here."""
    first, number, worst, difference = pieces[0], len(pieces[0].step), run.weight_difference, None
    for name, other in zip(task.backends[1:], pieces[1:], strict=True):
        found = first_spike_difference(first, other)
        if found is not None:
            number, step, neuron, is_firsts = found
            has, lacks = (task.backends[0], name)[:: 1 if is_firsts else -1]
            where = network.neuron_label(neuron)
            difference = (
                f"seed {run.seed}: {where} spikes at {step * DT:.1f} ms on {has}, not on {lacks}"
            )
            break
        for projection, weights in first.weights.items():
            size, row = weight_difference(weights, other.weights[projection])
            worst = max(worst, size)
            if size > WEIGHT_TOLERANCE and difference is None:
                end = (run.pieces + 1) * task.piece_ms
                difference = (
                    f"seed {run.seed}: weight {row} of {projection} at {end:g} ms is"
                    f" {weights[row]!r} nA on {task.backends[0]},"
                    f" {other.weights[projection][row]!r} on {name}, after the same spikes"
                )
    compared = 0 if difference else sum(map(len, first.weights.values()))
    memory = {
        name: _update_memory(run.resident_mb.get(name), piece.resident_mb)
        for name, piece in zip(task.backends, pieces, strict=True)
    }
    return replace(
        run, pieces=run.pieces + 1, model_ms=run.model_ms + task.piece_ms,
        n_spikes=run.n_spikes + number, n_weights=run.n_weights + compared,
        weight_difference=worst, resident_mb=memory, difference=difference,
    )  # fmt: skip


def _update_memory(before: list[float] | None, now: float) -> list[float]:
    """After the first piece, after the last, and at most."""
    return [before[0], now, max(before[2], now)] if before else [now] * 3
