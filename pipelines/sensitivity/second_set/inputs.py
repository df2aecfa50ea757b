"""Further faults of the spike trains of sources, and runs that were asked for something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from pipelines.sensitivity.fault import INPUTS, REQUESTS, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH
from pipelines.sensitivity.first_set.inputs import Trains, trains_changed
from pipelines.sensitivity.second_set.transmission import InputsPlayedLate
from pipelines.sensitivity.simulator.example_networks import NETWORKS
from pipelines.sensitivity.simulator.network import Network


def each_train_changed(change: Callable[[np.ndarray], np.ndarray]) -> Any:
    """A change of each spike train (ms) by itself."""
    return trains_changed(lambda trains: [change(train) for train in trains])


def _modulated(train: np.ndarray) -> np.ndarray:
    chance = np.random.default_rng(41).random(len(train))
    return train[chance < 0.5 + 0.5 * np.cos(0.02 * np.pi * train)]


def _alone(trains: Trains) -> Trains:
    """At each time only the first source that fires then."""
    taken: set[float] = set()
    kept = []
    for train in trains:
        kept.append(np.array([time for time in train.tolist() if time not in taken]))
        taken.update(train.tolist())
    return kept


def _with_echo(train: np.ndarray) -> np.ndarray:
    return np.union1d(train, np.round(train + 3.0, 10))


def _reversed(trains: Trains) -> Trains:
    end = max(float(train.max()) for train in trains if len(train)) + 2.0
    return [np.round(end - train[::-1], 10) for train in trains]


def _apart(train: np.ndarray) -> np.ndarray:
    return train[np.diff(train, prepend=-np.inf) > 5.0]


def _half_late(trains: Trains) -> Trains:
    late = len(trains) // 2
    return trains[:late] + [np.round(train + 0.3, 10) for train in trains[late:]]


def _shared(trains: Trains) -> Trains:
    return [trains[k - k % 4] for k in range(len(trains))]


def _exchange_sources(network: Network) -> None:
    first, second = network.sources.values()
    n = min(len(first), len(second))
    first[:n], second[:n] = second[:n], first[:n]


def input_faults() -> Iterator[Fault]:
    """Faults of the spike trains that sources play."""
    other = truth("different inputs")
    single = other | truth("missing or further input")

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        return Fault(name, INPUTS, causes, change, on=BOTH, **others)

    yield fault(
        "sources stop at 400 ms", single, each_train_changed(lambda train: train[train < 400])
    )
    yield fault(
        "sources start at 50 ms", single, each_train_changed(lambda train: train[train > 50])
    )
    yield fault("every tenth input spike missing", single,
                each_train_changed(lambda train: np.delete(train, np.s_[9::10])))  # fmt: skip
    yield fault("input rate modulated", single, each_train_changed(_modulated))
    yield fault("simultaneous inputs dropped", single, trains_changed(_alone))
    yield fault("inputs played twice", single,
                each_train_changed(lambda train: np.repeat(train, 2)),
                consequences=truth("spikes recorded twice"))  # fmt: skip
    yield fault("inputs with echoes", single, each_train_changed(_with_echo))
    yield fault("inputs backwards in time", other, trains_changed(_reversed))
    yield fault("inputs on a grid of 1 ms", other | truth("inputs jittered"),
                each_train_changed(lambda train: np.unique(np.ceil(train))),
                consequences=truth("times rounded", "coarser time grid"))  # fmt: skip
    yield fault("no inputs within 5 ms of the last", single, each_train_changed(_apart))
    yield fault("half of the sources +3 steps", truth("inputs delayed"),
                trains_changed(_half_late), steps=3, broad=other)  # fmt: skip
    yield fault("four sources share a train", other, trains_changed(_shared),
                broad=truth("one train for all"))  # fmt: skip
    yield fault("sources of two populations exchanged", other, _exchange_sources)
    yield Fault(
        "inputs played late, recorded as asked", INPUTS,
        truth("inputs delayed", "different delays"), simulator=InputsPlayedLate, on=BOTH, steps=2,
    )  # fmt: skip


def _drawn(part: str) -> Callable[[Network], None]:
    """A network of which one part is drawn from another seed."""

    def change(network: Network) -> None:
        name = "plastic" if "plastic" in network.synapses else "feed_forward"
        other = NETWORKS[name](network.seed + 1, network.duration)
        if part == "potentials":
            for key, cells in network.cells.items():
                cells.initial_v = other.cells[key].initial_v
        else:
            setattr(network, part, getattr(other, part))

    return change


def _asked(**parameters: float) -> Callable[[Network], None]:
    def change(network: Network) -> None:
        name = "plastic" if "plastic" in network.synapses else "feed_forward"
        vars(network).update(vars(NETWORKS[name](network.seed, **parameters)))

    return change


def _coarse_grid(network: Network) -> None:
    network.parameters["timestep"] = network.timestep = 0.2


def request_faults() -> Iterator[Fault]:
    """Runs that were asked for something else, or in which one thing alone was drawn anew."""

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        return Fault(
            name, REQUESTS, causes, change, is_asked=True, is_reported=True, **{"on": BOTH} | others
        )

    yield fault("connections of another seed", truth("different connectivity"),
                _drawn("synapses"), consequences=truth("different weights", "different delays",
                "different initial weights"))  # fmt: skip
    yield fault("inputs of another seed", truth("different inputs"), _drawn("sources"))
    yield fault("potentials of another seed", truth("different initial potential"),
                _drawn("potentials"))  # fmt: skip
    parameters = truth("different parameters")
    follows = truth("different connectivity", "different inputs", "different weights",
                    "different initial weights", "different initial potential",
                    "weights scaled")  # fmt: skip
    yield fault("another density", parameters, _asked(p=0.25), on=("plastic",),
                consequences=follows)  # fmt: skip
    yield fault("another weight of inputs", parameters, _asked(w_input=1.3), on=("plastic",),
                consequences=follows)  # fmt: skip
    yield fault("a weaker drive", parameters | truth("different i_offset"), _asked(drive=0.15),
                on=("feed_forward",), consequences=follows)  # fmt: skip
    yield fault("a longer run", parameters, _asked(duration=600.0),
                consequences=follows | truth("recording ends early"))  # fmt: skip
    yield fault("another time step", parameters, _coarse_grid,
                consequences=truth("coarser time grid"))  # fmt: skip
