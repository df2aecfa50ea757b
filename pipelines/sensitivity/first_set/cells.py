"""Faults of neurons: their constants and initial potentials, and the integration of their state."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from pipelines.sensitivity.fault import CELLS, NUMERICS, Fault, truth
from pipelines.sensitivity.simulator.network import CELL, Network
from pipelines.sensitivity.simulator.simulation import (
    EXPONENTIAL_EULER,
    FORWARD_EULER,
    RUNGE_KUTTA_2,
)

Change = Callable[[Network], None]
EVERYWHERE = ("plastic", "feed_forward", "with_signals")
STATIC = ("feed_forward", "with_signals")
BOTH = ("plastic", "feed_forward")


def changed(parameter: str, by: float = 0.0, times: float = 1.0, populations: tuple[str, ...] = (),
            neurons: slice = slice(None)) -> Change:  # fmt: skip
    """A change of a parameter of cells: times a factor, plus an amount.

    Parameters
    ----------
    populations
        Names of the populations; all by default.
    neurons
        Neurons of each of them.
    """

    def change(network: Network) -> None:
        for name, cells in network.cells.items():
            if not populations or name in populations:
                values = cells.parameters[parameter]
                values[neurons] = values[neurons] * times + by

    return change


def numbers_of(old: float, new: float) -> tuple[float, ...]:
    """Numbers that describe a change of a value: the new one, ratios, differences, percent."""
    apart = (new - old, abs(new - old))
    if old == 0 or new == 0:
        return (new, *apart)
    percent = 100 * (new / old - 1)
    back = 100 * (old / new - 1)
    return (new, new / old, old / new, *apart, percent, abs(percent), back, abs(back))


def scaled(parameter: str, percent: float, on: tuple[str, ...] = BOTH) -> Fault:
    """A constant of all cells that is larger by some percent."""
    times = 1 + percent / 100
    return Fault(
        f"{parameter} {percent:+g} %", CELLS, truth(f"different {parameter}"),
        changed(parameter, times=times), on=on,
        numbers=numbers_of(CELL[parameter], CELL[parameter] * times),
    )  # fmt: skip


def added(parameter: str, amount: float, unit: str, on: tuple[str, ...] = BOTH) -> Fault:
    """A constant of all cells that is larger by an amount."""
    varies = parameter == "i_offset"
    numbers = numbers_of(CELL[parameter], CELL[parameter] + amount)
    return Fault(
        f"{parameter} {amount:+g} {unit}", CELLS, truth(f"different {parameter}"),
        changed(parameter, by=amount), on=on, numbers=() if varies else numbers,
    )  # fmt: skip


def refractory(steps: int, on: tuple[str, ...] = BOTH) -> Fault:
    """A refractory period of all cells that is longer by some steps."""
    return Fault(
        f"tau_refrac {steps:+d} step{'' if abs(steps) == 1 else 's'}", CELLS,
        truth("different tau_refrac"), changed("tau_refrac", by=0.1 * steps), on=on, steps=steps,
    )  # fmt: skip


def _exchange_time_constants(network: Network) -> None:
    for cells in network.cells.values():
        p = cells.parameters
        p["tau_syn_E"], p["tau_syn_I"] = p["tau_syn_I"], p["tau_syn_E"]


def initial_changed(change: Callable[[np.ndarray], np.ndarray]) -> Change:
    """A change of the potentials (mV) at time 0 of each population."""

    def of(network: Network) -> None:
        for cells in network.cells.values():
            cells.initial_v = change(cells.initial_v)

    return of


def mismatch(parameter: str, deviation: float) -> Change:
    """A change of a parameter by normal random numbers, other for each neuron."""

    def change(network: Network) -> None:
        rng = np.random.default_rng(5)
        for cells in network.cells.values():
            values = cells.parameters[parameter]
            cells.parameters[parameter] = values + rng.normal(0.0, deviation, len(values))

    return change


def several(*changes: Change) -> Change:
    """Changes that are made one after the other."""

    def change(network: Network) -> None:
        for one in changes:
            one(network)

    return change


def cell_faults() -> Iterator[Fault]:
    """Faults of constants and initial potentials."""
    yield from (scaled("tau_m", percent) for percent in (1.0, 10.0, -20.0))
    yield from (scaled("cm", percent) for percent in (5.0, 50.0, -5.0))
    yield scaled("cm", 10.0, ("with_signals",))
    yield scaled("tau_m", 5.0, ("with_signals",))
    yield added("v_rest", 0.5, "mV")
    yield added("v_rest", -2.0, "mV", EVERYWHERE)
    yield added("v_reset", 0.1, "mV")
    yield added("v_reset", -3.0, "mV", EVERYWHERE)
    yield added("v_thresh", 0.1, "mV")
    yield added("v_thresh", -1.0, "mV", EVERYWHERE)
    yield from (refractory(steps) for steps in (1, -1))
    yield refractory(10, EVERYWHERE)
    yield added("i_offset", 0.01, "nA")
    yield added("i_offset", -0.05, "nA", EVERYWHERE)
    yield from (scaled("tau_syn_E", percent) for percent in (10.0, -20.0))
    yield from (scaled("tau_syn_I", percent) for percent in (5.0, 30.0))
    yield Fault(
        "tau_syn exchanged", CELLS, truth("tau_syn_E and tau_syn_I exchanged"),
        _exchange_time_constants, on=EVERYWHERE,
        # Both are true, and say less.
        broad=truth("different tau_syn_E", "different tau_syn_I"),
    )  # fmt: skip
    initial = truth("different initial potential")
    yield Fault(
        "initial v +0.5 mV", CELLS, initial, initial_changed(lambda v: v + 0.5), on=EVERYWHERE
    )
    yield Fault(
        "initial v of another draw", CELLS, initial,
        initial_changed(lambda v: np.random.default_rng(9).permutation(v)), on=BOTH,
    )  # fmt: skip
    yield Fault(
        "initial v ignored",
        CELLS,
        initial,
        initial_changed(lambda v: np.full(len(v), -65.0)),
        on=BOTH,
    )
    yield Fault(
        "tau_m +10 % of one population", CELLS, truth("different tau_m"),
        changed("tau_m", times=1.1, populations=("inh", "cells")), on=BOTH,
        numbers=numbers_of(20.0, 22.0),
    )  # fmt: skip
    yield Fault(
        "v_thresh +0.5 mV of one population", CELLS, truth("different v_thresh"),
        changed("v_thresh", by=0.5, populations=("exc", "driven")), on=BOTH,
        numbers=numbers_of(-50.0, -49.5),
    )  # fmt: skip
    yield Fault(
        "tau_refrac +2 steps of one population", CELLS, truth("different tau_refrac"),
        changed("tau_refrac", by=0.2, populations=("inh", "cells")), on=BOTH, steps=2,
    )  # fmt: skip
    one = slice(0, 1)
    yield Fault(
        "one neuron never spikes", CELLS, truth("different v_thresh", "silent neurons"),
        changed("v_thresh", by=1e3, neurons=slice(3, 4)), on=BOTH,
    )  # fmt: skip
    yield Fault(
        "tau_m -20 % of one neuron", CELLS, truth("different tau_m"),
        changed("tau_m", times=0.8, populations=("exc", "cells"), neurons=one), on=EVERYWHERE,
        numbers=numbers_of(20.0, 16.0),
    )  # fmt: skip
    yield Fault(
        "i_offset +0.05 nA of one neuron", CELLS, truth("different i_offset"),
        changed("i_offset", by=0.05, populations=("exc", "cells"), neurons=one), on=EVERYWHERE,
    )  # fmt: skip
    yield Fault(
        "v_thresh varies by 0.5 mV", CELLS, truth("different v_thresh"),
        mismatch("v_thresh", 0.5), on=BOTH,
    )  # fmt: skip
    yield Fault(
        "cm varies by 5 %", CELLS, truth("different cm"), mismatch("cm", 0.0125), on=BOTH,
    )  # fmt: skip
    yield Fault(
        "tau_m and v_thresh changed", CELLS, truth("different tau_m", "different v_thresh"),
        several(changed("tau_m", times=1.1), changed("v_thresh", by=-0.5)), on=BOTH,
    )  # fmt: skip
    for parameter, change in (
        ("tau_m", changed("tau_m", times=1.1)),
        ("v_rest", changed("v_rest", by=1.0)),
        ("tau_refrac", changed("tau_refrac", by=0.3)),
    ):
        yield Fault(
            f"{parameter} changed and reported", CELLS, truth(f"different {parameter}"), change,
            on=BOTH, is_reported=True,
        )  # fmt: skip


def grid(timestep: float) -> Change:
    """A change of the time step (ms)."""

    def change(network: Network) -> None:
        network.timestep = timestep

    return change


def _numerical(name: str, cause: str, /, **switches: object) -> Fault:
    return Fault(name, NUMERICS, truth(cause), switches=switches, on=EVERYWHERE)


def numerical_faults() -> Iterator[Fault]:
    """Faults of the integration of the state, of the threshold, and of transmission."""
    yield _numerical("forward Euler", "forward Euler", scheme=FORWARD_EULER)
    yield _numerical("exponential Euler", "exponential Euler", scheme=EXPONENTIAL_EULER)
    yield _numerical("Runge-Kutta 2", "Runge-Kutta of low order", scheme=RUNGE_KUTTA_2)
    for timestep in (0.2, 0.5):
        yield Fault(
            f"grid of {timestep} ms", NUMERICS, truth("coarser time grid"), grid(timestep),
            on=EVERYWHERE,
        )  # fmt: skip
    yield Fault(
        "single precision", NUMERICS,
        truth("single precision", "rounding", "threshold tie", "threshold tie or slow growth"),
        switches={"single_precision": True}, on=EVERYWHERE,
    )  # fmt: skip
    for deviation in (0.02, 0.2):
        yield Fault(
            f"noise of {deviation} mV on v", NUMERICS, truth("noise in the membrane"),
            switches={"noise_mv": deviation}, on=EVERYWHERE,
            false=truth("more excitable", "less excitable"),
        )  # fmt: skip
    yield Fault(
        "noise of 0.2 mV on the threshold", NUMERICS,
        truth("noise in the membrane", "noise in the threshold"),
        switches={"threshold_noise_mv": 0.2}, on=EVERYWHERE,
    )  # fmt: skip
    yield Fault(
        "v not held after a spike", NUMERICS,
        # Held for no step is not held: cells that do not spike at once behave alike.
        truth("refractory period not held", "different tau_refrac"),
        switches={"is_held": False}, on=EVERYWHERE, steps=-20,
    )  # fmt: skip
    for steps in (-1, 1):
        yield Fault(
            f"spikes of cells stamped {steps:+d} step", NUMERICS,
            truth(
                "constant shift", "one population recorded late", "some populations recorded late"
            ),
            switches={"stamp_steps": steps}, on=BOTH, steps=steps,
        )  # fmt: skip
    yield Fault(
        "1 % of transmitted spikes lost", NUMERICS,
        truth("missing or further input", "spikes lost in transmission"),
        switches={"lost_share": 0.01}, on=EVERYWHERE,
    )  # fmt: skip
    yield Fault(
        "1 % of transmitted spikes 5 steps late", NUMERICS,
        truth("different delays", "spikes late in transmission", "inputs delayed"),
        switches={"late_share": 0.01}, on=EVERYWHERE, broad=truth("missing or further input"),
    )  # fmt: skip
    for steps in (1, 500):
        yield Fault(
            f"run ends {steps} step{'' if steps == 1 else 's'} early", NUMERICS,
            truth("recording ends early", "run ends early"),
            switches={"last_steps_missing": steps}, on=BOTH,
        )  # fmt: skip
