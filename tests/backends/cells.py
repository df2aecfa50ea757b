"""Every cell type: what makes it fire, another value of each of its parameters, and a program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyNN.standardmodels import cells as pynn

DT = 0.1
EXCITATION, INHIBITION = (5.0, 8.0, 20.0), (12.0, 24.0)


@dataclass(frozen=True)
class Kind:
    """A cell type.

    Attributes
    ----------
    weights
        Of excitation and of inhibition, in its unit.
    base
        Parameters with which it fires.
    changes
        Another value of every parameter: it changes what the cell does within 40 ms.
    variables
        Units of what can be recorded, but for spikes, as PyNN gives them.
    initial
        Another initial value of every state variable.
    tolerance
        Of signals, relative to the largest value; near the upstroke of a spike rounding grows.
    current
        Injected (nA).
    """

    weights: tuple[float, float]
    base: dict[str, float]
    changes: dict[str, float]
    variables: dict[str, str]
    initial: dict[str, float]
    tolerance: float = 1e-10
    current: float = 0.0
    receptors: tuple[str, str] = ("excitatory", "inhibitory")
    make: Callable[..., Any] | None = None


def composed(neuron: str, receptor: str) -> Callable[..., Any]:
    """What makes a `PointNeuron` with two receptors of one kind."""

    def make(sim: Any, **parameters: Any) -> Any:
        parts: dict[str, dict[str, Any]] = {"": {}, "AMPA": {}, "GABA": {}}
        for name, value in parameters.items():
            label, _, own = name.rpartition(".")
            parts[label][own] = value
        of_neuron = getattr(sim, neuron)(**parts.pop(""))
        receptors = {label: getattr(sim, receptor)(**given) for label, given in parts.items()}
        return sim.PointNeuron(of_neuron, **receptors)

    return make


_LIF = {"v_rest": -66.0, "cm": 0.2, "tau_m": 8.0, "tau_refrac": 2.0, "i_offset": 0.55,
        "v_reset": -62.0, "v_thresh": -52.0}  # fmt: skip
_SYN = {"tau_syn_E": 3.0, "tau_syn_I": 4.0}
_REVERSAL = {"e_rev_E": -10.0, "e_rev_I": -80.0}
_FAR = {"e_rev_E": -10.0, "e_rev_I": -95.0}
_CURRENTS = {"v": "mV", "isyn_exc": "nA", "isyn_inh": "nA"}
_CONDUCTANCES = {"v": "mV", "gsyn_exc": "uS", "gsyn_inh": "uS"}
_START = {"v": -60.0, "gsyn_exc": 0.01, "gsyn_inh": 0.02}
_FIRES = {"cm": 0.25, "tau_m": 10.0, "i_offset": 0.5}
_ADEX = {"cm": 0.3, "tau_refrac": 2.0, "v_spike": -35.0, "v_reset": -66.0, "v_rest": -69.0,
         "tau_m": 8.0, "i_offset": 1.1, "a": 20.0, "b": 0.03, "delta_T": 1.5, "tau_w": 60.0,
         "v_thresh": -52.0}  # fmt: skip


def _of_receptors(**values: tuple[float, float]) -> dict[str, float]:
    return {
        f"{label}.{name}": pair[place]
        for name, pair in values.items()
        for place, label in enumerate(("AMPA", "GABA"))
    }


_NAMED = ("AMPA", "GABA")
_NAMED_CONDUCTANCES = {"v": "mV", "w": "nA", "AMPA.gsyn": "uS", "GABA.gsyn": "uS"}
_NAMED_START = {"v": -62.0, "w": 0.1, "AMPA.gsyn": 0.01, "GABA.gsyn": 0.02}

KINDS = {
    "IF_curr_exp": Kind((0.6, -0.4), _FIRES, _LIF | _SYN, _CURRENTS,
                        {"v": -60.0, "isyn_exc": 0.2, "isyn_inh": -0.1}),
    "IF_curr_alpha": Kind((0.6, -0.4), _FIRES, _LIF | _SYN, _CURRENTS,
                          {"v": -60.0, "isyn_exc": 0.2, "isyn_inh": -0.1}),
    "IF_curr_delta": Kind((3.0, -2.0), _FIRES, _LIF, {"v": "mV"}, {"v": -60.0}),
    "IF_cond_exp": Kind((0.008, 0.02), _FIRES, _LIF | _SYN | _REVERSAL, _CONDUCTANCES, _START),
    "IF_cond_alpha": Kind((0.03, 0.05), _FIRES, _LIF | _SYN | _REVERSAL, _CONDUCTANCES, _START),
    "IF_cond_exp_gsfa_grr": Kind(
        (0.008, 0.02), _FIRES | {"q_rr": 100.0, "i_offset": 0.8},
        _LIF | _SYN | _REVERSAL | {
            "i_offset": 0.9, "tau_sfa": 30.0, "e_rev_sfa": -85.0, "q_sfa": 40.0, "tau_rr": 5.0,
            "e_rev_rr": -90.0, "q_rr": 300.0},
        _CONDUCTANCES | {"g_s": "nS", "g_r": "nS"}, _START | {"g_s": 10.0, "g_r": 20.0}),
    "IF_facets_hardware1": Kind(
        (0.008, 0.02), {},
        {"g_leak": 30.0, "tau_syn_E": 10.0, "tau_syn_I": 12.0, "v_reset": -70.0, "e_rev_I": -90.0,
         "v_rest": -66.0, "v_thresh": -52.0}, _CONDUCTANCES, _START, current=0.5),
    "EIF_cond_exp_isfa_ista": Kind(
        (0.01, 0.02), {"i_offset": 1.0}, _ADEX | _SYN | _FAR, _CONDUCTANCES | {"w": "nA"},
        _START | {"v": -62.0, "w": 0.1}, 1e-4),
    "EIF_cond_alpha_isfa_ista": Kind(
        (0.01, 0.02), {"i_offset": 1.0}, _ADEX | _SYN | _FAR, _CONDUCTANCES | {"w": "nA"},
        _START | {"v": -62.0, "w": 0.1}, 1e-4),
    "HH_cond_exp": Kind(
        (0.01, 0.02), {"i_offset": 0.5},
        {"gbar_Na": 25.0, "gbar_K": 7.0, "g_leak": 0.02, "cm": 0.25, "v_offset": -62.0,
         "e_rev_Na": 45.0, "e_rev_K": -95.0, "e_rev_leak": -67.0, "e_rev_E": -5.0, "e_rev_I": -75.0,
         "tau_syn_E": 0.5, "tau_syn_I": 3.0, "i_offset": 0.7},
        _CONDUCTANCES, _START | {"v": -62.0, "m": 0.05, "h": 0.6, "n": 0.3}, 1e-6),
    "Izhikevich": Kind(
        (3.0, -2.0), {"i_offset": 0.01},
        {"a": 0.03, "b": 0.22, "c": -58.0, "d": 4.0, "i_offset": 0.012},
        {"v": "mV", "u": "mV/ms"}, {"v": -62.0, "u": -12.0}, 1e-8),
    "LIF": Kind(
        (0.6, -0.4), _FIRES, _LIF | _of_receptors(tau_syn=(3.0, 4.0)),
        {"v": "mV", "AMPA.isyn": "nA", "GABA.isyn": "nA"},
        {"v": -60.0, "AMPA.isyn": 0.2, "GABA.isyn": -0.1},
        receptors=_NAMED, make=composed("LIF", "CurrExpPostSynapticResponse")),
    "AdExp with alpha": Kind(
        (0.01, 0.02), {"i_offset": 1.0, "GABA.e_syn": -75.0},
        _ADEX | _of_receptors(tau_syn=(3.0, 4.0), e_syn=(-10.0, -80.0)), _NAMED_CONDUCTANCES,
        _NAMED_START, 1e-4, receptors=_NAMED, make=composed("AdExp", "AlphaPSR")),
    "AdExp with beta": Kind(
        (0.01, 0.02), {"i_offset": 1.0, "GABA.e_syn": -75.0},
        _ADEX | _of_receptors(tau_rise=(1.0, 0.7), tau_decay=(3.0, 4.0), e_syn=(-10.0, -80.0)),
        _NAMED_CONDUCTANCES, _NAMED_START, 1e-4, receptors=_NAMED,
        make=composed("AdExp", "BetaPSR")),
}  # fmt: skip


def documented() -> dict[str, Any]:
    """PyNN's own description of each cell type that is not composed."""
    return {name: getattr(pynn, name) for name, kind in KINDS.items() if kind.make is None}


