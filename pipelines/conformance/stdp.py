"""Checks of plasticity: one synapse against closed forms, and against the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.parameters import Sequence

from .check import check
from .neurons import DT, begin, reference, spike_times

W_MAX = 0.001
# Parameters of rules: with weights in nA.
_PAIRS = {"tau_plus": 20.0, "tau_minus": 20.0, "A_plus": 0.01, "A_minus": 0.02}
_TIMING = {
    "TripletRule": {"A_plus": 0.002, "A_minus": 0.015, "A_minus_triplet": 0.004},
    "Vogels2011Rule": {"tau": 15.0, "eta": 0.03 * W_MAX, "rho": 0.02},
}
# Potentiation alone and depression alone, strong enough to reach the bounds.
TO_THE_BOUNDS: tuple[dict[str, Any], ...]
TO_THE_BOUNDS = ({"A_plus": 5.0, "A_minus": 0.0}, {"A_plus": 0.0, "A_minus": 5.0})
KICK = 100.0  # nA: lifts a resting cell over its threshold within one step


def weight_dependence(sim: Any, rule: str, w_min: float = 0.0, **exponents: float) -> Any:
    """PyNN's weight dependence of a name."""
    classes = {
        "additive": sim.AdditiveWeightDependence,
        "multiplicative": sim.MultiplicativeWeightDependence,
        "additive_multiplicative": sim.AdditivePotentiationMultiplicativeDepression,
        "gutig": sim.GutigWeightDependence,
    }
    return classes[rule](w_min=w_min, w_max=W_MAX, **exponents)


def plastic_pair(sim: Any, pre: Any, post: Any, *synapse: Any, **values: Any) -> tuple[Any, Any]:
    """A `plastic_synapse` between cells that fire at given times.

    Returns
    -------
    projection, post
        The plastic projection, and the postsynaptic population (with its spikes recorded).
    """
    cells = timed_cells(sim, pre, post)
    return plastic_synapse(sim, *cells, *synapse, **values), cells[1]


