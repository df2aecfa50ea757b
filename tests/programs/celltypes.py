"""Draws the parameters of a neuron of each cell type."""

from __future__ import annotations

from dataclasses import dataclass, field

from .draft import Cells, Draft

_CURRENTS = ("isyn_exc", "isyn_inh")
_CONDUCTANCES = ("gsyn_exc", "gsyn_inh")


@dataclass(frozen=True)
class CellType:
    """What a program has to know of a cell type.

    Attributes
    ----------
    share
        How often it is drawn.
    unit
        Of weights.
    signals
        What can be recorded beside spikes and v.
    more
        Parameters beside those of a leaky integrate-and-fire neuron, with lowest and highest value.
    without
        Parameters of a leaky integrate-and-fire neuron that it does not have.
    """

    share: float
    unit: str = "uS"
    signals: tuple[str, ...] = _CONDUCTANCES
    more: dict[str, tuple[float, float]] = field(default_factory=dict)
    without: tuple[str, ...] = ()


_REVERSAL = {"e_rev_E": (-10.0, 10.0), "e_rev_I": (-90.0, -70.0)}
_ADAPTIVE = _REVERSAL | {
    "delta_T": (0.5, 3.0), "a": (-2.0, 8.0), "b": (0.0, 0.1), "tau_w": (20.0, 200.0),
    "v_spike": (-44.0, 0.0),
}  # fmt: skip
_NOT_LEAKY = ("v_rest", "v_reset", "v_thresh", "tau_m", "tau_refrac")
CELLTYPES = {
    "IF_curr_exp": CellType(4, "nA", _CURRENTS),
    "IF_curr_alpha": CellType(1, "nA", _CURRENTS),
    "IF_curr_delta": CellType(1, "mV", (), without=("tau_syn_E", "tau_syn_I")),
    "IF_cond_exp": CellType(2, more=_REVERSAL),
    "IF_cond_alpha": CellType(1, more=_REVERSAL),
    "IF_cond_exp_gsfa_grr": CellType(
        1,
        signals=("g_s", "g_r", *_CONDUCTANCES),
        more=_REVERSAL | {
            "tau_sfa": (30.0, 150.0), "e_rev_sfa": (-90.0, -70.0), "q_sfa": (1.0, 20.0),
            "tau_rr": (1.0, 5.0), "e_rev_rr": (-90.0, -70.0), "q_rr": (10.0, 3000.0),
        },
    ),
    "EIF_cond_exp_isfa_ista": CellType(1, signals=("w", *_CONDUCTANCES), more=_ADAPTIVE),
    "EIF_cond_alpha_isfa_ista": CellType(1, signals=("w", *_CONDUCTANCES), more=_ADAPTIVE),
    "HH_cond_exp": CellType(
        1,
        signals=("m", "n", "h", *_CONDUCTANCES),
        more=_REVERSAL | {
            "gbar_Na": (15.0, 25.0), "gbar_K": (5.0, 7.0), "g_leak": (0.008, 0.012),
            "v_offset": (-65.0, -60.0), "e_rev_leak": (-67.0, -63.0), "e_rev_Na": (45.0, 55.0),
            "e_rev_K": (-92.0, -88.0),
        },
        without=_NOT_LEAKY,
    ),
    "Izhikevich": CellType(
        1,
        "mV",
        ("u",),
        more={"a": (0.01, 0.1), "b": (0.18, 0.22), "c": (-65.0, -50.0), "d": (0.05, 8.0)},
        without=(*_NOT_LEAKY, "cm", "tau_syn_E", "tau_syn_I"),
    ),
    "IF_facets_hardware1": CellType(
        0.5,
        more={"e_rev_I": (-90.0, -70.0), "g_leak": (20.0, 40.0)},
        without=("cm", "tau_m", "tau_refrac", "i_offset"),
    ),
}  # fmt: skip


def draw_celltype(draft: Draft) -> str:
    """The name of a cell type."""
    # NEST's Hodgkin-Huxley cell may give no number where its first step of a spike is too long.
    left_out = {"HH_cond_exp"} if draft.dt > 0.25 else set()
    shares = {name: kind.share for name, kind in CELLTYPES.items() if name not in left_out}
    return draft.pick(*shares, weights=list(shares.values()))


