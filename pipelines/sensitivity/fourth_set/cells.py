"""Faults of neurons and of the numerics of a fourth set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pipelines.sensitivity.fault import CELLS, NUMERICS, Fault, truth
from pipelines.sensitivity.first_set.cells import (
    BOTH,
    STATIC,
    added,
    changed,
    initial_changed,
    numbers_of,
    refractory,
    scaled,
    several,
)
from pipelines.sensitivity.fourth_set.simulators import (
    CountedRefractoriness,
    DecayingLeak,
    HeatedSynapses,
)
from pipelines.sensitivity.simulator.network import Network
from pipelines.sensitivity.simulator.simulation import FORWARD_EULER, RUNGE_KUTTA_2

_DYNAMIC = ("plastic", "with_signals")
_FIRST, _SECOND = ("exc", "cells"), ("inh", "driven")
# A constant current moves rest; no table and no state tells the two apart.
_REST = truth("different v_rest", "different i_offset")
# Without constant currents another cm scales all inputs, which spikes alone do not tell apart.
_SCALED = truth("weights scaled", "different weights")


def _swapped(network: Network) -> None:
    """The first and the last driven neuron are exchanged; they differ in their current alone."""
    offset = network.cells["driven"].parameters["i_offset"]
    offset[[0, -1]] = offset[[-1, 0]]


def _single_faults() -> Iterator[Fault]:
    """One constant of all cells, or of some."""
    yield scaled("tau_m", -2.0, _DYNAMIC)
    yield scaled("cm", 2.0, STATIC)
    yield scaled("tau_syn_E", 25.0)
    yield scaled("tau_syn_E", -3.0, _DYNAMIC)
    rest = added("v_rest", -0.3, "mV")
    yield replace(rest, truth=_REST, numbers=(*rest.numbers, 0.00375, -0.00375))
    yield added("v_reset", -0.5, "mV")
    yield added("v_thresh", 2.5, "mV")
    yield refractory(30)
    for name, parameter, change, others in (
        ("v_thresh +1.5 mV of the first population", "v_thresh",
         changed("v_thresh", by=1.5, populations=_FIRST), {"numbers": numbers_of(-50.0, -48.5)}),
        ("cm +15 % of the second population", "cm",
         changed("cm", times=1.15, populations=_SECOND),
         {"numbers": numbers_of(0.25, 0.2875), "broad": _SCALED}),
        ("tau_syn_I +20 % of the first population", "tau_syn_I",
         changed("tau_syn_I", times=1.2, populations=_FIRST), {"numbers": numbers_of(8.0, 9.6)}),
        ("tau_refrac twice as long in the first population", "tau_refrac",
         changed("tau_refrac", times=2.0, populations=_FIRST), {"steps": 20}),
        ("v_reset -1.5 mV of the last four neurons", "v_reset",
         changed("v_reset", by=-1.5, neurons=slice(-4, None)),
         {"numbers": numbers_of(-65.0, -66.5)}),
    ):  # fmt: skip
        yield Fault(name, CELLS, truth(f"different {parameter}"), change,
                    **{"on": BOTH, **others})  # type: ignore[arg-type]  # fmt: skip
    yield Fault("i_offset +0.03 nA of the first population", CELLS, _REST,
                changed("i_offset", by=0.03, populations=_FIRST), on=BOTH)  # fmt: skip
    yield Fault("initial v -1 mV", CELLS, truth("different initial potential"),
                initial_changed(lambda v: v - 1.0), on=BOTH)  # fmt: skip
    yield Fault(
        "first and last driven neuron exchanged", CELLS,
        _REST | truth("neurons in another order"), _swapped, on=("feed_forward",),
    )  # fmt: skip


def _faults_together() -> Iterator[Fault]:
    """Two constants in one run: to name one of them is right."""
    for name, parameters, change, others in (
        ("tau_m +8 % and tau_refrac +4 steps", ("tau_m", "tau_refrac"),
         several(changed("tau_m", times=1.08), changed("tau_refrac", by=0.4)),
         {"steps": 4, "numbers": (*numbers_of(20.0, 21.6), 0.4, 4, 2.4)}),
        ("v_thresh -1.5 mV and v_reset +1.5 mV", ("v_thresh", "v_reset"),
         several(changed("v_thresh", by=-1.5), changed("v_reset", by=1.5)),
         {"numbers": numbers_of(-50.0, -51.5) + numbers_of(-65.0, -63.5)}),
        ("cm +6 % of one population, tau_syn_E +12 % of the other", ("cm", "tau_syn_E"),
         several(changed("cm", times=1.06, populations=_SECOND),
                 changed("tau_syn_E", times=1.12, populations=_FIRST)),
         {"numbers": numbers_of(0.25, 0.265) + numbers_of(3.0, 3.36)}),
    ):  # fmt: skip
        causes = truth("different cell constants", *(f"different {one}" for one in parameters))
        yield Fault(name, CELLS, causes, change, **{"on": BOTH, **others})  # type: ignore[arg-type]


def _mechanism_faults() -> Iterator[Fault]:
    """Cells as hardware has them."""

    def cell(name: str, causes: frozenset[str], simulator: Any, **others: Any) -> Fault:
        return Fault(name, CELLS, causes, simulator=simulator, is_catalogued=False,
                     **{"on": _DYNAMIC, **others})  # fmt: skip

    constants = truth("different cell constants")
    yield cell("tau_m falls by 20 % in 500 ms", constants | truth("different tau_m"), DecayingLeak)
    yield cell("synaptic time constants rise by 20 % in 500 ms",
               constants | truth("different tau_syn_E", "different tau_syn_I"),
               HeatedSynapses)  # fmt: skip
    yield cell("refractory periods end at whole ms",
               truth("different tau_refrac"), CountedRefractoriness)  # fmt: skip


def cell_faults() -> Iterator[Fault]:
    """Faults of constants, potentials at time 0 and mechanisms."""
    yield from _single_faults()
    yield from _faults_together()
    yield from _mechanism_faults()


def numerical_faults() -> Iterator[Fault]:
    """Faults of the integration, with others and alone, and of the length of the run."""

    def fault(name: str, causes: frozenset[str], **others: Any) -> Fault:
        return Fault(name, NUMERICS, causes, **{"on": _DYNAMIC, **others})

    noise = truth("noise in the membrane")
    either = truth("more excitable", "less excitable")
    yield fault("noise of 0.07 mV on v", noise, switches={"noise_mv": 0.07}, false=either)
    yield fault("noise of 0.1 mV on v and v_thresh +1 mV", noise | truth("different v_thresh"),
                network=changed("v_thresh", by=1.0), switches={"noise_mv": 0.1})  # fmt: skip
    yield fault(
        "forward Euler and tau_syn_I +10 %", truth("forward Euler", "different tau_syn_I"),
        network=changed("tau_syn_I", times=1.1), switches={"scheme": FORWARD_EULER},
    )  # fmt: skip
    yield fault(
        "Runge-Kutta 2 and v_reset +2 mV", truth("Runge-Kutta of low order", "different v_reset"),
        network=changed("v_reset", by=2.0), switches={"scheme": RUNGE_KUTTA_2},
    )  # fmt: skip
    yield fault("run ends 70 steps early", truth("run ends early", "recording ends early"),
                switches={"last_steps_missing": 70}, on=BOTH,
                consequences=truth("weights read at another time"))  # fmt: skip
