"""Differences between what two backends report of the network that they built: facts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipelines.diagnosis.repeats.built_network import BuiltNetwork, BuiltPopulation, BuiltProjection
from pipelines.diagnosis.run_pair import Cause, Pair, joined, mode, steps_in_words

# Relative difference that is no rounding error.
_SAME = 1e-9
_MOST_NAMED = 3
_SYNAPTIC = ("tau_syn_E", "tau_syn_I")


def build_causes(pair: Pair) -> list[Cause]:
    """Find parameters, initial values, trains and synapses that differ in the networks as built.

    Parameters
    ----------
    pair
        The runs, with `Evidence.built`.

    Returns
    -------
    list of Cause
        Empty if a network is not known, or both are the same.
    """
    a, b = pair.a.built, pair.b.built
    if not isinstance(a, BuiltNetwork) or not isinstance(b, BuiltNetwork):
        return []
    found = list(_different_sets(a, b, pair.where))
    for name in sorted(a.populations.keys() & b.populations.keys()):
        found += _populations(name, a.populations[name], b.populations[name], pair)
    for name in sorted(a.projections.keys() & b.projections.keys()):
        found += _projections(name, a.projections[name], b.projections[name], pair)
    return _merged(found)


def _different_sets(a: BuiltNetwork, b: BuiltNetwork, where: tuple[str, str]) -> Iterator[Cause]:
    """Populations and projections that only one run has."""
    for kind in ("populations", "projections"):
        first, second = getattr(a, kind), getattr(b, kind)
        for here, there, which in ((first, second, where[0]), (second, first, where[1])):
            if lonely := sorted(here.keys() - there.keys()):
                text = f"{joined(lonely)} only {which}"
                yield Cause("missing projection" if kind == "projections" else
                            "different populations", text)  # fmt: skip


def _populations(name: str, a: BuiltPopulation, b: BuiltPopulation, pair: Pair) -> Iterator[Cause]:
    if a.cell_type != b.cell_type:
        text = f"{name} has cells of type {a.cell_type} {pair.where[0]}, {b.cell_type}"
        yield Cause("different cell type", f"{text} {pair.where[1]}")
        return
    kinds = a.parameters.keys() & b.parameters.keys()
    if {*_SYNAPTIC} <= kinds and _are_exchanged(a, b):
        text = f"{_SYNAPTIC[0]} and {_SYNAPTIC[1]} of {name} are exchanged"
        yield Cause("tau_syn_E and tau_syn_I exchanged", f"{text} {pair.where[1]}")
        kinds -= {*_SYNAPTIC}
    for kind in sorted(kinds):
        if text := _compared(a.parameters[kind], b.parameters[kind], "neurons", pair.where):
            yield Cause(f"different {kind}", f"{kind} of {name} {text}")
    for kind in sorted(a.initial.keys() & b.initial.keys()):
        if text := _compared(a.initial[kind], b.initial[kind], "neurons", pair.where):
            cause = "different initial potential" if kind == "v" else f"different initial {kind}"
            yield Cause(cause, f"initial {kind} of {name} {text}")
    if a.trains is not None and b.trains is not None:
        yield from _trains(name, a.trains, b.trains, pair)


def _are_exchanged(a: BuiltPopulation, b: BuiltPopulation) -> bool:
    """Whether the time constants of excitation and inhibition are exchanged, and not the same."""
    first, second = ([one.parameters[name] for name in _SYNAPTIC] for one in (a, b))
    return len(first[0]) == len(second[0]) and bool(
        np.allclose(first, second[::-1], rtol=_SAME, atol=0.0)
        and not np.allclose(first, second, rtol=_SAME, atol=0.0)
    )


def _compared(x: np.ndarray, y: np.ndarray, things: str, where: tuple[str, str]) -> str:
    """How two arrays differ, in words; empty if they do not."""
    if len(x) != len(y):
        if len(x) != 1 and len(y) != 1:
            return ""
        x, y = np.broadcast_arrays(x, y)
    largest = np.maximum(np.abs(x), np.abs(y))
    apart = ~((np.abs(x - y) <= _SAME * largest) | (np.isnan(x) & np.isnan(y)) | (x == y))
    if not apart.any():
        return ""
    x, y, n = x[apart], y[apart], int(apart.sum())
    first = f"{x[0]:.9g} {where[0]} and {y[0]:.9g} {where[1]}"
    of = f"all {n}" if n == len(apart) else f"{n} of {len(apart)}"
    of = "all" if len(apart) == 1 else of
    text = f"is {first} (in {of} {things}"
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, difference = y / x, y - x
    if n > 1:
        text = text.replace("is ", "is, first, ", 1) if np.ptp(x) or np.ptp(y) else text
        # Potentials, which are negative, are not scaled.
        is_shift = np.ptp(difference) <= 1e-6 * np.abs(difference).max()
        if is_shift and things == "neurons" and np.all(x < 0) and np.all(y < 0):
            text += f"; {difference[0]:+.7g} in each of them"
        elif np.isfinite(ratio).all() and np.ptp(ratio) <= 1e-6 * np.abs(ratio).max():
            text += f"; {ratio[0]:.7g} times as large in each of them"
        elif is_shift:
            text += f"; {difference[0]:+.7g} in each of them"
    return f"{text})"


def _trains(name: str, a: list[np.ndarray], b: list[np.ndarray], pair: Pair) -> Iterator[Cause]:
    """Spike trains of sources that differ."""
    apart = [
        k for k, (x, y) in enumerate(zip(a, b, strict=False))
        if len(x) != len(y) or not np.allclose(x, y, rtol=0.0, atol=0.01 * pair.timestep)
    ]  # fmt: skip
    if not apart:
        return
    text = f"trains of {len(apart)} of {len(a)} sources of {name} differ"
    pieces = [(a[k], b[k]) for k in apart if len(a[k]) == len(b[k]) and len(a[k])]
    shifts = [np.rint((y - x) / pair.timestep).astype(int) for x, y in pieces]
    if len(pieces) == len(apart) and shifts:
        all_shifts = np.concatenate(shifts)
        steps, share = mode(all_shifts)
        if share == 1.0:
            text += f": each spike is {steps_in_words(steps, 'later', 'earlier')} {pair.where[1]}"
            yield Cause("inputs delayed", text, 1.0, steps)
            return
    distinct = [len({tuple(train) for train in trains}) for trains in (a, b)]
    if min(distinct) == 1 < max(distinct):
        which = distinct.index(1)
        yield Cause("one train for all", f"{text}: they are all the same {pair.where[which]}")
        return
    sizes = [sum(len(train) for train in trains) for trains in (a, b)]
    lost = [sum(len(np.setdiff1d(_steps(x, pair), _steps(y, pair))) for x, y in both)
            for both in (zip(a, b, strict=False), zip(b, a, strict=False))]  # fmt: skip
    text += f": {sizes[0]:,} spikes {pair.where[0]} and {sizes[1]:,} {pair.where[1]}"
    if 0 in lost and max(lost) < 0.5 * max(sizes):
        which = int(lost[0] == 0)
        text += f", of which {max(lost):,} are there {pair.where[which]} alone"
        yield Cause("missing or further input", text)
    else:
        yield Cause("different inputs", text)


def _steps(train: np.ndarray, pair: Pair) -> np.ndarray:
    return np.rint(train / pair.timestep).astype(np.int64)


def _projections(name: str, a: BuiltProjection, b: BuiltProjection, pair: Pair) -> Iterator[Cause]:
    where = pair.where
    for kind, cause in (
        ("receptor", "different receptor"), ("synapse", "different synapse type"),
        ("timing", "different timing dependence"), ("weight_dependence",
                                                    "different weight dependence"),
    ):  # fmt: skip
        first, second = getattr(a, kind), getattr(b, kind)
        if first != second:
            text = f"{kind.replace('_', ' ')} of {name} is {first or 'none'} {where[0]}"
            yield Cause(cause, f"{text} and {second or 'none'} {where[1]}")
    if a.pre is not None and b.pre is not None and a.post is not None and b.post is not None:
        if len(a.pre) != len(b.pre):
            text = f"{name} has {len(a.pre):,} synapses {where[0]} and {len(b.pre):,} {where[1]}"
            if len(b.pre) == 2 * len(a.pre) and np.array_equal(np.repeat(a.pre, 2), b.pre):
                yield Cause("synapses doubled", text)
            else:
                yield Cause("different connectivity", text)
            return
        moved = (a.pre != b.pre) | (a.post != b.post)
        if moved.any():
            text = (
                f"{int(moved.sum()):,} of {len(moved):,} synapses of {name} connect other neurons"
            )
            yield Cause("different connectivity", text)
            return
    kinds = a.parameters.keys() & b.parameters.keys()
    if a.weight_dependence != b.weight_dependence:
        kinds -= {"mu_plus", "mu_minus"}  # which express the dependence
    for kind in sorted(kinds):
        if text := _compared(a.parameters[kind], b.parameters[kind], "synapses", where):
            yield Cause(_name(kind, a, b), f"{kind} of {name} {text}")


def _name(kind: str, a: BuiltProjection, b: BuiltProjection) -> str:
    """Name of the cause for a parameter of synapses that differs."""
    if kind == "delay":
        return "different delays"
    if kind == "dendritic_delay_fraction":
        return "different dendritic delay"
    if kind != "weight":
        return f"different {kind}"
    if a.synapse != "StaticSynapse":
        return "different initial weights"
    x, y = np.broadcast_arrays(a.parameters[kind], b.parameters[kind])
    if not np.all(x):
        return "different weights"
    ratio = y / x
    if np.ptp(ratio) > 1e-6 * np.abs(ratio).max():
        return "different weights"
    return "sign of the weights" if abs(ratio[0] + 1) < 1e-6 else "weights scaled"


def _merged(found: list[Cause]) -> list[Cause]:
    """One cause of each name."""
    texts: dict[str, list[Cause]] = {}
    for cause in found:
        texts.setdefault(cause.name, []).append(cause)
    merged = []
    for name, causes in texts.items():
        said = "; ".join(cause.explanation for cause in causes[:_MOST_NAMED])
        if len(causes) > _MOST_NAMED:
            said += f"; and {len(causes) - _MOST_NAMED} more"
        steps = {cause.steps for cause in causes}
        merged.append(Cause(name, said, 1.0, steps.pop() if len(steps) == 1 else 0))
    return merged
