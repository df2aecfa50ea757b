"""Simulation of a network in a separate process that returns its spikes in pieces of model time."""

from __future__ import annotations

import signal
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
    """Spikes and weights of one piece of model time on one backend.

    Attributes
    ----------
    step, neuron : ndarray of int32, shape (n_spikes,)
        Spikes in order of time step, then of neuron, which is numbered through all populations.
    weights : dict of ndarray, shape (n_synapses,)
        Weights (nA) at the end of the piece, by plastic projection, in order of source, then of
        target.
    resident_mb : float
        Resident memory (MB) of the process at the end of the piece.
    """

    step: np.ndarray
    neuron: np.ndarray
    weights: dict[str, np.ndarray]
    resident_mb: float


@dataclass(frozen=True)
class PieceTask:
    """Parameters of a simulation in pieces; `backend` and `codegen` are as in `measurement.Task`.

    Attributes
    ----------
    network
        Network to simulate.
    piece_ms
        Model time (ms) of a piece.
    """

    backend: str
    network: PlasticNetwork
    piece_ms: float
    codegen: str | None = None


def simulate_pieces(task: PieceTask) -> Iterator[RecordedPiece]:
    """Simulate in this process without end, and yield each piece; its spikes are then cleared."""
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
    """Context manager of a process that simulates a network in pieces, and ends with the block.

    The process simulates the next piece while the caller uses the present one, and then waits:
    there are never more than two pieces in memory.

    Raises
    ------
    CounterpointError
        From `next_piece`, if the process failed or was killed.
    """

    def __init__(self, task: PieceTask) -> None:
        self._task = task
        context = get_context("spawn")
        self._receiving, sending = context.Pipe(duplex=False)
        # A daemon process ends with its parent.
        self._process = context.Process(target=_send_pieces, args=(task, sending), daemon=True)
        # Ctrl-C reaches all processes of a terminal: it is left to the parent.
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._process.start()
        finally:
            signal.signal(signal.SIGINT, handler)
        # An open copy here would keep the end of the process from closing the pipe.
        sending.close()

    def __enter__(self) -> PieceProcess:
        return self

    def __exit__(self, *error: Any) -> None:
        self._process.terminate()
        self._process.join()
        self._receiving.close()

    def next_piece(self) -> RecordedPiece:
        """Wait for the next piece and return it."""
        where = f"bench exact on {self._task.backend}"
        try:
            piece, problem = self._receiving.recv()
        except EOFError as error:
            raise CounterpointError(f"{where}: the process died; out of memory?") from error
        if problem is not None:
            raise CounterpointError(f"{where}: {problem}")
        return piece


def _send_pieces(task: PieceTask, sending: Connection) -> None:
    # Output of simulators is discarded.
    redirect_output(None)
    try:
        for piece in simulate_pieces(task):
            sending.send((piece, None))
    except BrokenPipeError:
        # The receiving process has ended.
        return
    except Exception as error:
        # As text: a simulator's error may hold objects that cannot be sent.
        sending.send((None, f"{type(error).__name__}: {error}"))
