"""The networks as hand-written Brian2: one `connect(i=, j=)` a projection, or for all synapses."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from typing import Any

import numpy as np

from .measured_network import A_MINUS, A_PLUS, CELL, DELAY, DT, TAU_MINUS, TAU_PLUS, Network
from .microcircuit import Microcircuit
from .projection_grid import NEURONS, ProjectionGrid

_CELL = """
dv/dt = (v_rest - v)/tau_m + (ie + ii + i_offset)/c_m : volt (unless refractory)
die/dt = -ie/tau_syn_E : amp
dii/dt = -ii/tau_syn_I : amp
"""
# Where all synapses have one time constant, and each cell an injected current of its own.
_ONE_CURRENT_CELL = """
dv/dt = (v_rest - v)/tau_m + (i_syn + i_offset)/c_m : volt (unless refractory)
di_syn/dt = -i_syn/tau_syn_E : amp
i_offset : amp (constant)
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


# Stock PyNN makes one synapse at a time: beyond this it needs minutes.
STOCK_SYNAPSES = 20_000


def prepare() -> None:
    """Import the simulator."""
    import brian2  # noqa: F401


@singledispatch
def build(network: Any) -> dict[str, Any]:
    """Make a network; return it with its spike monitors and their numbers of cells."""
    raise TypeError(f"{type(network).__name__}: no code for it was written by hand")


@build.register
def _(network: Network) -> dict[str, Any]:
    import brian2
    from brian2 import ms, nA

    brian2.defaultclock.dt = DT * ms
    names = {
        **_equation_constants(CELL),
        "i_offset": CELL["i_offset"] * nA,
        "tau_plus": TAU_PLUS * ms,
        "tau_minus": TAU_MINUS * ms,
        "A_plus": A_PLUS,
        "A_minus": A_MINUS,
        "w_max": network.w_max * nA,
    }
    start = network.initial_potentials()
    groups, monitors, objects = {}, {}, []
    for name in network.sizes:
        groups[name] = _make_cells(_CELL, CELL, start[name], names)
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


@build.register
def _(network: ProjectionGrid) -> dict[str, Any]:
    pre, post, weight, delay = (np.asarray(column) for column in zip(*network.edges(), strict=True))
    source, target = np.divmod(np.arange(NEURONS**2), NEURONS)
    return _build_one_group(
        CELL,
        network.initial_potentials().ravel(),
        np.full(network.populations * NEURONS, CELL["i_offset"]),
        (pre[:, None] * NEURONS + source).ravel().astype(np.int32),
        (post[:, None] * NEURONS + target).ravel().astype(np.int32),
        [(np.repeat(weight, NEURONS**2), np.repeat(delay, NEURONS**2))],
    )


@build.register
def _(network: Microcircuit) -> dict[str, Any]:
    sizes, drive = network.sizes, network.drive
    pathways = network.pathways()
    first = dict(zip(sizes, np.cumsum([0, *sizes.values()])[:-1].tolist(), strict=True))
    source, target = (np.empty(network.synapses, dtype=np.int32) for _ in range(2))
    end = 0
    for pathway in pathways:
        for pre, post in network.pairs(pathway):
            begin, end = end, end + len(pre)
            source[begin:end] = pre + first[pathway.pre]
            target[begin:end] = post + first[pathway.post]
    return _build_one_group(
        network.cell,
        np.concatenate(list(network.initial_potentials().values())),
        np.repeat(list(drive.values()), list(sizes.values())),
        source,
        target,
        (block for pathway in pathways for block in network.weights_and_delays(pathway)),
    )


def _build_one_group(
    cell: dict[str, float],
    start: np.ndarray,
    drive: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    values: Iterable[tuple[np.ndarray, np.ndarray]],
) -> dict[str, Any]:
    """Make one `NeuronGroup` and one `Synapses`.

    Parameters
    ----------
    start, drive
        Initial potential (mV) and constant current (nA) of every cell.
    source, target
        Of every synapse, int32.
    values
        Weights (nA) and delays (ms) of the synapses, in parts.
    """
    import brian2
    from brian2 import ms, nA

    brian2.defaultclock.dt = DT * ms
    group = _make_cells(_ONE_CURRENT_CELL, cell, start, _equation_constants(cell))
    group.i_offset = drive * nA
    monitor = brian2.SpikeMonitor(group)
    made = {"monitors": {"all": monitor}, "sizes": {"all": len(start)}}
    if not len(source):
        return {"network": brian2.Network(group, monitor), **made}
    synapses = brian2.Synapses(group, group, "w : amp", on_pre="i_syn_post += w")
    synapses.connect(i=source, j=target)
    # Without a detour by indices of all synapses.
    weights = synapses.variables["w"].get_value()
    delays = synapses.pre.variables["delay"].get_value()
    end = 0
    for weight, delay in values:
        begin, end = end, end + len(weight)
        weights[begin:end] = 1e-9 * weight
        delays[begin:end] = 1e-3 * delay
    return {"network": brian2.Network(group, monitor, synapses), **made}


def _equation_constants(cell: dict[str, float]) -> dict[str, Any]:
    """Names in the equations, with units, from parameters in PyNN's units."""
    from brian2 import ms, mV, nF

    return {
        "c_m": cell["cm"] * nF,
        **{name: cell[name] * ms for name in ("tau_m", "tau_syn_E", "tau_syn_I")},
        **{name: cell[name] * mV for name in ("v_rest", "v_reset", "v_thresh")},
    }


def _make_cells(
    equations: str, cell: dict[str, float], start: np.ndarray, names: dict[str, Any]
) -> Any:
    """Make cells with these initial potentials, in mV."""
    import brian2
    from brian2 import ms, mV

    group = brian2.NeuronGroup(
        len(start),
        equations,
        threshold="v >= v_thresh",
        reset="v = v_reset",
        # Brian2 lets a neuron go on in the step that completes the period.
        refractory=(cell["tau_refrac"] + DT) * ms,
        method="exact",
        namespace=names,
    )
    group.v = start * mV
    return group


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


def recorded_spikes(population: Any) -> tuple[np.ndarray, np.ndarray]:
    """Indices and times (ms) of the spikes that were recorded of a population of PyNN's."""
    first = int(population.rows[0])
    rows, steps = population.recorder._spike_monitor.spikes_of(first, first + population.size)
    return rows - first, steps * DT
