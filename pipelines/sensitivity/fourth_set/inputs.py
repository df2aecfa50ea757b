"""Faults of trains of sources, and of requests, of a fourth set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipelines.sensitivity.fault import INPUTS, REQUESTS, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH, changed, numbers_of, several
from pipelines.sensitivity.first_set.inputs import drawn_anew, later, requested, trains_changed
from pipelines.sensitivity.first_set.synapses import synapses_changed, weights_times
from pipelines.sensitivity.second_set.inputs import each_train_changed
from pipelines.sensitivity.simulator.network import Network

_EXCITING, _INHIBITING = ("input_exc",), ("input_inh",)


def _shared_seed(network: Network) -> None:
    """The second source population plays the trains of the first."""
    first, second = (network.sources[name] for name in ("input_exc", "input_inh"))
    network.sources["input_inh"] = first[: len(second)]


def _after_boundary(train: np.ndarray) -> np.ndarray:
    """Trains are loaded in windows of 50 ms, of which each loses its first 2 ms."""
    return train[train % 50.0 >= 2.0]


def input_faults() -> Iterator[Fault]:
    """Faults of trains of sources, alone and together with others."""
    other, single = truth("different inputs"), truth("missing or further input")

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        return Fault(name, INPUTS, causes, change, **{"on": BOTH, **others})

    for steps, names in ((-4, _EXCITING), (15, ())):
        whose = "excitatory inputs" if names else "inputs"
        # Inputs of other times are as true, but say less.
        yield fault(f"{whose} {steps:+d} steps", truth("inputs delayed"),
                    trains_changed(later(steps), names), steps=steps, broad=other)  # fmt: skip
    yield fault("input rate -10 %", other, trains_changed(drawn_anew(0.9)))
    yield fault("inhibitory input rate +40 %", other,
                trains_changed(drawn_anew(1.4), _INHIBITING))  # fmt: skip
    yield fault("each input spike again 1 ms later", other | single,
                each_train_changed(lambda t: np.union1d(t, np.round(t + 1.0, 10))))  # fmt: skip
    yield fault("inhibitory sources with the seed of excitatory ones", other, _shared_seed,
                broad=truth("one train for all"))  # fmt: skip
    yield fault("times of inputs cut to 0.5 ms", other | truth("inputs jittered"),
                each_train_changed(lambda t: np.unique(np.floor(2 * t + 1e-9) / 2)),
                broad=truth("times rounded", "inputs delayed"))  # fmt: skip
    yield fault("at most eight spikes of a source", other | single,
                each_train_changed(lambda t: t[:8]),
                broad=truth("recording ends early"))  # fmt: skip
    yield fault("first 2 ms of windows of inputs lost", other | single,
                each_train_changed(_after_boundary),
                broad=truth("gap in the recording"))  # fmt: skip
    yield fault("inputs 0.5 % slow", other | truth("inputs delayed"),
                each_train_changed(lambda t: np.round(1.005 * t, 1)),
                broad=truth("clock at another rate"))  # fmt: skip
    yield fault("inputs +3 steps and v_thresh -0.7 mV",
                truth("inputs delayed", "different v_thresh"),
                several(trains_changed(later(3)), changed("v_thresh", by=-0.7)), steps=3,
                broad=other)  # fmt: skip
    yield fault("input rate +15 % and excitation -12 %",
                other | truth("different weights", "weights scaled"),
                several(trains_changed(drawn_anew(1.15)),
                        synapses_changed(weights_times(0.88), receptor="excitatory")),
                consequences=truth("different initial weights"),
                numbers=numbers_of(1.0, 0.88))  # fmt: skip


def request_faults() -> Iterator[Fault]:
    """Runs that were asked for something else."""
    follows = truth(
        "different inputs", "different initial potential", "different connectivity",
        "different weights", "weights scaled", "different delays", "different initial weights",
        "different inputs or initial values", "different i_offset", "recording ends early",
        "run ends early",
    )  # fmt: skip
    for name, causes, asked, on in (
        ("fewer connections", frozenset(), {"p": 0.19}, "plastic"),
        ("a stronger drive and less inhibition", frozenset(), {"drive": 0.165, "w_inh": -0.19},
         "feed_forward"),
        ("seed 3 and a higher rate", truth("different seeds"), {"seed": 3, "rate": 66.0},
         "plastic"),
    ):  # fmt: skip
        yield Fault(name, REQUESTS, truth("different parameters") | causes, requested(**asked),
                    on=(on,), is_asked=True, is_reported=True, consequences=follows)  # fmt: skip
