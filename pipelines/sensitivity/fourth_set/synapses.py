"""Faults of weights, delays, connections and rules of plasticity of a fourth set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipelines.sensitivity.fault import PLASTICITY, SYNAPSES, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH, STATIC, changed, numbers_of, several
from pipelines.sensitivity.first_set.synapses import (
    delays_longer,
    dropped,
    rule_set,
    synapses_changed,
    weights_times,
)
from pipelines.sensitivity.fourth_set.simulators import (
    LEARNERS,
    DeadTime,
    DriftingWeights,
    LostUnderLoad,
)
from pipelines.sensitivity.simulator.network import EXCITATORY, INHIBITORY, Network, Synapses

_SCALED = truth("different weights", "weights scaled")
_INITIAL = truth("different initial weights")
_INPUTS = ("input_exc", "input_exc_cells")
_INHIBITION = ("inh_exc", "input_inh_cells")
_DYNAMIC = ("plastic", "with_signals")


def _half_ms(one: Synapses) -> None:
    one.delay_ms = np.round(np.maximum(np.rint(2 * one.delay_ms) / 2, 0.5), 10)


def _at_most(one: Synapses) -> None:
    one.delay_ms = np.minimum(one.delay_ms, 1.2)


def _shared_driver(one: Synapses) -> None:
    """All synapses of a source have the weight of its first one."""
    first = np.unique(one.pre, return_index=True)[1]
    own = dict(zip(one.pre[first].tolist(), one.weight[first].tolist(), strict=True))
    one.weight = np.array([own[k] for k in one.pre.tolist()])


def _drivers_differ(one: Synapses) -> None:
    gain = np.random.default_rng(111).normal(1.0, 0.1, int(one.pre.max()) + 1)
    one.weight = one.weight * gain[one.pre]


def _two_sources_swapped(one: Synapses) -> None:
    swapped = {0: 1, 1: 0}
    one.pre = np.array([swapped.get(k, k) for k in one.pre.tolist()])


def _without_first_target(one: Synapses) -> None:
    """Targets are counted from 1, which leaves out neuron 0."""
    one.select(one.post != 0)


def _weight_faults() -> Iterator[Fault]:
    for receptor, percent in ((INHIBITORY, 3.0), (EXCITATORY, -4.0)):
        yield Fault(
            f"{receptor} weights {percent:+g} %", SYNAPSES, _SCALED,
            synapses_changed(weights_times(1 + percent / 100), receptor=receptor), on=BOTH,
            consequences=_INITIAL, numbers=numbers_of(1.0, 1 + percent / 100),
        )  # fmt: skip
    yield Fault("weights of the inputs -5 %", SYNAPSES, _SCALED,
                synapses_changed(weights_times(0.95), _INPUTS), on=_DYNAMIC,
                numbers=numbers_of(1.0, 0.95))  # fmt: skip
    yield Fault("transmitted weights of excitatory inputs times 0.93", SYNAPSES, _SCALED,
                switches={"weight_factor": dict.fromkeys(_INPUTS, 0.93)}, on=_DYNAMIC,
                numbers=numbers_of(1.0, 0.93))  # fmt: skip
    weights = truth("different weights")
    yield Fault("one weight for all synapses of a source", SYNAPSES, weights,
                synapses_changed(_shared_driver), on=STATIC)  # fmt: skip
    yield Fault("weights of each source by another gain", SYNAPSES, weights,
                synapses_changed(_drivers_differ, (*_INPUTS, *_INHIBITION)), on=BOTH)  # fmt: skip
    yield Fault("transmitted weights grow with time", SYNAPSES, weights | truth("weights drift"),
                simulator=DriftingWeights, on=_DYNAMIC, is_catalogued=False,
                broad=truth("weights scaled"))  # fmt: skip


def _delay_faults() -> Iterator[Fault]:
    delays = truth("different delays")

    def fault(name: str, change: Any, **others: Any) -> Fault:
        return Fault(name, SYNAPSES, delays, change, **{"on": BOTH, **others})

    yield fault("delays of inhibition +4 steps", synapses_changed(delays_longer(4), _INHIBITION),
                steps=4)  # fmt: skip
    yield fault("delays of the inputs -3 steps", synapses_changed(delays_longer(-3), _INPUTS),
                steps=-3, on=_DYNAMIC)  # fmt: skip
    yield fault("delays +25 steps", synapses_changed(delays_longer(25)), steps=25)
    yield fault("delays rounded to 0.5 ms", synapses_changed(_half_ms))
    yield fault("delays at most 12 steps", synapses_changed(_at_most))
    for name, on in (("input_exc", ("plastic",)), ("input_inh_cells", ("feed_forward",))):
        # Each source has one projection: its spikes may as well be sent late.
        yield Fault(
            f"delays of {name} +1 step, not in the table", SYNAPSES,
            delays | truth("inputs delayed"), switches={"extra_delay_steps": {name: 1}}, on=on,
            steps=1, consequences=truth("shifted response"),
        )  # fmt: skip


def _connection_faults() -> Iterator[Fault]:
    def fault(name: str, causes: frozenset[str], change: Any = None, **others: Any) -> Fault:
        return Fault(name, SYNAPSES, causes, change, **{"on": BOTH, **others})

    connectivity = truth("different connectivity")
    missing = connectivity | truth("missing synapses")
    yield fault("synapses onto the first neuron missing", missing,
                synapses_changed(_without_first_target, ("exc_inh", *_INPUTS[1:])))  # fmt: skip
    yield fault("targets of two sources exchanged", connectivity | truth("neurons in another "
                "order"), synapses_changed(_two_sources_swapped, ("inh_exc", "input_exc_cells")),
                broad=truth("different inputs"))  # fmt: skip
    lost = truth("missing or further input", "spikes lost in transmission")
    yield fault("weights beyond ten in a step lost", lost, simulator=LostUnderLoad,
                is_catalogued=False)  # fmt: skip
    yield fault("dead time of synapses of 8 ms", lost | truth("different synapse type"),
                simulator=DeadTime, is_catalogued=False,
                broad=truth("different weights", "different U", "different tau_rec"))  # fmt: skip


def _faults_together() -> Iterator[Fault]:
    """Two faults in one run: to name one of them is right."""

    def fault(name: str, causes: frozenset[str], *changes: Any, **others: Any) -> Fault:
        return Fault(name, SYNAPSES, causes, several(*changes), **{"on": BOTH, **others})

    delays, constants = truth("different delays"), truth("different cell constants")
    everywhere = synapses_changed
    yield fault("weights -10 % and delays +2 steps", _SCALED | delays,
                everywhere(weights_times(0.9)), everywhere(delays_longer(2)), steps=2,
                consequences=_INITIAL)  # fmt: skip
    yield fault("excitation +6 % and inhibition -6 %", _SCALED,
                everywhere(weights_times(1.06), receptor=EXCITATORY),
                everywhere(weights_times(0.94), receptor=INHIBITORY), consequences=_INITIAL,
                numbers=numbers_of(1.0, 1.06) + numbers_of(1.0, 0.94))  # fmt: skip
    yield fault("delays of inhibition -2 steps and v_thresh +0.6 mV",
                delays | constants | truth("different v_thresh"),
                everywhere(delays_longer(-2), _INHIBITION), changed("v_thresh", by=0.6),
                steps=-2)  # fmt: skip
    yield fault("weights of the inputs +8 % and tau_m -8 %",
                _SCALED | constants | truth("different tau_m"),
                everywhere(weights_times(1.08), _INPUTS), changed("tau_m", times=0.92),
                numbers=numbers_of(1.0, 1.08) + numbers_of(20.0, 18.4))  # fmt: skip
    yield fault("5 % of the synapses missing, the others 5 % stronger",
                _SCALED | truth("different connectivity", "missing synapses"),
                everywhere(dropped(0.05)), everywhere(weights_times(1.05)),
                consequences=_INITIAL)  # fmt: skip


def synapse_faults() -> Iterator[Fault]:
    """Faults of weights, delays and connections, alone and together."""
    yield from _weight_faults()
    yield from _delay_faults()
    yield from _connection_faults()
    yield from _faults_together()


def _first_weights(network: Network) -> None:
    one = network.synapses["plastic"]
    one.weight = one.weight * 1.05


def plasticity_faults() -> Iterator[Fault]:
    """Faults of constants of the rule, alone and together, and of its form."""
    rule = truth("different weight rule")
    settings: dict[str, Any] = {"on": ("plastic", "plastic_read_once"),
                                "broad": rule | truth("different plasticity")}  # fmt: skip

    def fault(name: str, causes: frozenset[str], change: Any = None, **others: Any) -> Fault:
        return Fault(name, PLASTICITY, causes, change, **{**settings, **others})

    usual = {"A_plus": 0.02, "A_minus": 0.021, "tau_plus": 20.0, "tau_minus": 20.0}
    for parameter, percent in (
        ("A_plus", 5.0), ("A_minus", 8.0), ("tau_plus", -10.0), ("tau_minus", 20.0),
    ):  # fmt: skip
        old = usual[parameter]
        new = old * (1 + percent / 100)
        yield fault(f"{parameter} {percent:+g} %", truth(f"different {parameter}"),
                    rule_set(**{parameter: new}), numbers=numbers_of(old, new))  # fmt: skip
    yield fault("w_min of 0.05 nA and w_max of 0.056 nA",
                # Amplitudes are shares of w_max: in nA changes are smaller, too.
                truth("different w_min", "different w_max"),
                rule_set(w_min=0.05, w_max=0.056),
                consequences=truth("different A_plus", "different A_minus"))  # fmt: skip
    yield fault("depression with an exponent of 0.3",
                truth("different weight dependence", "different mu_minus"),
                rule_set(mu_minus=0.3), broad=rule | truth("different A_minus"))  # fmt: skip
    yield fault("A_plus +20 % and tau_minus -20 %",
                truth("different A_plus", "different tau_minus"),
                rule_set(A_plus=0.024, tau_minus=16.0),
                numbers=numbers_of(0.02, 0.024) + numbers_of(20.0, 16.0))  # fmt: skip
    yield fault("A_minus -30 % and first weights +5 %",
                truth("different A_minus", "different weights", "weights scaled") | _INITIAL,
                several(rule_set(A_minus=0.0147), _first_weights),
                numbers=numbers_of(0.021, 0.0147) + numbers_of(1.0, 1.05)
                + numbers_of(0.054, 0.0567))  # fmt: skip
    pairing = truth("different spike pairing")
    for name, kind, causes, broad in (
        ("weights stay at the bound", "StuckAtBound", rule, truth("no plasticity")),
        ("plastic weights of 5 bits rounded at random", "WeightsOf5Bits",
         rule | truth("weights rounded"), frozenset()),
        ("traces of 4 bits", "TracesOf4Bits", rule | pairing, frozenset()),
    ):  # fmt: skip
        yield fault(name, causes, simulator=LEARNERS[kind], is_catalogued=False,
                    broad=broad | truth("different plasticity"))  # fmt: skip
