"""The network as hand-written Brian2: one `connect(i=, j=)` a projection."""

from __future__ import annotations

from typing import Any

import numpy as np

from .networks import A_MINUS, A_PLUS, CELL, DELAY, DT, TAU_MINUS, TAU_PLUS, Network

_CELL = """
dv/dt = (v_rest - v)/tau_m + (ie + ii + i_offset)/c_m : volt (unless refractory)
die/dt = -ie/tau_syn_E : amp
dii/dt = -ii/tau_syn_I : amp
"""
# NEST's convention: the whole delay is dendritic. A presynaptic spike is at the synapse at once
# and its weight is under way for the delay; a postsynaptic one needs the delay to get there.
# Two spikes that meet at the synapse in one step are no pair.
_PLASTIC = """
w : amp
sent : amp
pre_trace : 1
post_trace : 1
before : 1
pre_time : second
post_time : second
"""
_ON_POST = """
w = clip(w + w_max*A_plus*pre_trace*exp((pre_time - t)/tau_plus), 0*amp, w_max)
before = post_trace*exp((post_time - t)/tau_minus)
post_trace = before + 1
post_time = t
"""
_ON_PRE = """
seen = int(post_time < t)*post_trace*exp((post_time - t)/tau_minus) + int(post_time == t)*before
w = clip(w - w_max*A_minus*seen, 0*amp, w_max)
sent = w
pre_trace = pre_trace*exp((pre_time - t)/tau_plus) + 1
pre_time = t
"""


def prepare() -> None:
    """Import the simulator."""
    import brian2  # noqa: F401


def build(network: Network) -> dict[str, Any]:
    """Make the network; return it with its spike monitors."""
    import brian2
    from brian2 import ms, mV, nA, nF

    brian2.defaultclock.dt = DT * ms
    names = {
        "c_m": CELL["cm"] * nF,
        "i_offset": CELL["i_offset"] * nA,
        **{name: CELL[name] * ms for name in ("tau_m", "tau_syn_E", "tau_syn_I")},
        **{name: CELL[name] * mV for name in ("v_rest", "v_reset", "v_thresh")},
        "tau_plus": TAU_PLUS * ms,
        "tau_minus": TAU_MINUS * ms,
        "A_plus": A_PLUS,
        "A_minus": A_MINUS,
        "w_max": network.w_max * nA,
    }
    start = network.initial_potentials()
    groups, monitors, objects = {}, {}, []
    for name, size in network.sizes.items():
        groups[name] = brian2.NeuronGroup(
            size,
            _CELL,
            threshold="v >= v_thresh",
            reset="v = v_reset",
            # Brian2 lets a neuron go on in the step that completes the period.
            refractory=(CELL["tau_refrac"] + DT) * ms,
            method="exact",
            namespace=names,
        )
        groups[name].v = start[name] * mV
        monitors[name] = brian2.SpikeMonitor(groups[name])
    for pre, post, inhibitory, source, target in network.edges():
        if network.plastic and pre == post == "exc":
            synapses = brian2.Synapses(
                groups[pre],
                groups[post],
                _PLASTIC,
                on_pre={"arrive": _ON_PRE, "deliver": "ie_post += sent"},
                on_post={"post": _ON_POST},
                delay={"deliver": DELAY * ms, "post": DELAY * ms},
                namespace=names,
            )
            synapses.post.order, synapses.arrive.order, synapses.deliver.order = -3, -2, -1
        else:
            current = "ii" if inhibitory else "ie"
            synapses = brian2.Synapses(
                groups[pre],
                groups[post],
                "w : amp",
                on_pre=f"{current}_post += w",
                delay=DELAY * ms,
                namespace=names,
            )
        synapses.connect(i=source, j=target)
        synapses.w = (network.inhibitory_weight if inhibitory else network.weight) * nA
        objects.append(synapses)
    whole = brian2.Network(*groups.values(), *monitors.values(), *objects)
    return {"network": whole, "monitors": monitors, "sizes": network.sizes}


def run(state: dict[str, Any], duration: float) -> None:
    """Simulate for `duration`, in ms."""
    from brian2 import ms

    state["network"].run(duration * ms)


def spikes(state: dict[str, Any], until: float) -> tuple[np.ndarray, np.ndarray]:
    """Cells (inhibitory ones after excitatory) and time steps of all spikes up to `until` ms."""
    from brian2 import ms

    cells, steps, first = [], [], 0
    for name, monitor in state["monitors"].items():
        cells.append(np.asarray(monitor.i[:], dtype=np.int64) + first)
        # Brian2 stamps a spike with the beginning of its step.
        steps.append(np.rint(np.asarray(monitor.t[:] / ms) / DT).astype(np.int64) + 1)
        first += state["sizes"][name]
    cell, step = np.concatenate(cells), np.concatenate(steps)
    keep = step <= round(until / DT)
    return cell[keep], step[keep]
