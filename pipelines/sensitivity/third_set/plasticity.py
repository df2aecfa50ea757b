"""Faults of rules of plasticity of a third set, unlike those of the first two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipelines.sensitivity.fault import PLASTICITY, Fault, truth
from pipelines.sensitivity.first_set.cells import numbers_of
from pipelines.sensitivity.first_set.synapses import rule_changed, rule_set
from pipelines.sensitivity.simulator.network import Network, Rule
from pipelines.sensitivity.third_set.plastic_weights import LEARNERS
from pipelines.sensitivity.third_set.transmission import FirstWeightsTransmitted

_RULE = truth("different weight rule")


def _higher_w_max(rule: Rule) -> None:
    rule.w_max *= 1.3
    # Amplitudes are shares of w_max: the changes of weights stay the same.
    rule.A_plus /= 1.3
    rule.A_minus /= 1.3


def _initial(change: Any) -> Any:
    def of(network: Network) -> None:
        for one in network.synapses.values():
            if one.rule is not None:
                one.weight = change(one.weight)

    return of


def _with_noise(weights: np.ndarray) -> np.ndarray:
    return weights * np.random.default_rng(74).normal(1.0, 0.03, len(weights))


def _rule_fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
    settings = {
        "on": ("plastic", "plastic_read_once"), "broad": _RULE | truth("different plasticity"),
        **others,
    }  # fmt: skip
    return Fault(name, PLASTICITY, causes, change, **settings)


def _constant_faults() -> Iterator[Fault]:
    for parameter, old, percent in (
        ("A_plus", 0.02, -15.0), ("A_minus", 0.021, -20.0), ("tau_plus", 20.0, 15.0),
        ("tau_minus", 20.0, -25.0),
    ):  # fmt: skip
        new = old * (1 + percent / 100)
        yield _rule_fault(f"{parameter} {percent:+g} %", truth(f"different {parameter}"),
                          rule_set(**{parameter: new}), numbers=numbers_of(old, new))  # fmt: skip
    amplitudes = truth("different A_plus", "different A_minus")
    yield _rule_fault("w_max +30 %", truth("different w_max"), rule_changed(_higher_w_max),
                      numbers=numbers_of(0.06, 0.078))  # fmt: skip
    yield _rule_fault("w_min of 0.052 nA", truth("different w_min"), rule_set(w_min=0.052),
                      numbers=numbers_of(0.0, 0.052))  # fmt: skip
    yield _rule_fault("no depression", truth("different A_minus"), rule_set(A_minus=0.0),
                      numbers=numbers_of(0.021, 0.0))  # fmt: skip
    yield _rule_fault("both amplitudes with the other sign", amplitudes,
                      rule_set(A_plus=-0.02, A_minus=-0.021))  # fmt: skip
    yield _rule_fault(
        "tau_plus +50 % and A_plus of the same area",
        truth("different tau_plus", "different A_plus"),
        rule_set(tau_plus=30.0, A_plus=0.02 / 1.5),
        numbers=numbers_of(20.0, 30.0) + numbers_of(0.02, 0.02 / 1.5),
    )  # fmt: skip
    yield _rule_fault(
        "A_minus +10 % and w_max -10 %",
        truth("different A_minus", "different w_max", "different A_plus"),
        rule_set(A_minus=0.0231, w_max=0.054),
        # Amplitudes are shares of w_max: in nA potentiation is smaller, too.
        numbers=numbers_of(0.021, 0.0231) + numbers_of(0.06, 0.054) + numbers_of(1.0, 0.99),
    )  # fmt: skip
    yield _rule_fault("depression multiplicative, potentiation not bounded",
                      truth("different weight dependence", "different mu_minus",
                            "different w_max"),
                      rule_set(mu_minus=1.0, bounded=False))  # fmt: skip
    initial = truth("different initial weights", "different weights")
    yield _rule_fault("initial plastic weights with noise of 3 %", initial,
                      _initial(_with_noise), broad=frozenset())  # fmt: skip
    yield _rule_fault("initial plastic weights of half of w_max", initial | truth("weights scaled"),
                      _initial(lambda w: np.full(len(w), 0.03)), broad=frozenset(),
                      numbers=numbers_of(0.054, 0.03))  # fmt: skip


def plasticity_faults() -> Iterator[Fault]:
    """Faults of rules of plasticity, of their constants and of their forms."""
    yield from _constant_faults()
    pairing = truth("different spike pairing")
    for name, kind, causes, broad in (
        ("learning starts at 200 ms", "LateStart", _RULE, truth("no plasticity")),
        ("learning rate grows", "Accelerating", _RULE,
         truth("different A_plus", "different A_minus")),
        ("nearest spikes for potentiation", "NearestPotentiation", pairing, _RULE),
        ("each spike in one pair", "UsedOnce", pairing, _RULE),
        ("pairs within 2 ms do not count", "NoClosePairs", _RULE | pairing, frozenset()),
        # Lags are those of a delay of which one half is dendritic.
        ("delays ignored by the rule", "DelayIgnored", truth("different dendritic delay"), _RULE),
        ("changes of weights with noise of 20 %", "NoisyChanges", _RULE, frozenset()),
        ("every second change lost", "EverySecondChange", _RULE,
         truth("different A_plus", "different A_minus")),
        ("weights written every 100 ms", "WrittenRarely",
         _RULE | truth("weights of another time"), frozenset()),
        ("each transmission depresses", "CostOfTransmission",
         _RULE | truth("different timing dependence"), truth("different A_minus")),
        ("traces decay every ms", "TracesOfWholeMs", _RULE,
         truth("different tau_plus", "different tau_minus", "different spike pairing")),
    ):  # fmt: skip
        yield _rule_fault(name, causes, None, simulator=LEARNERS[kind],
                          broad=broad | truth("different plasticity"))  # fmt: skip
    yield _rule_fault("first weights transmitted for ever",
                      truth("transmitted weights stay", "different synapse type"), None,
                      simulator=FirstWeightsTransmitted, is_catalogued=False,
                      broad=truth("no plasticity", "different weights"))  # fmt: skip
