"""Faults of synapses: weights, delays, connections, and rules of plasticity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from pipelines.sensitivity.fault import PLASTICITY, SYNAPSES, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH, EVERYWHERE, numbers_of
from pipelines.sensitivity.simulator.network import EXCITATORY, INHIBITORY, Network, Rule, Synapses

Change = Callable[[Network], None]
# One projection of each network, and the inhibitory ones.
_ONE = ("exc_inh", "input_exc_cells")
_SCALED = truth("different weights", "weights scaled")


def synapses_changed(
    change: Callable[[Synapses], None], names: tuple[str, ...] = (), receptor: str = ""
) -> Change:
    """A change of projections, of all or of those with these names or this receptor."""

    def of(network: Network) -> None:
        for name, one in network.synapses.items():
            if (not names or name in names) and receptor in ("", one.receptor):
                change(one)

    return of


def weights_times(times: float, rows: slice = slice(None)) -> Callable[[Synapses], None]:
    """A change of weights by a factor, of all synapses or of some."""

    def change(one: Synapses) -> None:
        one.weight[rows] *= times

    return change


def delays_longer(steps: float) -> Callable[[Synapses], None]:
    """A change of delays by some steps."""

    def change(one: Synapses) -> None:
        one.delay_ms = np.round(one.delay_ms + 0.1 * steps, 10)

    return change


def _some_delays(one: Synapses) -> None:
    later = np.random.default_rng(3).random(len(one.pre)) < 0.03
    one.delay_ms = np.round(one.delay_ms + 0.1 * later, 10)


def _jittered_delays(one: Synapses) -> None:
    by = np.random.default_rng(3).integers(-2, 3, len(one.pre))
    one.delay_ms = np.round(one.delay_ms + 0.1 * by, 10)


def _shortest_delays(one: Synapses) -> None:
    one.delay_ms = np.full(len(one.pre), 0.1)


def dropped(share: float) -> Callable[[Synapses], None]:
    """A change that removes a share of the connections."""

    def change(one: Synapses) -> None:
        one.select(np.random.default_rng(1).random(len(one.pre)) >= share)

    return change


def _doubled(one: Synapses) -> None:
    one.select(np.repeat(np.arange(len(one.pre)), 2))


def _rewired(one: Synapses) -> None:
    one.post = np.random.default_rng(2).permutation(one.post)


def _transposed(one: Synapses) -> None:
    one.pre, one.post = one.post, one.pre


def _autapses(one: Synapses) -> None:
    n = int(one.pre.max()) + 1
    first = np.zeros(n, int)
    one.pre, one.post = np.append(one.pre, np.arange(n)), np.append(one.post, np.arange(n))
    one.weight = np.append(one.weight, one.weight[first])
    one.delay_ms = np.append(one.delay_ms, one.delay_ms[first])


def _emptied(one: Synapses) -> None:
    one.select(np.zeros(len(one.pre), bool))


def synapse_faults() -> Iterator[Fault]:
    """Faults of weights, delays and connections."""
    initial = truth("different initial weights")
    for percent in (1.0, 20.0):
        yield Fault(
            f"weights {percent:+g} %", SYNAPSES, _SCALED,
            synapses_changed(weights_times(1 + percent / 100)), on=EVERYWHERE, consequences=initial,
            numbers=numbers_of(1.0, 1 + percent / 100),
        )  # fmt: skip
    for receptor, percent in ((EXCITATORY, 10.0), (INHIBITORY, 10.0), (INHIBITORY, -20.0)):
        yield Fault(
            f"{receptor} weights {percent:+g} %", SYNAPSES, _SCALED,
            synapses_changed(weights_times(1 + percent / 100), receptor=receptor), on=BOTH,
            consequences=initial, numbers=numbers_of(1.0, 1 + percent / 100),
        )  # fmt: skip
    yield Fault(
        "one weight +50 %", SYNAPSES, truth("different weights"),
        synapses_changed(weights_times(1.5, slice(0, 1)), _ONE), on=BOTH,
    )  # fmt: skip
    yield Fault(
        "weights of one projection in another unit", SYNAPSES, _SCALED,
        synapses_changed(weights_times(1e-3), _ONE), on=BOTH, numbers=(1e-3, 1e3),
    )  # fmt: skip
    yield Fault(
        "sign of one projection", SYNAPSES, truth("sign of the weights") | _SCALED,
        synapses_changed(weights_times(-1.0), _ONE), on=BOTH,
    )  # fmt: skip
    for name, factor, on in (
        (EXCITATORY, 1.1, EVERYWHERE),
        (INHIBITORY, 0.8, EVERYWHERE),
        ("exc_inh", 1.2, ("plastic",)),
    ):
        yield Fault(
            f"transmitted weights of {name} times {factor}", SYNAPSES, _SCALED,
            switches={"weight_factor": {name: factor}}, on=on, numbers=numbers_of(1.0, factor),
        )  # fmt: skip
    for name, on in (("inh_exc", ("plastic",)), ("input_inh_cells", ("feed_forward",))):
        yield Fault(
            f"projection {name} transmits nothing", SYNAPSES,
            _SCALED | truth("missing projection", "missing or further input"),
            switches={"weight_factor": {name: 0.0}}, on=on,
        )  # fmt: skip
    yield from _delay_faults()
    connectivity, broad = truth("different connectivity"), truth("different connectivity")
    missing = connectivity | truth("missing synapses")
    for share in (0.01, 0.2):
        yield Fault(
            f"{share:.0%} of the synapses missing", SYNAPSES, missing,
            synapses_changed(dropped(share)), on=BOTH,
        )  # fmt: skip
    doubled = truth("synapses doubled")
    yield Fault(
        "synapses twice", SYNAPSES, doubled, synapses_changed(_doubled), on=BOTH, broad=broad
    )
    yield Fault(
        "synapses of one projection twice", SYNAPSES, doubled, synapses_changed(_doubled, _ONE),
        on=BOTH, broad=broad,
    )  # fmt: skip
    rewired = ("inh_exc", "exc_inh", "plastic", "input_exc_cells")
    yield Fault(
        "other targets", SYNAPSES, connectivity, synapses_changed(_rewired, rewired), on=BOTH
    )
    yield Fault(
        "autapses", SYNAPSES, truth("autapses"), synapses_changed(_autapses, ("plastic",)),
        broad=broad,
    )  # fmt: skip
    yield Fault(
        "pre and post exchanged", SYNAPSES, truth("pre and post exchanged"),
        synapses_changed(_transposed, ("plastic", "inh_inh")), broad=broad,
    )  # fmt: skip
    yield Fault(
        "projection missing", SYNAPSES, truth("missing projection"),
        synapses_changed(_emptied, ("inh_exc", "input_inh_cells")), on=BOTH, broad=broad,
    )  # fmt: skip


def _delay_faults() -> Iterator[Fault]:
    delays = truth("different delays")
    for steps in (1, -1, 10):
        word = "step" if abs(steps) == 1 else "steps"
        yield Fault(
            f"delays {steps:+d} {word}", SYNAPSES, delays, synapses_changed(delays_longer(steps)),
            on=BOTH, steps=steps,
        )  # fmt: skip
    yield Fault(
        "delays of one projection +2 steps", SYNAPSES, delays,
        synapses_changed(delays_longer(2), _ONE), on=BOTH, steps=2,
    )  # fmt: skip
    yield Fault(
        "3 % of the delays +1 step", SYNAPSES, delays, synapses_changed(_some_delays), on=BOTH
    )
    yield Fault("delays jittered", SYNAPSES, delays, synapses_changed(_jittered_delays), on=BOTH)
    yield Fault("delays of one step", SYNAPSES, delays, synapses_changed(_shortest_delays), on=BOTH)
    yield Fault(
        "delays +1 step, not in the table", SYNAPSES, delays,
        switches={"extra_delay_steps": {"": 1}}, on=EVERYWHERE, steps=1,
        consequences=truth("shifted response"),
    )  # fmt: skip
    for name, on in (("exc_inh", ("plastic",)), ("input_exc_cells", ("feed_forward",))):
        yield Fault(
            f"delays of {name} +3 steps, not in the table", SYNAPSES, delays,
            switches={"extra_delay_steps": {name: 3}}, on=on, steps=3,
        )  # fmt: skip


def rule_changed(change: Callable[[Rule], None]) -> Change:
    """A change of all rules of plasticity."""

    def of(network: Network) -> None:
        for one in network.synapses.values():
            if one.rule is not None:
                change(one.rule)

    return of


def rule_set(**values: float | bool) -> Change:
    """A change of constants of all rules of plasticity."""

    def change(rule: Rule) -> None:
        for name, value in values.items():
            setattr(rule, name, value)

    return rule_changed(change)


def _lower_w_max(rule: Rule) -> None:
    rule.w_max *= 0.8
    # Amplitudes are shares of w_max: the changes of weights stay the same.
    rule.A_plus /= 0.8
    rule.A_minus /= 0.8


def _exchange_amplitudes(rule: Rule) -> None:
    rule.A_plus, rule.A_minus = rule.A_minus, rule.A_plus


def _initial_weights(network: Network) -> None:
    for one in network.synapses.values():
        if one.rule is not None:
            one.weight = one.weight * 0.9


_BROAD = truth("different weight rule", "different plasticity")


def _rule_fault(name: str, causes: frozenset[str], change: Change, **others: Any) -> Fault:
    on = ("plastic", "plastic_read_once")
    return Fault(name, PLASTICITY, causes, change, on=on, broad=_BROAD, **others)


def plasticity_faults() -> Iterator[Fault]:
    """Faults of rules of plasticity."""
    usual = {"A_plus": 0.02, "A_minus": 0.021, "tau_plus": 20.0, "tau_minus": 20.0}
    for parameter, percents in (
        ("A_plus", (2.0, 20.0)), ("A_minus", (-2.0, 30.0)),
        ("tau_plus", (5.0, -30.0)), ("tau_minus", (-5.0, 50.0)),
    ):  # fmt: skip
        for percent in percents:
            value = usual[parameter] * (1 + percent / 100)
            yield _rule_fault(
                f"{parameter} {percent:+g} %", truth(f"different {parameter}"),
                rule_set(**{parameter: value}), numbers=numbers_of(usual[parameter], value),
            )  # fmt: skip
    w_max = truth("different w_max")
    yield _rule_fault("w_max -20 %", w_max, rule_changed(_lower_w_max))
    yield _rule_fault(
        "w_max +30 %, and changes of weights", w_max, rule_set(w_max=0.06 * 1.3),
        # The changes of weights are larger in nA.
        consequences=truth("different A_plus", "different A_minus"),
    )  # fmt: skip
    yield _rule_fault(
        "weights not bounded", w_max | truth("different w_min"), rule_set(bounded=False)
    )
    yield _rule_fault("w_min raised", truth("different w_min"), rule_set(w_min=0.05))
    dependence = truth("different weight dependence", "different mu_plus", "different mu_minus")
    yield _rule_fault("multiplicative rule", dependence, rule_set(mu_plus=1.0, mu_minus=1.0))
    yield _rule_fault(
        "multiplicative depression", dependence - truth("different mu_plus"),
        rule_set(mu_minus=1.0),
    )  # fmt: skip
    pairing = truth("different spike pairing")
    yield _rule_fault("nearest spikes only", pairing, rule_set(nearest=True))
    yield _rule_fault("zero lag potentiates", pairing | truth("zero lag counted"),
                      rule_set(zero_lag=True))  # fmt: skip
    yield _rule_fault(
        "delay axonal, not dendritic", truth("different dendritic delay"),
        rule_set(dendritic_fraction=0.0),
    )  # fmt: skip
    yield _rule_fault(
        "amplitudes exchanged", truth("different A_plus", "different A_minus"),
        rule_changed(_exchange_amplitudes),
    )  # fmt: skip
    yield _rule_fault("no plasticity", truth("no plasticity"), rule_set(active=False))
    yield _rule_fault(
        "no potentiation", truth("different A_plus"), rule_set(A_plus=0.0),
    )  # fmt: skip
    yield _rule_fault(
        "initial plastic weights -10 %", truth("different initial weights") | _SCALED,
        _initial_weights,
    )  # fmt: skip
