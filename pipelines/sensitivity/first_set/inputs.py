"""Faults of the spike trains of sources, and runs that were asked for something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from pipelines.sensitivity.fault import INPUTS, REQUESTS, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH
from pipelines.sensitivity.simulator.example_networks import NETWORKS
from pipelines.sensitivity.simulator.network import Network, poisson_trains
from pipelines.sensitivity.simulator.run import SmallRun

Trains = list[np.ndarray]


def trains_changed(change: Callable[[Trains], Trains], names: tuple[str, ...] = ()) -> Any:
    """A change of the spike trains (ms) of source populations, of all or of those named."""

    def of(network: Network) -> None:
        for name, trains in network.sources.items():
            if not names or name in names:
                network.sources[name] = change(trains)

    return of


def later(steps: int) -> Callable[[Trains], Trains]:
    """A change of trains (ms) that come some steps later."""
    return lambda trains: [np.round(train + 0.1 * steps, 10) for train in trains]


def _thinned(trains: Trains) -> Trains:
    rng = np.random.default_rng(4)
    return [train[rng.random(len(train)) >= 0.02] for train in trains]


def _added(trains: Trains) -> Trains:
    rng = np.random.default_rng(4)
    more = (np.round(rng.integers(30, 3000, rng.poisson(0.5)) * 0.1, 10) for _ in trains)
    return [np.union1d(train, extra) for train, extra in zip(trains, more, strict=True)]


def _jittered(trains: Trains) -> Trains:
    rng = np.random.default_rng(4)
    moved = (np.round(train + 0.1 * rng.integers(-1, 2, len(train)), 10) for train in trains)
    return [np.unique(train) for train in moved]


def _one_silent(trains: Trains) -> Trains:
    return [np.empty(0) if k == 2 else train for k, train in enumerate(trains)]


def drawn_anew(times: float) -> Callable[[Trains], Trains]:
    """A change of trains into others, at a rate that is so many times theirs."""

    def change(trains: Trains) -> Trains:
        end = max(float(train[-1]) for train in trains if len(train))
        rate = 1e3 * np.mean([len(train) for train in trains]) / end
        rng = np.random.default_rng(77)
        return poisson_trains(rng, len(trains), float(rate) * times, end, 0.1)

    return change


def input_faults() -> Iterator[Fault]:
    """Faults of the spike trains that sources play."""
    other, broad = truth("different inputs"), truth("different inputs")
    for steps, names in ((1, ()), (50, ("input_exc",))):
        yield Fault(
            f"inputs{' of one population' if names else ''} {steps:+d} steps", INPUTS,
            truth("inputs delayed"), trains_changed(later(steps), names), on=BOTH, steps=steps,
            broad=broad,
        )  # fmt: skip
    single = other | truth("missing or further input")
    yield Fault(
        "2 % of the input spikes missing", INPUTS, single, trains_changed(_thinned), on=BOTH
    )
    yield Fault("further input spikes", INPUTS, single, trains_changed(_added), on=BOTH)
    yield Fault(
        "one train for all inputs", INPUTS, truth("one train for all"),
        trains_changed(lambda trains: [trains[0]] * len(trains)), on=BOTH, broad=broad,
    )  # fmt: skip
    yield Fault(
        "inputs in another order", INPUTS,
        other | truth("inputs in another order", "inputs permuted"),
        trains_changed(lambda trains: trains[1:] + trains[:1]), on=BOTH,
    )  # fmt: skip
    yield Fault(
        "inputs jittered by a step", INPUTS, other | truth("inputs jittered"),
        trains_changed(_jittered), on=BOTH,
    )  # fmt: skip
    yield Fault(
        "one source silent", INPUTS, single | truth("silent neurons", "silent sources"),
        trains_changed(_one_silent, ("input_exc",)), on=BOTH,
    )  # fmt: skip
    for times, name in ((1.0, "inputs of another draw"), (1.2, "input rate +20 %")):
        yield Fault(name, INPUTS, other, trains_changed(drawn_anew(times)), on=BOTH)
    yield Fault(
        "inputs of another draw, sources not recorded", INPUTS, other,
        trains_changed(drawn_anew(1.0)), on=BOTH, tables=_without_sources,
        consequences=truth("population not recorded", "silent population"),
    )  # fmt: skip


def _without_sources(run: SmallRun) -> None:
    run.spikes = run.spikes[~run.spikes["population"].str.startswith("input")]


def requested(**parameters: float) -> Callable[[Network], None]:
    """A network that was asked for with other arguments."""

    def change(network: Network) -> None:
        name = "plastic" if "plastic" in network.synapses else "feed_forward"
        asked = NETWORKS[name](int(parameters.get("seed", network.seed)),
                               **{k: v for k, v in parameters.items() if k != "seed"})  # fmt: skip
        vars(network).update(vars(asked))

    return change


def request_faults() -> Iterator[Fault]:
    """Runs that were asked for something else."""
    follows = truth(
        "different inputs", "different initial potential", "different connectivity",
        "different weights", "weights scaled", "different delays", "different initial weights",
        "different inputs or initial values", "different w_max", "recording ends early",
    )  # fmt: skip

    def fault(name: str, cause: str, **others: Any) -> Fault:
        return Fault(
            name, REQUESTS, truth(cause), requested(**others.pop("asked")), is_asked=True,
            is_reported=True, consequences=follows, **others,
        )  # fmt: skip

    yield fault("another seed", "different seeds", asked={"seed": 2}, on=BOTH)
    parameters = "different parameters"
    yield fault("another rate", parameters, asked={"rate": 45.0}, on=BOTH)
    yield fault("another w_max", parameters, asked={"w_max": 0.05})
    yield fault("a shorter run", parameters, asked={"duration": 400.0}, on=BOTH)
