"""Faults of trains of sources, and of requests, of a third set, unlike those of the first two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from pipelines.sensitivity.fault import INPUTS, REQUESTS, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH, STATIC
from pipelines.sensitivity.first_set.inputs import (
    Trains,
    drawn_anew,
    later,
    requested,
    trains_changed,
)
from pipelines.sensitivity.second_set.inputs import each_train_changed
from pipelines.sensitivity.simulator.example_networks import NETWORKS
from pipelines.sensitivity.simulator.network import Network
from pipelines.sensitivity.third_set.transmission import (
    InputsEndEarly,
    InputsJittered,
    InputsOfNeighbours,
    InputsPlayedTwice,
    OneInputLost,
)

_EXCITING = ("input_exc",)


def _first(change: Callable[[np.ndarray], np.ndarray], neuron: int = 5) -> Any:
    """A change of the train (ms) of one neuron of the excitatory sources."""

    def of(trains: Trains) -> Trains:
        return [change(train) if k == neuron else train for k, train in enumerate(trains)]

    return trains_changed(of, _EXCITING)


def _one_drawn(train: np.ndarray) -> np.ndarray:
    steps = np.random.default_rng(81).choice(np.arange(30, 4900), len(train), replace=False)
    return np.round(0.1 * np.sort(steps), 10)


def _one_moved(train: np.ndarray) -> np.ndarray:
    return np.unique(np.append(train[1:], np.round(train[0] + 0.1, 10)))


def _rotated(train: np.ndarray) -> np.ndarray:
    return np.sort(np.round((train + 100.0) % 500.0, 10))


def _regular(train: np.ndarray) -> np.ndarray:
    return np.round(np.linspace(5.0, 495.0, len(train)), 1)


def _without_pause(train: np.ndarray) -> np.ndarray:
    return train[(train < 200.0) | (train > 250.0)]


def _two_exchanged(trains: Trains) -> Trains:
    return [trains[1], trains[0], *trains[2:]]


def _each_later(trains: Trains) -> Trains:
    return [np.round(train + 0.1 * (k % 6), 10) for k, train in enumerate(trains)]


def input_faults() -> Iterator[Fault]:
    """Faults of the trains that sources play."""
    other, delayed = truth("different inputs"), truth("inputs delayed")
    single = other | truth("missing or further input")

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        return Fault(name, INPUTS, causes, change, **{"on": BOTH, **others})

    yield fault("inputs -1 step", delayed, trains_changed(later(-1)), steps=-1, broad=other)
    yield fault("inputs begin 12.3 ms late", delayed, trains_changed(later(123)), steps=123,
                broad=other)  # fmt: skip
    yield fault("inhibitory inputs +3 steps", delayed,
                trains_changed(later(3), ("input_inh",)), steps=3, broad=other)  # fmt: skip
    yield fault("input rate +3 %", other, trains_changed(drawn_anew(1.03)))
    yield fault("inputs 3 % fast", other | truth("clock at another rate"),
                each_train_changed(lambda train: np.round(0.97 * train, 1)))  # fmt: skip
    yield fault("inputs of one neuron drawn again", single, _first(_one_drawn))
    yield fault("one input spike missing", single, _first(lambda train: train[1:]))
    yield fault("one input spike more", single,
                _first(lambda train: np.union1d(train, [33.3])))  # fmt: skip
    yield fault("one input spike a step late", single | delayed | truth("inputs jittered"),
                _first(_one_moved, 3))  # fmt: skip
    yield fault("inputs 100 ms on, from the beginning again", other,
                each_train_changed(_rotated), broad=delayed)  # fmt: skip
    yield fault("two sources exchanged",
                other | truth("inputs in another order", "inputs permuted"),
                trains_changed(_two_exchanged))  # fmt: skip
    yield fault("each source late by its own steps", other | delayed,
                trains_changed(_each_later))  # fmt: skip
    yield fault("regular inputs", other, each_train_changed(_regular))
    yield fault("inputs pause for 50 ms", single, each_train_changed(_without_pause))

    def played(name: str, causes: frozenset[str], simulator: Any, **others: Any) -> Fault:
        return Fault(name, INPUTS, causes, simulator=simulator, on=BOTH, **others)

    further = truth("missing or further input")
    yield played("inputs played with jitter, recorded as asked",
                 other | delayed | truth("inputs jittered", "different delays",
                                         "spikes late in transmission"),
                 InputsJittered)  # fmt: skip
    yield played("inputs of the neighbour played, recorded as asked",
                 other | truth("inputs in another order", "different connectivity",
                               "neuron indices shifted"),
                 InputsOfNeighbours)  # fmt: skip
    yield played("inputs played twice, recorded once",
                 # Two spikes at once act like one of twice the weight.
                 further | truth("weights scaled", "different weights", "synapses doubled"),
                 InputsPlayedTwice, broad=other)  # fmt: skip
    yield played("inputs played until 300 ms, recorded as asked",
                 further | truth("spikes lost in transmission"), InputsEndEarly,
                 broad=other)  # fmt: skip
    yield played("one input not played, recorded as asked",
                 further | truth("spikes lost in transmission"), OneInputLost,
                 broad=other)  # fmt: skip


def _of_another_seed(part: str) -> Callable[[Network], None]:
    """A network of which weights, delays or constant currents are of another seed."""

    def change(network: Network) -> None:
        other = NETWORKS["feed_forward"](network.seed + 1, network.duration)
        if part == "i_offset":
            for name, cells in network.cells.items():
                cells.parameters[part] = other.cells[name].parameters[part]
            return
        for name, one in network.synapses.items():
            drawn = getattr(other.synapses[name], part)
            setattr(one, part, np.resize(drawn, len(one.pre)))

    return change


def _one_neuron_more(network: Network) -> None:
    cells = network.cells["driven"]
    cells.initial_v = np.append(cells.initial_v, -65.0)
    cells.parameters = {
        name: np.append(values, values[-1]) for name, values in cells.parameters.items()
    }


def request_faults() -> Iterator[Fault]:
    """Runs that were asked for something else, or of which one part was drawn anew."""
    parameters = truth("different parameters")
    follows = truth(
        "different inputs", "different initial potential", "different connectivity",
        "different weights", "weights scaled", "different delays", "different initial weights",
        "different inputs or initial values", "different w_max", "different i_offset",
        "recording ends early", "run ends early",
    )  # fmt: skip

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        return Fault(
            name, REQUESTS, causes, change, is_asked=True, is_reported=True, **{"on": BOTH} | others
        )

    for name, causes, asked, on in (
        ("seed 12 and a run of 450 ms", parameters | truth("different seeds"),
         {"seed": 12, "duration": 450.0}, BOTH),
        ("a run shorter by a step", parameters, {"duration": 499.9}, BOTH),
        ("another rate and weight of inputs", parameters, {"rate": 61.0, "w_input": 1.19},
         ("plastic",)),
        ("a higher w_max", parameters | truth("different w_max"), {"w_max": 0.07},
         ("plastic",)),
        ("stronger inhibition", parameters | truth("weights scaled", "different weights"),
         {"w_inh": -0.21}, ("feed_forward",)),
    ):  # fmt: skip
        yield fault(name, causes, requested(**asked), on=on, consequences=follows)
    yield fault("weights of another seed", truth("different weights"), _of_another_seed("weight"),
                on=STATIC)  # fmt: skip
    yield fault("delays of another seed", truth("different delays"), _of_another_seed("delay_ms"),
                on=STATIC)  # fmt: skip
    yield fault("i_offset of another seed", truth("different i_offset"),
                _of_another_seed("i_offset"), on=STATIC)  # fmt: skip
    yield fault(
        "one neuron more",
        truth("different populations", "different population sizes"), _one_neuron_more,
        on=("feed_forward",), is_catalogued=False, 
        consequences=truth("neurons not recorded", "different inputs or initial values"),
    )  # fmt: skip
