"""A network that a process of its own simulates in pieces, and hands over a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from pipelines import backends
from pipelines.errors import CounterpointError
from pipelines.execution.processes import redirect_output

from .compared_codes import set_codegen_target
from .measured_network import DT
from .peak_memory import resident_mb
from .plastic_network import PlasticNetwork


@dataclass(frozen=True, eq=False)
class RecordedPiece:
    """What a backend gave in a piece of model time.

    Attributes
    ----------
    step, neuron : ndarray of int32, shape (n_spikes,)
        Spikes in order of time steps, then of neurons; these are counted through all populations.
    weights : dict of ndarray, shape (n_synapses,)
        Of each plastic projection at the end, by its name, in order of sources, then of targets.
    resident_mb : float
        Memory of the process at the end.
    """

    step: np.ndarray
    neuron: np.ndarray
    weights: dict[str, np.ndarray]
    resident_mb: float


@dataclass(frozen=True)
class PieceTask:
    """What to simulate; `backend` and `codegen` are as in `measurement.Task`."""

    backend: str
    network: PlasticNetwork
    piece_ms: float
    codegen: str | None = None


def simulate_pieces(task: PieceTask) -> Iterator[RecordedPiece]:
    """Simulate in this process, without end; what was handed over is held no longer."""
    from pipelines.backends import collect

    sim = backends.load(task.backend)
    set_codegen_target(task.backend, task.codegen)
    populations, projections = task.network.build(sim)
    while True:
        sim.run(task.piece_ms)
        steps, neurons, first = [], [], 0
        for population in populations.values():
            neuron, time_ms = collect.spikes(population)
            population.recorder.clear()
            steps.append(np.rint(time_ms / DT).astype(np.int32))
            neurons.append((neuron + first).astype(np.int32))
            first += population.size
        step, neuron = np.concatenate(steps), np.concatenate(neurons)
        order = np.lexsort((neuron, step))
        weights = {name: collect.weights(one)["weight"] for name, one in projections.items()}
        yield RecordedPiece(step[order], neuron[order], weights, resident_mb())


class PieceProcess:
    """The pieces of a process of its own, which ends with the block that this opens.

    The process goes on with the next piece while this one is looked at, and then waits: there are
    never more than two in memory.

    Raises
    ------
    CounterpointError
        When a piece is asked for, if the process failed, or was killed.
    """

    def __init__(self, task: PieceTask) -> None:
        self._task = task
        context = get_context("spawn")
        self._receiving, sending = context.Pipe(duplex=False)
        # A daemon ends with this process.
        self._process = context.Process(target=_send_pieces, args=(task, sending), daemon=True)
        self._process.start()
        # Or the end of the process would not be the end of what it sends.
        sending.close()

    def __enter__(self) -> PieceProcess:
        return self

    def __exit__(self, *error: Any) -> None:
        self._process.terminate()
        self._process.join()
        self._receiving.close()

    def next_piece(self) -> RecordedPiece:
        """The next piece, when it is there."""
        where = f"bench exact on {self._task.backend}"
        try:
            piece, problem = self._receiving.recv()
        except EOFError as error:
            raise CounterpointError(f"{where}: the process died; out of memory?") from error
        if problem is not None:
            raise CounterpointError(f"{where}: {problem}")
        return piece


def _send_pieces(task: PieceTask, sending: Connection) -> None:
    # What simulators print is no part of the answer.
    redirect_output(None)
    try:
        for piece in simulate_pieces(task):
            sending.send((piece, None))
    except BrokenPipeError:
        # Whoever asked is gone.
        return
    except Exception as error:
        # As text: a simulator's error may hold objects that cannot be sent.
        sending.send((None, f"{type(error).__name__}: {error}"))