def timed_cells(sim: Any, pre: Any, post: Any) -> tuple[Any, Any]:
    """A source and a cell that fire at given times; the cell's spikes are recorded."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=Sequence(pre)))
    # The cell fires two steps after the kick leaves: one of delay, one to reach threshold.
    kicks = np.round(np.asarray(post) - 2 * DT, 4)
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=Sequence(kicks)))
    target = sim.Population(
        1,
        sim.IF_curr_exp(cm=0.25, v_rest=-65.0, v_reset=-65.0, tau_syn_E=0.5, tau_refrac=20.0),
        initial_values={"v": -65.0},
    )
    sim.Projection(
        driver, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=KICK, delay=DT)
    )
    target.record("spikes")
    return source, target


def plastic_synapse(
    sim: Any,
    source: Any,
    target: Any,
    dependence: Any,
    delay: float,
    fraction: float,
    receptor_type: str = "excitatory",
    weight: float = 0.5 * W_MAX,
    rule: str = "SpikePairRule",
    **timing: Any,
) -> Any:
    """A plastic projection between two cells, too weak to change when the second one fires."""
    return sim.Projection(
        source,
        target,
        sim.AllToAllConnector(),
        sim.STDPMechanism(
            timing_dependence=getattr(sim, rule)(**_TIMING.get(rule, _PAIRS) | timing),
            weight_dependence=dependence,
            dendritic_delay_fraction=fraction,
            weight=weight,
            delay=delay,
        ),
        receptor_type=receptor_type,
    )


def weight_of(projection: Any) -> float:
    """The only weight of a projection, in units of w_max."""
    return float(np.squeeze(projection.get("weight", format="array"))) / W_MAX


@check("dendritic_delay_fraction")
def one_pair(sim: Any) -> tuple[Any, Any]:
    """Pre at 50 and 90, post at 60, a dendritic delay of 1 ms."""
    begin(sim)
    synapse, _ = plastic_pair(
        sim, [50.0, 90.0], [60.0], weight_dependence(sim, "additive"), 1.0, 1.0,
        A_minus=0.012, tau_minus=30.0,
    )  # fmt: skip
    sim.run(100.0)
    # 0.5 + 0.01 exp(-11/20) - 0.012 exp(-29/30)
    return [weight_of(synapse)], [0.501205313025]


@check("zero-lag pair")
def pair_of_lag_zero(sim: Any) -> tuple[Any, Any]:
    """Post at 49 reaches the synapse with pre at 50: only the later depression counts."""
    begin(sim)
    synapse, _ = plastic_pair(
        sim, [50.0, 90.0], [49.0], weight_dependence(sim, "additive"), 1.0, 1.0, tau_minus=30.0
    )
    sim.run(100.0)
    # 0.5 - 0.02 exp(-40/30)
    return [weight_of(synapse)], [0.494728057238]


def _poisson(seed: int, rate: float, gap_steps: int, n_steps: int) -> np.ndarray:
    """Steps of a Poisson train with a dead time, from a seeded generator."""
    rng = np.random.default_rng(seed)
    intervals = gap_steps + rng.geometric(rate * DT * 1e-3, size=400)
    steps = np.arange(60, n_steps)
    # Stock NEST takes a step off in floating point (row "source times on grid"): steps that it
    # plays when they are due, so that nothing but plasticity differs.
    times, kicks = np.round(steps * DT, 4), np.round((steps - 2) * DT, 4)
    exact = (times - DT == np.round(times - DT, 4)) & (kicks - DT == np.round(kicks - DT, 4))
    due = steps[exact]
    drawn = 60 + np.cumsum(intervals)
    moved = due[np.searchsorted(due, drawn[drawn <= due[-1]])]
    return moved[np.diff(moved, prepend=-gap_steps) >= gap_steps]


def rule_case(*synapses: tuple[str, float, float], **changes: Any) -> Any:
    """A check of plastic synapses against the reference, on Poisson trains.

    Parameters
    ----------
    synapses
        The weight dependence of each, its delay (ms), and the fraction of it that is dendritic.
    """
    exponents = changes.pop("exponents", None)
    timing = changes.pop("timing", {})
    w_min = changes.pop("w_min", 0.0)
    timed_by = changes.pop("timed_by", "SpikePairRule")

    named = {} if exponents is None else {"mu_plus": exponents[0], "mu_minus": exponents[1]}
    n_steps = 6000

    def weights_after(
        sim: Any, pre: np.ndarray, post: np.ndarray
    ) -> tuple[list[float], np.ndarray]:
        """The last transmitted weights, and the steps in which the cell fired."""
        begin(sim)
        cells = timed_cells(sim, np.round(pre * DT, 4), np.round(post * DT, 4))
        made = [
            plastic_synapse(
                sim, *cells, weight_dependence(sim, rule, w_min * W_MAX, **named), delay, fraction,
                rule=timed_by, **timing,
            )
            for rule, delay, fraction in synapses
        ]  # fmt: skip
        sim.run(n_steps * DT)
        weights = [weight_of(synapse) for synapse in made]
        return weights, np.rint(spike_times(cells[1]) / DT).astype(int)

    def measure(sim: Any) -> tuple[Any, Any]:
        pre = _poisson(11, 60.0, 3, n_steps - 200)
        post = _poisson(12, 40.0, 201, n_steps - 200)
        weights, fired = weights_after(sim, pre, post)
        # Of the spikes that were there: each check shows one difference alone.
        expected, again = weights_after(reference(), pre, fired)
        return [len(fired), *weights], [len(post) if len(again) == len(fired) else -1, *expected]

    said = ", ".join(f"{rule} {delay:g} ms ({part:.2g})" for rule, delay, part in synapses)
    measure.__doc__ = f"{timed_by} on Poisson trains; delays and dendritic fractions: {said}."
    return measure


MULTIPLICATIVE = "multiplicative; additive potentiation, multiplicative depression"
for _rule, _row in (
    ("additive", "dendritic_delay_fraction"),
    ("multiplicative", MULTIPLICATIVE),
    ("additive_multiplicative", MULTIPLICATIVE),
    ("gutig", "Gutig"),
):
    # A network for all delays that a stock module treats alike: most of its time goes into steps.
    for _name, _delays in (
        ("dendritic", [(delay, 1.0) for delay in (1.0, 5.0)]),
        ("split", [(delay, part) for delay in (1.0, 5.0) for part in (DT / delay, 0.3, 0.5)]),
    ):
        _case = rule_case(*((_rule, *_delay) for _delay in _delays))
        _case.__name__ = f"rule_{_rule}_{_name}_delays"
        check(_row)(_case)

_gutig = rule_case(("gutig", 1.0, 1.0), exponents=(0.2, 0.8))
_gutig.__name__ = "gutig_with_exponents_of_its_own"
check("Gutig")(_gutig)
_depression = rule_case(("additive", 1.0, 1.0), timing={"A_plus": 0.0})
_depression.__name__ = "depression_without_potentiation"
check("A_plus = 0")(_depression)
# High enough, and depression strong enough, to end there.
_floor = rule_case(("additive", 1.0, 1.0), w_min=0.45, timing={"A_minus": 0.06})
_floor.__name__ = "smallest_weight_above_zero"
check("w_min other than 0")(_floor)
_floor = rule_case(("multiplicative", 5.0, 0.3), w_min=0.2)
_floor.__name__ = "smallest_weight_above_zero_multiplicative"
check("w_min other than 0")(_floor)


@check("weight read back")
def weight_now_and_as_last_transmitted(sim: Any) -> tuple[Any, Any]:
    """Post at 60 potentiates at once; the weight that pre carried at 50 is another."""
    begin(sim)
    synapse, _ = plastic_pair(sim, [50.0], [60.0], weight_dependence(sim, "additive"), 5.0, 0.3)
    synapse.pre.record("spikes")
    sim.run(100.0)
    names = ("weight_transmitted", "weight_now")
    values = [synapse.get(name, format="list", with_address=False)[0] / W_MAX for name in names]
    # The pair meets at 53.5 (axonal 3.5) and 61.5 (dendritic 1.5).
    return values, [0.5, 0.5 + 0.01 * np.exp(-8 / 20)]


@check("inhibitory STDP")
def plasticity_of_an_inhibitory_synapse(sim: Any) -> tuple[Any, Any]:
    """Weights between w_max < 0 and 0 change as their mirror images do."""
    begin(sim)
    bounds = {"w_min": 0.0, "w_max": -W_MAX}
    synapse, _ = plastic_pair(
        sim, [50.0, 90.0], [60.0], sim.AdditiveWeightDependence(**bounds), 1.0, 1.0,
        receptor_type="inhibitory", weight=-0.5 * W_MAX, A_minus=0.012, tau_minus=30.0,
    )  # fmt: skip
    sim.run(100.0)
    return [weight_of(synapse)], [-0.501205313025]


@check("inhibitory STDP")
def bounds_of_an_inhibitory_synapse(sim: Any) -> tuple[Any, Any]:
    """Potentiation ends at w_max, depression at 0."""
    begin(sim)
    measured = []
    for timing in TO_THE_BOUNDS:
        synapse, _ = plastic_pair(
            sim, [50.0, 90.0], [60.0],
            sim.AdditiveWeightDependence(w_min=0.0, w_max=-W_MAX), 1.0, 1.0,
            receptor_type="inhibitory", weight=-0.5 * W_MAX, **timing,
        )  # fmt: skip
        measured.append(synapse)
    sim.run(100.0)
    return [weight_of(synapse) for synapse in measured], [-1.0, 0.0]


@check("tau_minus a projection", refusable=True)
def two_values_of_tau_minus(sim: Any) -> tuple[Any, Any]:
    """Two projections onto one cell, with time constants of 10 and 30 ms."""
    begin(sim)
    target = sim.Population(
        1,
        sim.IF_curr_exp(cm=0.25, v_rest=-65.0, v_reset=-65.0, tau_syn_E=0.5, tau_refrac=20.0),
        initial_values={"v": -65.0},
    )
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=[49.8]))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[70.0]))
    sim.Projection(
        driver, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=KICK, delay=DT)
    )
    synapses = [
        sim.Projection(
            source,
            target,
            sim.AllToAllConnector(),
            sim.STDPMechanism(
                timing_dependence=sim.SpikePairRule(20.0, tau, 0.01, 0.02),
                weight_dependence=weight_dependence(sim, "additive"),
                dendritic_delay_fraction=1.0,
                weight=0.5 * W_MAX,
                delay=1.0,
            ),
        )
        for tau in (10.0, 30.0)
    ]
    sim.run(100.0)
    expected = [0.5 - 0.02 * np.exp(-19 / tau) for tau in (10.0, 30.0)]
    return [weight_of(synapse) for synapse in synapses], expected