def draw_parameters(
    draft: Draft, celltype: str, name: str, size: int
) -> tuple[dict[str, str], Cells]:
    """Parameters of neurons, some of them different for each."""
    kind = CELLTYPES[celltype]
    v_rest = draft.pick(-65.0, -70.0, -60.0, draft.uniform(-75, -60))
    v_thresh = draft.pick(-50.0, draft.uniform(-55, -45))
    capacity, tau_m = (
        draft.pick(0.25, draft.uniform(0.1, 1.0)),
        draft.pick(20.0, draft.uniform(6, 30)),
    )
    tau_syn = [draft.uniform(0.5, 10.0), draft.uniform(0.5, 12.0)]
    if draft.chance(0.1):
        tau_syn[draft.between(0, 1)] = tau_m
    rheobase = (v_thresh - v_rest) * capacity / tau_m
    if celltype == "Izhikevich":
        capacity, rheobase, tau_syn = 0.001, 0.004, [1.0, 1.0]
    elif celltype == "HH_cond_exp":
        capacity, rheobase = 0.2, 0.3
    elif celltype == "IF_facets_hardware1":
        capacity, rheobase = 0.2, (v_thresh - v_rest) * 0.03
    elif celltype == "IF_curr_delta":
        tau_syn = [1.0, 1.0]
    drive = draft.pick(0.0, draft.uniform(0.6, 1.0), draft.uniform(1.05, 2.2)) * rheobase
    ranges = {
        "tau_m": (tau_m, 0.3), "cm": (capacity, 0.3), "v_rest": (v_rest, 0.03),
        "v_thresh": (v_thresh, 0.03), "v_reset": (v_rest + draft.pick(0.0, -5.0, 4.0), 0.03),
        "tau_syn_E": (tau_syn[0], 0.5), "tau_syn_I": (tau_syn[1], 0.5), "i_offset": (drive, 0.7),
    }  # fmt: skip
    different = draft.chance(0.4)
    parameters = {}
    for key, (value, spread) in ranges.items():
        if key in kind.without:
            continue
        if different and value and draft.chance(0.4):
            low, high = sorted((value * (1 - spread), value * (1 + spread)))
            parameters[key] = draft.several(low, high, size)
        else:
            parameters[key] = f"{value:.4g}"
    for key, (low, high) in kind.more.items():
        if draft.chance(0.3):
            continue  # its default
        several = different and draft.chance(0.3)
        drawn = draft.several(low, high, size) if several else f"{draft.uniform(low, high)}"
        parameters[key] = drawn
    if "tau_refrac" not in kind.without:
        refractory = draft.steps(0.0, draft.pick(0.5, 3.0, 8.0))
        several = different and draft.chance(0.3)
        parameters["tau_refrac"] = (
            draft.several_steps(0.0, 5.0, size) if several else str(refractory)
        )
    rate = 5.0 if drive < rheobase else 40.0
    return parameters, Cells(
        name, size, (name,), rate, (tau_syn[0], tau_syn[1]), capacity, rheobase, kind.unit, celltype
    )


def signals(cells: Cells) -> list[str]:
    """What can be recorded of a population beside its spikes."""
    return ["v", *CELLTYPES[cells.celltype].signals]


def changeable(draft: Draft, cells: Cells) -> dict[str, tuple[float, float]]:
    """Parameters that can be set for all of these cells, with lowest and highest value."""
    each = [_ranges(draft.cells[name]) for name in cells.populations]
    found = {}
    for name in each[0]:
        if all(name in ranges for ranges in each):
            low = max(ranges[name][0] for ranges in each)
            high = min(ranges[name][1] for ranges in each)
            if low < high:
                found[name] = (low, high)
    return found


def _ranges(cells: Cells) -> dict[str, tuple[float, float]]:
    kind = CELLTYPES[cells.celltype]
    ranges = {
        "i_offset": (0.5 * cells.rheobase, 1.8 * cells.rheobase), "v_thresh": (-52.0, -45.0),
        "v_rest": (-72.0, -60.0), "v_reset": (-72.0, -60.0), "tau_m": (8.0, 30.0),
        "cm": (0.7 * cells.capacity, 1.5 * cells.capacity), "tau_refrac": (0.0, 4.0),
        "tau_syn_E": (0.5, 10.0), "tau_syn_I": (0.5, 12.0),
    }  # fmt: skip
    return {name: ends for name, ends in ranges.items() if name not in kind.without} | kind.more


def states(draft: Draft, cells: Cells) -> dict[str, tuple[float, float]]:
    """State variables that can be set for all of these cells, with lowest and highest value."""
    kinds = {draft.cells[name].celltype for name in cells.populations}
    # Below all thresholds: a current-based cell that is set above its threshold while it is
    # refractory spikes at once on NEST, and after its refractory period elsewhere.
    found = {"v": (-75.0, -56.0)}
    if len(kinds) == 1:
        (kind,) = kinds
        if kind == "Izhikevich":
            found["u"] = (-16.0, -8.0)
        elif kind.startswith("EIF"):
            found["w"] = (0.0, 0.1)
        # NEST has no way to set those of the others.
        if kind not in ("Izhikevich", "HH_cond_exp") and "curr" not in kind:
            found["gsyn_exc"] = (0.0, 0.004)
    return found
