"""Further faults of connections, weights, delays and rules of plasticity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipelines.sensitivity.fault import PLASTICITY, SYNAPSES, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH, EVERYWHERE, numbers_of
from pipelines.sensitivity.first_set.synapses import rule_set, synapses_changed
from pipelines.sensitivity.second_set.plastic_weights import LEARNERS
from pipelines.sensitivity.second_set.transmission import DepressingSynapses, ShortBuffer
from pipelines.sensitivity.simulator.network import EXCITATORY, INHIBITORY, Network, Rule, Synapses

_ONE = ("exc_inh", "input_exc_cells")


def _without_first(one: Synapses) -> None:
    first = np.unique(one.pre, return_index=True)[1]
    one.select(np.delete(np.arange(len(one.pre)), first))


def _without_hub(one: Synapses) -> None:
    one.select(one.pre != np.bincount(one.pre).argmax())


def _few_inputs(one: Synapses) -> None:
    kept = np.ones(len(one.pre), bool)
    for post in np.unique(one.post):
        kept[np.flatnonzero(one.post == post)[6:]] = False
    one.select(kept)


def _denser(one: Synapses) -> None:
    n = len(one.pre)
    rng = np.random.default_rng(31)
    there = set(zip(one.pre.tolist(), one.post.tolist(), strict=True))
    free = np.array(
        [
            (i, j)
            for i in range(int(one.pre.max()) + 1)
            for j in range(int(one.post.max()) + 1)
            if (i, j) not in there and i != j
        ]
    )
    new = free[rng.permutation(len(free))[: max(n // 20, 1)]]
    copied = np.concatenate([np.arange(n), rng.integers(0, n, len(new))])
    one.select(copied)
    one.pre[n:], one.post[n:] = new[:, 0], new[:, 1]


def _few_doubled(one: Synapses) -> None:
    rows = np.arange(len(one.pre))
    one.select(np.sort(np.concatenate([rows, rows[::20]])))


def _one_rewired(one: Synapses) -> None:
    targets = set(one.post[one.pre == one.pre[0]].tolist()) | {int(one.pre[0])}
    one.post[0] = next(k for k in range(int(one.post.max()) + 1) if k not in targets)


def _targets_rolled(one: Synapses) -> None:
    one.post = (one.post + 1) % (int(one.post.max()) + 1)


def _sources_rolled(one: Synapses) -> None:
    one.pre = (one.pre + 1) % (int(one.pre.max()) + 1)


def _sorted_weights(one: Synapses) -> None:
    one.weight = np.sort(one.weight)


def _some_weights(one: Synapses) -> None:
    one.weight[np.random.default_rng(32).random(len(one.weight)) < 0.1] *= 2


def _one_target(one: Synapses) -> None:
    one.weight[one.post == one.post.min()] *= 1.1


def _one_source(one: Synapses) -> None:
    one.weight[one.pre == one.pre[len(one.pre) // 2]] = 0.0


def _coarse_weights(one: Synapses) -> None:
    one.weight = np.rint(64 * one.weight) / 64


def _like_excitation(one: Synapses) -> None:
    one.weight = one.weight / 4


def _excitatory(one: Synapses) -> None:
    one.receptor = EXCITATORY


def _whole_ms(one: Synapses) -> None:
    one.delay_ms = np.ceil(one.delay_ms - 1e-9)


def _one_slow_source(one: Synapses) -> None:
    one.delay_ms[one.pre == one.pre[0]] += 1.0


def _mean_delay(one: Synapses) -> None:
    one.delay_ms = np.full(len(one.pre), np.round(one.delay_ms.mean(), 1))


def _exchange_delays(network: Network) -> None:
    for one in network.synapses.values():
        if not one.source.startswith("input"):
            one.delay_ms = np.full(len(one.pre), 1.5 if one.receptor == INHIBITORY else 0.8)


def synapse_faults() -> Iterator[Fault]:
    """Faults of connections, weights and delays."""

    def fault(name: str, causes: frozenset[str], network: Any, **others: Any) -> Fault:
        return Fault(name, SYNAPSES, causes, network, **{"on": BOTH, **others})

    connectivity = truth("different connectivity")
    missing = connectivity | truth("missing synapses")
    recurrent = ("exc_inh", "inh_exc", "plastic", "input_exc_cells")
    yield fault("first synapse of each source missing", missing, synapses_changed(_without_first),
                # Sources of inputs have one synapse only.
                consequences=truth("missing projection"))  # fmt: skip
    yield fault("one hub has no targets", missing, synapses_changed(_without_hub, _ONE))
    yield fault("at most six inputs of a kind", missing, synapses_changed(_few_inputs))
    yield fault("5 % more synapses", connectivity, synapses_changed(_denser, recurrent))
    yield fault("every twentieth synapse twice", truth("synapses doubled"),
                synapses_changed(_few_doubled), broad=connectivity)  # fmt: skip
    yield fault("one synapse at another target", connectivity,
                synapses_changed(_one_rewired, _ONE))  # fmt: skip
    rolled = connectivity | truth("neuron indices shifted")
    yield fault("targets off by one", rolled, synapses_changed(_targets_rolled, recurrent),
                broad=truth("neurons counted from 1"))  # fmt: skip
    yield fault("sources off by one", rolled, synapses_changed(_sources_rolled, recurrent),
                broad=truth("neurons counted from 1"))  # fmt: skip
    weights = truth("different weights")
    yield fault("weights sorted", weights | truth("weights in another order"),
                synapses_changed(_sorted_weights), on=("feed_forward", "with_signals"))  # fmt: skip
    initial = truth("different initial weights")
    yield fault("a tenth of the weights twice as large", weights,
                synapses_changed(_some_weights), consequences=initial)  # fmt: skip
    yield fault("weights onto one neuron +10 %", weights, synapses_changed(_one_target, _ONE),
                numbers=numbers_of(0.06, 0.066))  # fmt: skip
    yield fault("weights of one source are zero", weights, synapses_changed(_one_source, _ONE),
                broad=truth("missing or further input"))  # fmt: skip
    yield fault("weights in steps of 1/64 nA",
                weights | initial | truth("weights rounded", "weights scaled"),
                synapses_changed(_coarse_weights))  # fmt: skip
    yield fault("inhibition as weak as excitation", weights | truth("weights scaled"),
                synapses_changed(_like_excitation, receptor=INHIBITORY),
                numbers=numbers_of(1.0, 0.25))  # fmt: skip
    yield fault("inhibition at the excitatory receptor", truth("different receptor"),
                synapses_changed(_excitatory, ("inh_exc", "input_inh_cells")))  # fmt: skip
    delays = truth("different delays")
    yield fault("delays rounded up to 1 ms", delays, synapses_changed(_whole_ms))
    yield fault("delays of one source +1 ms", delays, synapses_changed(_one_slow_source, _ONE),
                steps=10)  # fmt: skip
    yield fault("delays all the mean one", delays, synapses_changed(_mean_delay),
                on=("feed_forward", "with_signals"))  # fmt: skip
    yield fault("delays of excitation and inhibition exchanged", delays, _exchange_delays,
                on=("plastic",))  # fmt: skip
    yield Fault("delays in a buffer that is too short", SYNAPSES, delays, simulator=ShortBuffer,
                on=EVERYWHERE, consequences=truth("inputs delayed"))  # fmt: skip
    yield Fault(
        "depressing synapses", SYNAPSES,
        truth("different synapse type", "different weights", "different U", "different tau_rec"),
        simulator=DepressingSynapses, on=EVERYWHERE,
    )  # fmt: skip


def _plastic_too(network: Network) -> None:
    network.synapses["exc_inh"].rule = Rule(A_plus=0.02, A_minus=0.021, w_max=0.12)


_RULE = truth("different weight rule")


def plasticity_faults() -> Iterator[Fault]:
    """Faults of rules of plasticity, most of them of forms that are no constant's."""
    on = ("plastic", "plastic_read_once")

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        broad = _RULE | truth("different plasticity")
        return Fault(name, PLASTICITY, causes, change, on=on, **{"broad": broad, **others})

    dependence = truth("different weight dependence")
    yield fault("half of the delay axonal", truth("different dendritic delay"),
                rule_set(dendritic_fraction=0.5))  # fmt: skip
    yield fault("potentiation multiplicative", dependence | truth("different mu_plus"),
                rule_set(mu_plus=1.0))  # fmt: skip
    yield fault("exponents of one half", dependence | truth("different mu_plus", "different "
                "mu_minus"), rule_set(mu_plus=0.5, mu_minus=0.5))  # fmt: skip
    yield fault("tau_plus given in s", truth("different tau_plus"), rule_set(tau_plus=0.02),
                broad=_RULE | truth("different A_plus"))  # fmt: skip
    yield fault("A_minus with the other sign", truth("different A_minus"),
                rule_set(A_minus=-0.021))  # fmt: skip
    yield fault("three times the learning rate", truth("different A_plus", "different A_minus"),
                rule_set(A_plus=0.06, A_minus=0.063), numbers=(3.0, 1 / 3, 0.06, 0.063, 0.04,
                0.042, 200.0))  # fmt: skip
    yield fault("w_max in pA", truth("different w_max"), rule_set(w_max=60.0),
                # The first depression leaves weights of zero.
                consequences=truth("different A_plus", "different A_minus",
                "missing or further input"))  # fmt: skip
    yield Fault(
        "a static projection learns", PLASTICITY,
        _RULE | truth("different synapse type", "no plasticity"), _plastic_too, on=on,
        consequences=truth("different weights"),
    )  # fmt: skip
    for name, kind, causes, broad in (
        ("learning rate decays", "Decaying", _RULE, "different A_plus; different A_minus"),
        ("plasticity ends at 250 ms", "Frozen", _RULE, "no plasticity"),
        ("half of the synapses do not learn", "HalfFrozen", _RULE | truth("no plasticity"), ""),
        ("transmission before depression", "LateDepression",
         _RULE | truth("different order of updates"), "weights of another time"),
        ("weights as of the reading", "ReadNow", truth("weights of another time"), ""),
        ("traces saturate", "Saturating", _RULE | truth("different spike pairing"), ""),
        ("nearest spikes for depression", "NearestDepression",
         truth("different spike pairing"), "different weight rule"),
        ("pairs within 20 ms only", "Window", _RULE | truth("different spike pairing"), ""),
        ("postsynaptic spikes a step late", "LatePost",
         _RULE | truth("different dendritic delay"), "different spike pairing"),
        ("plastic weights of 8 bits", "Coarse", _RULE | truth("weights rounded"), ""),
        ("triplets of spikes count", "Triplets",
         _RULE | truth("different A_plus_triplet", "different spike pairing"), ""),
        ("weights normalized", "Normalized", _RULE, ""),
        ("weights decay", "Forgetting", _RULE, "different weight dependence"),
    ):  # fmt: skip
        yield Fault(
            name, PLASTICITY, causes, simulator=LEARNERS[kind], on=on,
            broad=frozenset(filter(None, broad.split("; "))) | truth("different plasticity"),
        )  # fmt: skip
