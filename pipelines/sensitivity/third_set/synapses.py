"""Faults of connections, weights and delays of a third set, unlike those of the first two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipelines.sensitivity.fault import SYNAPSES, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH, STATIC, changed, numbers_of, several
from pipelines.sensitivity.first_set.synapses import delays_longer, synapses_changed, weights_times
from pipelines.sensitivity.simulator.network import INHIBITORY, Network, Synapses
from pipelines.sensitivity.third_set.transmission import (
    ArrivalsAtWholeMs,
    FacilitatingSynapses,
    InhibitionBeginsLate,
    InhibitionLost,
    JitteredArrivals,
    OneOfSeveralArrives,
    SomeSentTwice,
    WeightsOf6Bits,
)

# One excitatory and one inhibitory projection of each network.
_EXCITING, _INHIBITING = ("exc_inh", "input_exc_cells"), ("inh_exc", "input_inh_cells")


def _weights_with_noise(one: Synapses) -> None:
    one.weight = one.weight * np.random.default_rng(71).normal(1.0, 0.01, len(one.weight))


def _clipped_weights(one: Synapses) -> None:
    one.weight = np.clip(one.weight, -0.25, 0.3)


def _without_sign(one: Synapses) -> None:
    one.weight = np.abs(one.weight)


def _weights_of_16_bits(one: Synapses) -> None:
    one.weight = one.weight.astype(np.float16).astype(float)


def _weaker_half(one: Synapses) -> None:
    one.weight[one.post > one.post.max() // 2] *= 0.9


def _exchanged_weights(network: Network) -> None:
    """Weights of the excitatory and the inhibitory projection, by their factors to each other."""
    for name, times in (
        ("exc_inh", 4.0), ("inh_exc", 0.25), ("input_exc_cells", 0.8), ("input_inh_cells", 1.25),
    ):  # fmt: skip
        if name in network.synapses:
            network.synapses[name].weight *= times


def _drawn_delays(one: Synapses) -> None:
    one.delay_ms = np.random.default_rng(72).permutation(one.delay_ms)


def _shorter_delays(one: Synapses) -> None:
    one.delay_ms = np.round(0.8 * one.delay_ms, 1)


def _without_last_target(one: Synapses) -> None:
    one.select(one.post != one.post.max())


def _one_synapse_three_times(one: Synapses) -> None:
    one.select(np.concatenate([[0, 0], np.arange(len(one.pre))]))


def _next_target(one: Synapses) -> None:
    one.post = (one.post + 1) % (int(one.post.max()) + 1)


def _pairs(one: Synapses) -> np.ndarray:
    """All pairs of neurons of a projection, shape (n, 2)."""
    return np.indices((int(one.pre.max()) + 1, int(one.post.max()) + 1)).reshape(2, -1).T


def _drawn_pairs(one: Synapses) -> None:
    pairs = np.random.default_rng(73).permutation(_pairs(one))[: len(one.pre)]
    one.pre, one.post = pairs[np.lexsort(pairs.T[::-1])].T.copy()


def _all_to_all(one: Synapses) -> None:
    pairs = _pairs(one)
    one.select(np.arange(len(pairs)) % len(one.pre))
    one.pre, one.post = pairs.T.copy()


def _other_population(network: Network) -> None:
    for name, target in (("inh_exc", "inh"), ("input_inh_cells", "driven")):
        if name in network.synapses:
            one = network.synapses[name]
            one.target, one.post = target, one.post % network.cells[target].n


def _inhibitory(one: Synapses) -> None:
    one.receptor = INHIBITORY


def _weight_faults() -> Iterator[Fault]:
    def fault(name: str, causes: frozenset[str], network: Any, **others: Any) -> Fault:
        return Fault(name, SYNAPSES, causes, network, **{"on": BOTH, **others})

    weights = truth("different weights")
    scaled, initial = weights | truth("weights scaled"), truth("different initial weights")
    yield fault("excitatory weights of one projection +3 %", scaled,
                synapses_changed(weights_times(1.03), _EXCITING),
                numbers=numbers_of(1.0, 1.03))  # fmt: skip
    yield fault("inhibitory weights of one projection -15 %", scaled,
                synapses_changed(weights_times(0.85), _INHIBITING),
                numbers=numbers_of(1.0, 0.85))  # fmt: skip
    yield fault("weights of excitation and inhibition exchanged", scaled, _exchanged_weights,
                numbers=numbers_of(1.0, 4.0) + numbers_of(1.0, 0.8))  # fmt: skip
    yield fault("weights with noise of 1 %", weights, synapses_changed(_weights_with_noise),
                consequences=initial)  # fmt: skip
    yield fault("weights clipped at 0.3 nA and -0.25 nA", weights,
                synapses_changed(_clipped_weights), on=STATIC)  # fmt: skip
    yield fault("inhibitory weights without sign", scaled | truth("sign of the weights"),
                synapses_changed(_without_sign, receptor=INHIBITORY))  # fmt: skip
    yield fault("weights in 16 bits", scaled | initial | truth("weights rounded"),
                synapses_changed(_weights_of_16_bits))  # fmt: skip
    yield fault("weights onto the second half of the neurons -10 %", weights,
                synapses_changed(_weaker_half, _EXCITING),
                broad=truth("weights scaled"))  # fmt: skip
    yield fault(
        "excitatory weights +5 % and tau_m -5 %", scaled | truth("different tau_m"),
        several(synapses_changed(weights_times(1.05), _EXCITING), changed("tau_m", times=0.95)),
        numbers=numbers_of(1.0, 1.05) + numbers_of(20.0, 19.0),
    )  # fmt: skip


def _delay_faults() -> Iterator[Fault]:
    delays = truth("different delays")
    for name, change, others in (
        ("inhibitory delays +1 step", synapses_changed(delays_longer(1), receptor=INHIBITORY),
         {"steps": 1}),
        ("delays of one inhibitory projection -1 step",
         synapses_changed(delays_longer(-1), _INHIBITING), {"steps": -1}),
        ("delays drawn again", synapses_changed(_drawn_delays), {"on": STATIC}),
        ("delays -20 %", synapses_changed(_shorter_delays), {}),
    ):  # fmt: skip
        yield Fault(name, SYNAPSES, delays, change,
                    **{"on": BOTH, **others})  # type: ignore[arg-type]  # fmt: skip
    yield Fault(
        "delays of inhibition +1 step, not in the table", SYNAPSES, delays,
        switches={"extra_delay_steps": {"inh_exc": 1, "inh_inh": 1, "input_inh_cells": 1}},
        on=BOTH, steps=1, consequences=truth("shifted response", "inputs delayed"),
    )  # fmt: skip
    late = delays | truth("inputs delayed", "spikes late in transmission", "inputs jittered")
    for name, simulator in (
        ("weights arrive at whole ms", ArrivalsAtWholeMs),
        ("arrivals jittered by up to 3 steps", JitteredArrivals),
    ):
        yield Fault(name, SYNAPSES, late, simulator=simulator, on=BOTH, is_catalogued=False,
                    broad=truth("coarser time grid", "noise in the membrane"))  # fmt: skip


def _connection_faults() -> Iterator[Fault]:
    def fault(name: str, causes: frozenset[str], network: Any, **others: Any) -> Fault:
        return Fault(name, SYNAPSES, causes, network, **{"on": BOTH, **others})

    connectivity = truth("different connectivity")
    inputs = ("inh_exc", "exc_inh", "input_exc_cells", "input_inh_cells")
    yield fault("synapses onto the last neuron missing", connectivity | truth("missing synapses"),
                synapses_changed(_without_last_target, inputs),
                broad=truth("missing or further input"))  # fmt: skip
    yield fault("one synapse three times", truth("synapses doubled"),
                synapses_changed(_one_synapse_three_times, _EXCITING),
                broad=connectivity)  # fmt: skip
    yield fault("targets of inputs off by one",
                connectivity | truth("neuron indices shifted", "inputs permuted"),
                synapses_changed(_next_target, ("input_exc", "input_inh_cells")),
                broad=truth("neurons counted from 1"))  # fmt: skip
    yield fault("inhibition connected by another draw", connectivity,
                synapses_changed(_drawn_pairs, _INHIBITING))  # fmt: skip
    yield fault("all-to-all instead of some", connectivity,
                synapses_changed(_all_to_all, _INHIBITING),
                broad=truth("different weights"))  # fmt: skip
    yield fault("inhibition of another population", connectivity | truth("missing projection"),
                _other_population)  # fmt: skip
    receptor = truth("different receptor")
    yield fault("excitation at the inhibitory receptor", receptor,
                synapses_changed(_inhibitory, _EXCITING[:1]), on=("plastic",))  # fmt: skip
    # If it is all of the excitation, a longer time constant does the same.
    yield fault("all excitation at the inhibitory receptor",
                receptor | truth("different tau_syn_E"),
                synapses_changed(_inhibitory, _EXCITING[1:]), on=("feed_forward",))  # fmt: skip


def synapse_faults() -> Iterator[Fault]:
    """Faults of connections, weights, delays and transmission."""
    yield from _weight_faults()
    yield from _delay_faults()
    yield from _connection_faults()

    def fault(name: str, causes: frozenset[str], simulator: Any, **others: Any) -> Fault:
        return Fault(name, SYNAPSES, causes, simulator=simulator, **{"on": BOTH, **others})

    further, weights = truth("missing or further input"), truth("different weights")
    lost = further | truth("spikes lost in transmission")
    yield fault("a tenth of the inhibitory spikes lost", lost, InhibitionLost)
    yield fault("no inhibition in the first 100 ms", lost, InhibitionBeginsLate,
                broad=weights | truth("weights scaled", "missing projection"))  # fmt: skip
    yield fault("2 % of the transmitted spikes sent twice", further, SomeSentTwice)
    yield fault("one of several simultaneous weights arrives", lost, OneOfSeveralArrives)
    # In the plastic network all weights of a projection are rounded to the same number.
    yield fault("transmitted weights of 6 bits", weights | truth("weights scaled"),
                WeightsOf6Bits)  # fmt: skip
    yield fault(
        "facilitating synapses",
        weights | truth("different synapse type", "different U", "different tau_facil"),
        FacilitatingSynapses,
    )  # fmt: skip
