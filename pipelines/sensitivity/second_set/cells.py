"""Further faults of neurons and of the numerics, unlike those that the causes were written from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipelines.sensitivity.fault import CELLS, NUMERICS, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH, EVERYWHERE, STATIC, changed, numbers_of
from pipelines.sensitivity.second_set.simulators import (
    AdaptingCurrent,
    AdaptingThreshold,
    BackwardEuler,
    ClippedAtRest,
    CurrentsLostAtSpike,
    CurrentsOf16Bits,
    EulerWithExactCurrents,
    FixedPoint,
    HeldInhibition,
    InputsFirst,
    InputsHalfFirst,
    LastNeuronsIgnored,
    LateReset,
    LateThreshold,
    NoInputWhileRefractory,
    NoiseInCurrents,
    NoiseInFewCells,
    RandomRefractoriness,
    RoundedDecay,
    SaturatedCurrents,
    Trapezoidal,
)
from pipelines.sensitivity.second_set.transmission import FewSpikesSent, InputsCutToSteps
from pipelines.sensitivity.simulator.network import CELL, Network

_CELL = truth("different cell type", "different cell constants")


def _offsets(change: Any) -> Any:
    def of(network: Network) -> None:
        for cells in network.cells.values():
            cells.parameters["i_offset"] = change(cells.parameters["i_offset"])

    return of


def _initial_rolled(network: Network) -> None:
    for cells in network.cells.values():
        cells.initial_v = np.roll(cells.initial_v, 1)


def _reset_to_initial(network: Network) -> None:
    for cells in network.cells.values():
        cells.parameters["v_reset"] = np.round(cells.initial_v, 3)


def _drawn_tau_m(network: Network) -> None:
    rng = np.random.default_rng(21)
    for cells in network.cells.values():
        cells.parameters["tau_m"] = 20.0 * np.exp(rng.normal(0.0, 0.1, cells.n))


def _second_half(network: Network) -> None:
    for cells in network.cells.values():
        cells.parameters["v_thresh"][cells.n // 2 :] -= 1.0


def _same_leak(network: Network) -> None:
    for cells in network.cells.values():
        for name in ("cm", "tau_m"):
            cells.parameters[name] *= 1.2


def cell_faults() -> Iterator[Fault]:
    """Faults of constants, and of mechanisms that the cells should not have."""
    offset = truth("different i_offset")

    def fault(name: str, causes: frozenset[str], network: Any, **others: Any) -> Fault:
        return Fault(name, CELLS, causes, network, **{"on": BOTH, **others})

    yield fault("i_offset of the neighbour", offset, _offsets(lambda i: np.roll(i, 1)), on=STATIC)
    yield fault("i_offset cut to one digit", offset,
                _offsets(lambda i: np.floor(10 * i) / 10), on=STATIC)  # fmt: skip
    yield fault("i_offset in 16 bits", offset,
                _offsets(lambda i: i.astype(np.float16).astype(float)), on=STATIC)  # fmt: skip
    yield fault("i_offset drawn once for all", offset,
                _offsets(lambda i: np.full(len(i), i[0] + 0.01)),
                # Neurons without other input are all the same then.
                consequences=truth("one train for all"))  # fmt: skip
    yield fault("potentials at time 0 of the neighbour", truth("different initial potential"),
                _initial_rolled)  # fmt: skip
    yield fault("refractory period given in s", truth("different tau_refrac"),
                changed("tau_refrac", times=1e-3), steps=-19)  # fmt: skip
    yield fault("tau_syn_E given in s", truth("different tau_syn_E"),
                changed("tau_syn_E", times=1e-3), on=EVERYWHERE,
                numbers=numbers_of(3.0, 0.003))  # fmt: skip
    yield fault("tau_m drawn from a distribution", truth("different tau_m"), _drawn_tau_m)
    yield fault("v_reset +2 mV of every other neuron", truth("different v_reset"),
                changed("v_reset", by=2.0, neurons=slice(0, None, 2)))  # fmt: skip
    yield fault("reset to the potential at time 0", truth("different v_reset"), _reset_to_initial)
    yield fault("v_thresh -1 mV of the second half", truth("different v_thresh"), _second_half,
                numbers=numbers_of(-50.0, -51.0))  # fmt: skip
    yield fault("capacitance +20 %, same leak",
                truth("different cm", "different tau_m", "different cell constants"),
                _same_leak, on=EVERYWHERE, numbers=numbers_of(1.0, 1.2) + (0.3, 24.0, 4.0, 0.05),
                )  # fmt: skip
    yield fault("leak +2 % of one population", truth("different tau_m"),
                changed("tau_m", times=1 / 1.02, populations=("inh", "cells")),
                numbers=numbers_of(20.0, 20 / 1.02))  # fmt: skip
    yield fault("no leak in one population", _CELL | truth("different tau_m"),
                changed("tau_m", times=1e5, populations=("inh", "cells")))  # fmt: skip

    def cell(name: str, causes: frozenset[str], simulator: Any, **others: Any) -> Fault:
        return Fault(name, CELLS, causes, simulator=simulator, **{"on": EVERYWHERE, **others})

    silent = truth("silent neurons")
    yield cell("last neurons not simulated", silent | _CELL, LastNeuronsIgnored)
    yield cell("no input while refractory", truth("missing or further input"),
               NoInputWhileRefractory)  # fmt: skip
    new = {"is_catalogued": False}
    # The state shows a threshold that differs, but from time to time.
    yield cell("threshold rises with each spike", _CELL | truth("different v_thresh"),
               AdaptingThreshold, **new)  # fmt: skip
    yield cell("adaptation current", _CELL | truth("different b", "different q_sfa"),
               AdaptingCurrent, **new)  # fmt: skip
    yield cell("currents lost at a spike", _CELL, CurrentsLostAtSpike, **new)
    yield cell("v not below rest", _CELL, ClippedAtRest, **new)
    yield cell("currents saturate", _CELL, SaturatedCurrents,
               broad=truth("different weights", "missing or further input"), **new)  # fmt: skip
    yield cell("refractory period varies", truth("different tau_refrac"), RandomRefractoriness)


def numerical_faults() -> Iterator[Fault]:
    """Faults of the integration, of the order within a step, and of precision."""

    def fault(name: str, causes: frozenset[str], simulator: Any, **others: Any) -> Fault:
        return Fault(name, NUMERICS, causes, simulator=simulator, on=EVERYWHERE, **others)

    new = {"is_catalogued": False}
    order = truth("different order of updates")
    yield fault("reset and refractory period a step late", truth("different tau_refrac"),
                LateReset, steps=1, consequences=order | truth("constant shift"))  # fmt: skip
    # An input that acts on v one step earlier is the same as a shorter delay.
    early = order | truth("different delays", "inputs delayed")
    yield fault("inputs before integration", early, InputsFirst, steps=-1)
    yield fault("half of an input before integration", early, InputsHalfFirst, **new)
    yield fault("threshold tested a step late", order, LateThreshold,
                broad=truth("constant shift", "inputs delayed", "different delays"),
                consequences=truth("different tau_refrac"), **new)  # fmt: skip
    yield fault("inhibition held over a step", truth("exponential Euler"), HeldInhibition)
    yield fault("backward Euler", truth("implicit integration"), BackwardEuler)
    yield fault("trapezoidal rule", truth("implicit integration"), Trapezoidal)
    yield fault("forward Euler of v, exact currents", truth("forward Euler"),
                EulerWithExactCurrents)  # fmt: skip
    rounding = truth("rounding", "single precision", "threshold tie")
    noisy = truth("noise in the membrane")
    yield fault("currents in 16 bits", rounding, CurrentsOf16Bits, broad=noisy, **new)
    yield fault("v in steps of 1/128 mV", rounding, FixedPoint,
                broad=noisy | truth("different cell constants"), **new)  # fmt: skip
    effective = [-0.1 / np.log(np.rint(256 * np.exp(-0.1 / CELL[name])) / 256)
                 for name in ("tau_syn_E", "tau_syn_I")]  # fmt: skip
    yield fault(
        "synaptic decay of 8 bits",
        truth("different tau_syn_E", "different tau_syn_I", "different cell constants"),
        RoundedDecay, numbers=numbers_of(3.0, effective[0]) + numbers_of(8.0, effective[1]),
    )  # fmt: skip
    direction = truth("more excitable", "less excitable")
    yield fault("noise in the currents", noisy, NoiseInCurrents, false=direction)
    yield fault("noise in a quarter of the cells", noisy, NoiseInFewCells, false=direction)
    lost = truth("missing or further input", "spikes lost in transmission")
    yield fault("at most one spike sent in a step", lost, FewSpikesSent)
    yield fault(
        "times of inputs cut to steps",
        truth("inputs delayed", "different inputs", "different delays", "inputs jittered",
              "missing or further input"),
        InputsCutToSteps,
    )  # fmt: skip
    yield Fault(
        "half the time step", NUMERICS,
        # The state of the other run advances at every second of these steps.
        truth("spikes off the grid", "coarser time grid"), _half_step, on=EVERYWHERE,
        consequences=truth("signals sampled less often"),
    )  # fmt: skip


def _half_step(network: Network) -> None:
    network.timestep /= 2
