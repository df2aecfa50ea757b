"""Faults of neurons and of the numerics of a third set, unlike those of the first two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from pipelines.sensitivity.fault import CELLS, NUMERICS, Fault, truth
from pipelines.sensitivity.first_set.cells import (
    BOTH,
    STATIC,
    added,
    changed,
    grid,
    initial_changed,
    mismatch,
    numbers_of,
    refractory,
    scaled,
    several,
)
from pipelines.sensitivity.simulator.network import Network
from pipelines.sensitivity.simulator.simulation import FORWARD_EULER
from pipelines.sensitivity.third_set.schemes import (
    AdamsBashforth,
    EulerOfHalfSteps,
    EulerOfNewCurrents,
    ExponentialEulerOfNewCurrents,
    FactorsOf32Bits,
    LongerStep,
    RareThreshold,
    RungeKutta4,
)
from pipelines.sensitivity.third_set.simulators import (
    AlphaSynapses,
    Background,
    CellsBeginLate,
    ConductanceOfInhibition,
    CoupledCells,
    CrossTalk,
    CurrentsHeldWhileRefractory,
    CutPotential,
    DriftingThreshold,
    ExponentialSpike,
    Hum,
    LateOffset,
    OneUpset,
    ResetBySubtraction,
    RestartedWithoutState,
    SlowNoise,
)

_SIGNALS = ("with_signals",)
_DYNAMIC = ("plastic", "with_signals")
_FIRST, _SECOND = ("exc", "cells"), ("inh", "driven")
_CELL = truth("different cell type", "different cell constants")
_DIRECTION = truth("more excitable", "less excitable")
_NOISE = truth("noise in the membrane")
# A constant current moves rest; no table and no state tells the two apart.
_REST = truth("different v_rest", "different i_offset")


def _all_potentials(network: Network) -> None:
    for cells in network.cells.values():
        cells.initial_v = cells.initial_v - 10.0
        for name in ("v_rest", "v_reset", "v_thresh"):
            cells.parameters[name] -= 10.0


def _initial_of_one_population(network: Network) -> None:
    for name in _FIRST:
        if name in network.cells:
            network.cells[name].initial_v += 4.0


def _constant_faults() -> Iterator[Fault]:
    """Other constants, of all cells or of some."""
    yield scaled("tau_m", -7.0)
    yield scaled("tau_m", 30.0, _DYNAMIC)
    yield scaled("cm", -12.0)
    yield scaled("tau_syn_I", -40.0)
    rest = added("v_rest", 1.2, "mV", _DYNAMIC)
    yield replace(rest, truth=_REST, numbers=(*rest.numbers, 0.015, -0.015))
    yield added("v_reset", 4.0, "mV")
    yield added("v_reset", 14.0, "mV", _DYNAMIC)
    yield added("v_thresh", 0.3, "mV")
    yield refractory(-5, _DYNAMIC)
    for name, parameter, change, others in (
        ("v_thresh -3 mV of one population", "v_thresh",
         changed("v_thresh", by=-3.0, populations=_SECOND), {"numbers": numbers_of(-50.0, -53.0)}),
        ("tau_refrac -1 step of one population", "tau_refrac",
         changed("tau_refrac", by=-0.1, populations=_SECOND), {"steps": -1}),
        ("tau_syn_E -10 % of one population", "tau_syn_E",
         changed("tau_syn_E", times=0.9, populations=_FIRST), {"numbers": numbers_of(3.0, 2.7)}),
        ("tau_m +5 % of every third neuron", "tau_m",
         changed("tau_m", times=1.05, neurons=slice(0, None, 3)),
         {"numbers": numbers_of(20.0, 21.0)}),
        ("v_thresh +1 mV of one neuron", "v_thresh",
         changed("v_thresh", by=1.0, populations=_FIRST, neurons=slice(5, 6)),
         {"numbers": numbers_of(-50.0, -49.0)}),
        ("tau_refrac +5 steps of two neurons", "tau_refrac",
         changed("tau_refrac", by=0.5, neurons=slice(7, 9)), {"steps": 5}),
        ("v_thresh given in V", "v_thresh", changed("v_thresh", times=1e-3),
         {"on": _DYNAMIC, "numbers": numbers_of(-50.0, -0.05)}),
        ("tau_syn_E varies by 5 %", "tau_syn_E", mismatch("tau_syn_E", 0.15), {}),
        ("v_reset varies by 1 mV", "v_reset", mismatch("v_reset", 1.0), {}),
    ):  # fmt: skip
        yield Fault(name, CELLS, truth(f"different {parameter}"), change,
                    **{"on": BOTH, **others})  # type: ignore[arg-type]  # fmt: skip
    for name, change, on in (
        ("i_offset -0.02 nA of one population",
         changed("i_offset", by=-0.02, populations=_SECOND), BOTH),
        ("i_offset -10 %", changed("i_offset", times=0.9), STATIC),
    ):  # fmt: skip
        yield Fault(name, CELLS, _REST, change, on=on)
    yield Fault("no refractory period", CELLS,
                truth("different tau_refrac", "refractory period not held"),
                changed("tau_refrac", times=0.0), on=BOTH, steps=-20)  # fmt: skip
    yield Fault(
        "tau_syn_E as long as tau_syn_I", CELLS,
        # By tables without currents, excitation at the inhibitory receptor is the same.
        truth("different tau_syn_E", "different receptor"), changed("tau_syn_E", by=5.0),
        on=_DYNAMIC, numbers=numbers_of(3.0, 8.0),
    )  # fmt: skip
    yield Fault(
        "one neuron always spikes", CELLS,
        # A current, or rest, far above the threshold does the same.
        truth("different v_thresh", "different i_offset", "different v_rest"),
        changed("v_thresh", by=-1e3, neurons=slice(4, 5)), on=BOTH,
    )  # fmt: skip


def _initial_faults() -> Iterator[Fault]:
    initial = truth("different initial potential")
    for name, change in (
        ("initial v just below the threshold",
         initial_changed(lambda v: np.full(len(v), -50.1))),
        ("initial v rounded to 1 mV", initial_changed(np.rint)),
        ("initial v +4 mV of one population", _initial_of_one_population),
    ):  # fmt: skip
        yield Fault(name, CELLS, initial, change, on=BOTH)


def _faults_together() -> Iterator[Fault]:
    """Two faults in one run: to name one of them is right."""
    for name, parameters, change, numbers in (
        ("cm +10 % and v_thresh +0.5 mV", ("cm", "v_thresh"),
         several(changed("cm", times=1.1), changed("v_thresh", by=0.5)),
         numbers_of(0.25, 0.275) + numbers_of(-50.0, -49.5)),
        ("v_rest and v_reset +1 mV", ("v_rest", "v_reset"),
         several(changed("v_rest", by=1.0), changed("v_reset", by=1.0)),
         numbers_of(-65.0, -64.0)),
        ("tau_syn_E +10 % and tau_syn_I -10 %", ("tau_syn_E", "tau_syn_I"),
         several(changed("tau_syn_E", times=1.1), changed("tau_syn_I", times=0.9)),
         numbers_of(3.0, 3.3) + numbers_of(8.0, 7.2)),
        ("v_reset -2 mV of one population, tau_m -5 % of the other", ("v_reset", "tau_m"),
         several(changed("v_reset", by=-2.0, populations=_FIRST),
                 changed("tau_m", times=0.95, populations=_SECOND)),
         numbers_of(-65.0, -67.0) + numbers_of(20.0, 19.0)),
    ):  # fmt: skip
        # That no single change explains everything is right, too.
        causes = truth("different cell constants", *(f"different {one}" for one in parameters))
        yield Fault(name, CELLS, causes, change, on=BOTH, numbers=numbers)
    yield Fault(
        "all potentials -10 mV", CELLS,
        # Nothing else differs, so that the record of v may be what is lower.
        truth("different v_rest", "different v_reset", "different v_thresh",
              "different initial potential", "different cell constants",
              "signals recorded differently", "signals in another unit"),
        _all_potentials, on=_SIGNALS,
    )  # fmt: skip


def _mechanism_faults() -> Iterator[Fault]:
    """Mechanisms that the cells should not have."""

    def cell(name: str, causes: frozenset[str], simulator: Any, **others: Any) -> Fault:
        settings = {"on": _DYNAMIC, "is_catalogued": False, **others}
        return Fault(name, CELLS, causes, simulator=simulator, **settings)

    yield cell("currents as alpha functions", _CELL, AlphaSynapses,
               broad=truth("different tau_syn_E", "different tau_syn_I"))  # fmt: skip
    yield cell("inhibition by a conductance", _CELL | truth("different e_rev_I"),
               ConductanceOfInhibition)  # fmt: skip
    yield cell("exponential current near the threshold", _CELL | truth("different delta_T"),
               ExponentialSpike)  # fmt: skip
    # What is above the threshold stays, so that the potential of the reset is another each time.
    yield cell("reset by subtraction", _CELL | truth("different v_reset"), ResetBySubtraction)
    yield cell("currents held while refractory", _CELL, CurrentsHeldWhileRefractory,
               broad=truth("different tau_syn_E", "different tau_syn_I"))  # fmt: skip
    yield cell("constant current from 100 ms on", _REST | truth("different start"), LateOffset,
               on=STATIC)  # fmt: skip
    yield cell("cells coupled to their mean", _CELL, CoupledCells,
               broad=truth("different tau_m", "different v_rest"))  # fmt: skip
    further = truth("missing or further input")
    yield cell("spikes disturb the next neuron", further | truth("different connectivity"),
               CrossTalk, broad=_NOISE)  # fmt: skip
    yield cell("threshold drifts", truth("different v_thresh"), DriftingThreshold)
    noisy = {"false": _DIRECTION, "broad": truth("different i_offset")}
    yield cell("hum of 50 Hz in the current", _NOISE, Hum, **noisy)
    yield cell("slow noise in the current", _NOISE, SlowNoise, is_catalogued=True,
               false=_DIRECTION)  # fmt: skip
    yield cell("background input not asked for", further | _NOISE, Background,
               is_catalogued=True)  # fmt: skip
    yield cell("one potential disturbed once", further | _NOISE, OneUpset,
               on=("plastic", "feed_forward"))  # fmt: skip
    yield cell("restart at 250 ms without state", truth("state lost at a restart"),
               RestartedWithoutState, broad=further | _NOISE)  # fmt: skip
    yield cell("cells begin 10 ms late", further | truth("different initial potential"),
               CellsBeginLate)  # fmt: skip


def cell_faults() -> Iterator[Fault]:
    """Faults of constants, potentials at time 0 and mechanisms."""
    yield from _constant_faults()
    yield from _initial_faults()
    yield from _faults_together()
    yield from _mechanism_faults()


def numerical_faults() -> Iterator[Fault]:
    """Faults of the integration, of the threshold, and of the length of the run."""

    def fault(name: str, causes: frozenset[str], simulator: Any, **others: Any) -> Fault:
        return Fault(name, NUMERICS, causes, simulator=simulator, **{"on": _DYNAMIC, **others})

    euler, order = truth("forward Euler"), truth("different order of updates")
    yield fault("two Euler steps in a step", euler, EulerOfHalfSteps)
    yield fault("Euler with decayed currents", euler | truth("implicit integration"),
                EulerOfNewCurrents, broad=order)  # fmt: skip
    yield fault("exponential Euler with decayed currents", truth("exponential Euler"),
                ExponentialEulerOfNewCurrents, broad=order)  # fmt: skip
    low = truth("Runge-Kutta of low order")
    rounding = truth("rounding", "single precision", "threshold tie")
    # Of so small an error more cannot be said than of rounding.
    yield fault("Adams-Bashforth of two steps", truth("Adams-Bashforth"), AdamsBashforth,
                is_catalogued=False, broad=low)  # fmt: skip
    coarse = truth("coarser time grid")
    yield replace(
        fault("Runge-Kutta 4 on a grid of 0.4 ms", coarse, RungeKutta4,
              consequences=truth("different delays", "inputs delayed")), network=grid(0.4),
    )  # fmt: skip
    yield Fault("forward Euler in single precision", NUMERICS, euler,
                switches={"scheme": FORWARD_EULER, "single_precision": True}, on=_DYNAMIC,
                broad=rounding)  # fmt: skip
    yield fault(
        "factors of the exact step in 32 bits",
        # A rounded factor is that of slightly other constants.
        rounding | truth("different cell constants"), FactorsOf32Bits, on=_SIGNALS,
        broad=truth("different tau_m", "different tau_syn_E", "different tau_syn_I"),
    )  # fmt: skip
    yield fault(
        "equations solved for 0.11 ms",
        truth("different time step in the equations", "different cell constants"), LongerStep,
        numbers=numbers_of(0.1, 0.11),
    )  # fmt: skip
    yield fault("threshold tested at whole ms", truth("threshold tested on a coarser grid"),
                RareThreshold, is_catalogued=False, broad=coarse)  # fmt: skip
    yield fault("v cut to 1/64 mV", rounding, CutPotential, is_catalogued=False,
                # Cutting lowers v by half a unit in each step, like a constant current.
                broad=_NOISE | truth("different cell constants", "different i_offset",
                                     "different v_rest"))  # fmt: skip
    yield Fault(
        "run goes on for 10 ms", NUMERICS, truth("run ends early", "recording ends early"),
        switches={"last_steps_missing": -100}, on=BOTH,
        consequences=truth("weights read at another time"),
    )  # fmt: skip