def celltype(sim: Any, name: str, **parameters: Any) -> Any:
    """A cell type with its base parameters, but for those that are given."""
    kind = KINDS[name]
    make = kind.make or (lambda sim, **given: getattr(sim, name)(**given))
    return make(sim, **(kind.base | parameters))


def begin(sim: Any) -> None:
    """A fresh network."""
    sim.setup(timestep=DT, min_delay=DT)


def drive(sim: Any, name: str, populations: list[Any], record: bool = True) -> None:
    """Give cells spikes at each receptor and a current, and record all there is."""
    kind = KINDS[name]
    assembly = sum(populations[1:], populations[0]) if len(populations) > 1 else populations[0]
    arrivals = zip(kind.weights, kind.receptors, (EXCITATION, INHIBITION), strict=True)
    for weight, receptor, times in arrivals:
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=list(times)))
        synapse = sim.StaticSynapse(weight=weight, delay=1.5)
        sim.Projection(source, assembly, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    if kind.current:
        current = sim.DCSource(amplitude=kind.current)
        for population in populations:
            current.inject_into(population)
    for population in populations if record else ():
        population.record(["spikes", *kind.variables])


def recorded(population: Any, name: str) -> tuple[list[list[float]], dict[str, np.ndarray]]:
    """Spikes (ms) of each cell, and signals (PyNN's units), each of shape (samples, cells)."""
    segment = population.get_data().segments[-1]
    spikes: list[list[float]] = [[] for _ in range(population.size)]
    for train in segment.spiketrains:
        times = np.round(train.rescale("ms").magnitude, 6).tolist()
        spikes[int(train.annotations["source_index"])] = times
    found = {signal.name: signal for signal in segment.analogsignals}
    signals = {
        variable: found[variable].rescale(unit or "dimensionless").magnitude
        for variable, unit in KINDS[name].variables.items()
    }
    return spikes, signals


def assert_same(one: Any, other: Any, tolerance: float, columns: Any = slice(None)) -> None:
    """Assert that spikes are the same, and signals to a tolerance of their largest value."""
    assert one[0] == other[0]
    for variable, values in one[1].items():
        right = other[1][variable][:, columns]
        largest = max(np.abs(right).max(), 1e-3)
        assert np.abs(values - right).max() <= tolerance * largest, variable
