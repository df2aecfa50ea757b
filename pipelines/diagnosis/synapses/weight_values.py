"""How the weights and delays of the same synapses differ between two runs, in exact words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipelines.diagnosis.records.rounding import bits_how, decimals_how, rounded_in_one
from pipelines.diagnosis.run_pair import Cause, steps_in_words
from pipelines.diagnosis.table_differences import apart, delays_apart

LOST = "weights missing from the record"
"""Name of the cause of weights that are no numbers."""

_EQUAL = 1e-9
# A factor is told from tables of weights with 32-bit numbers, too.
_SAME_FACTOR = 1e-6
# Smallest number of synapses for a statement on all of them, on a distribution, and on a rule
# that no learning follows by chance.
_FEWEST, _FEWEST_SPREAD, _FEWEST_EXACT = 2, 20, 10
# Share of equal signs of differences that chance gives, within a few standard deviations.
_FEW_DEVIATIONS = 3.0
Floats = np.ndarray


def different_delays(
    name: str, a: pd.DataFrame, b: pd.DataFrame, timestep: float, where: tuple[str, str]
) -> Cause | None:
    """The cause of different delays of the same synapses; None if none differ or are unknown.

    Parameters
    ----------
    name
        Name of the projection.
    a, b
        One reading of it in each run, with the same pairs in the same order.
    timestep
        Time step in ms.
    where
        Phrases for "in the first run" and "in the second run".
    """
    by = delays_apart(a, b)
    differs = by != 0
    if not differs.any():
        return None
    share = float(differs.mean())
    steps = by / timestep
    whole = bool(np.all(np.abs(steps - np.rint(steps)) < 1e-6))
    if np.ptp(steps) < 1e-6:
        k = round(float(steps[0])) if whole else 0
        how = steps_in_words(k) if whole else f"{by[0]:+.6g} ms longer"
        return Cause("different delays", f"all delays of {name} are {how} {where[1]}", 1.0, k)
    first, second = a["delay_ms"].to_numpy(float), b["delay_ms"].to_numpy(float)
    ratio = second / np.where(first > 0, first, np.nan)
    text = f"{share:.1%} of the delays of {name} differ {where[1]}, {_range(steps[differs], whole)}"
    if np.ptp(second) == 0 or np.ptp(first) == 0:
        one, there = (second[0], where[1]) if np.ptp(second) == 0 else (first[0], where[0])
        text = f"all delays of {name} are {one:g} ms {there}, in the other run they are not"
    elif np.max(np.abs(ratio / np.median(ratio) - 1)) < _SAME_FACTOR:
        text = f"all delays of {name} are {np.median(ratio):.6g} times as long {where[1]}"
    elif np.array_equal(np.sort(first), np.sort(second)):
        text = f"the same delays of {name} are at other synapses {where[1]} ({share:.1%} differ)"
    return Cause("different delays", text, share)


def _range(steps: Floats, whole: bool) -> str:
    """Range of differences in time steps, and whether they are symmetric."""
    number = "{:.0f}" if whole else "{:.3g}"
    low, high = number.format(steps.min()), number.format(steps.max())
    if low == high:
        return f"by {low} step{'' if abs(steps.min()) == 1 else 's'}"
    said = f"by {low} to {high} steps"
    longer = int(np.sum(steps > 0))
    if len(steps) >= _FEWEST_SPREAD and _balanced(longer, len(steps)):
        said += ", as often longer as shorter"
    return said


def _balanced(number: int, total: int) -> bool:
    """Whether a number of signs is that of a fair coin."""
    return abs(number - total / 2) <= _FEW_DEVIATIONS * np.sqrt(total) / 2


def different_values(
    name: str, a: pd.DataFrame, b: pd.DataFrame, where: tuple[str, str]
) -> Iterator[tuple[Cause, bool]]:
    """The cause of different weights of the same synapses, and whether no learning does the same.

    Parameters
    ----------
    name
        Name of the projection.
    a, b
        One reading of it in each run, with the same pairs in the same order.
    where
        Phrases for "in the first run" and "in the second run".

    Yields
    ------
    cause, exact
        At most one cause; `exact` if each of many weights is a function of that in the other run,
        as no learning makes it.
    """
    first, second = a["weight"].to_numpy(float), b["weight"].to_numpy(float)
    differs = apart(first, second)
    if not differs.any():
        return
    lost = np.isnan(first) != np.isnan(second)
    if lost.any():
        where_lost = where[int(np.isnan(second[lost]).any())]
        text = (
            f"{int(lost.sum()):,} of {len(first):,} weights of {name} are no numbers {where_lost}"
        )
        yield Cause(LOST, text, float(lost.mean())), True
        return
    share, n = float(differs.mean()), int(differs.sum())
    if text := one_weight_a_pair(a, b, where):
        yield Cause("one weight for all synapses of a pair", f"{name}: {text}"), True
        return
    if how := rounded_in_one(bits_how, first, second, where):
        yield Cause("weights rounded", f"weights of {name} are {how}", share), True
        return
    if found := _factor(name, first, second, where):
        yield found, len(first) >= _FEWEST_EXACT
        return
    if how := rounded_in_one(decimals_how, first, second, where):
        yield Cause("weights rounded", f"weights of {name} are {how}", share), True
        return
    verb = "differs" if n == 1 else "differ"
    counted = f"{n:,} of {len(first):,} weights of {name} ({share:.2%}) {verb}"
    many = len(first) >= _FEWEST_EXACT
    # Rules of plasticity change single weights alike, and rules that do nothing leave them equal.
    exact = many and bool(differs.all()) and np.ptp(second) > 0 and np.ptp(first) > 0
    if text := _shared_change(a, first, second, differs):
        pass
    elif np.array_equal(np.sort(first), np.sort(second)):
        exact, text = many, "the same values are at other synapses"
    elif not (text := _per_neuron(a, first, second)):
        exact, text = False, _spread(first, second, differs)
    yield Cause("different weights", f"{counted} {where[1]}: {text}", share), exact


def _factor(name: str, first: Floats, second: Floats, where: tuple[str, str]) -> Cause | None:
    """All weights times the same factor."""
    acting = first != 0
    if not acting.any() or np.any(second[~acting] != 0):
        return None
    ratio = second[acting] / first[acting]
    factor = float(np.median(ratio))
    if np.abs(ratio - factor).max() > _SAME_FACTOR * abs(factor) or abs(factor - 1) < _SAME_FACTOR:
        return None
    if abs(factor + 1) < _EQUAL:
        return Cause("sign of the weights", f"every weight of {name} has the other sign")
    if factor == 0:
        return Cause("weights scaled", f"every weight of {name} is 0 {where[1]}")
    text = f"every weight of {name} is {factor:.6g} times as large {where[1]}"
    return Cause("weights scaled", text)


def _shared_change(a: pd.DataFrame, first: Floats, second: Floats, differs: np.ndarray) -> str:
    """In words, one change that all weights that differ have in common; empty if none."""
    x, y = first[differs], second[differs]
    if len(x) == 1:
        row = a.iloc[int(np.flatnonzero(differs)[0])]
        return f"{y[0]:.6g} instead of {x[0]:.6g}, from neuron {row['pre']} to {row['post']}"
    by = y - x
    if np.ptp(by) <= _SAME_FACTOR * np.abs(by).max():
        return f"each is larger by {by[0]:.6g}" if by[0] > 0 else f"each is smaller by {-by[0]:.6g}"
    if np.all(y == 0):
        return "they are 0"
    if np.all(x != 0):
        ratio = y / x
        if np.ptp(ratio) <= _SAME_FACTOR * np.abs(ratio).max():
            return f"each is {np.median(ratio):.6g} times as large"
    if np.ptp(y) == 0 and np.ptp(x) > 0:
        return f"they are all {y[0]:.6g}"
    return ""


def _per_neuron(a: pd.DataFrame, first: Floats, second: Floats) -> str:
    """In words, if the factor is one of the presynaptic or postsynaptic neuron."""
    if np.any(first == 0):
        return ""
    ratio = pd.Series(second / first)
    for column, said in (("pre", "presynaptic"), ("post", "postsynaptic")):
        groups = ratio.groupby(a[column].to_numpy())
        several = groups.size() > 1
        spread = (groups.max() - groups.min())[several]
        if several.sum() >= _FEWEST and spread.max() <= _SAME_FACTOR * ratio.abs().max():
            low, high = ratio.min(), ratio.max()
            return f"by a factor of each {said} neuron, from {low:.4g} to {high:.4g}"
    return ""


def _spread(first: Floats, second: Floats, differs: np.ndarray) -> str:
    """In words, the size of differences that have nothing in common."""
    by = (second - first)[differs]
    largest = max(np.nanmax(np.abs(first)), np.nanmax(np.abs(second)))
    said = f"by up to {np.nanmax(np.abs(by)) / largest:.2g} of the largest"
    if len(by) >= _FEWEST_SPREAD:
        if _balanced(int(np.sum(by > 0)), len(by)):
            said += ", as often larger as smaller"
        elif np.all(by > 0) or np.all(by < 0):
            said += f", all of them {'larger' if by[0] > 0 else 'smaller'}"
    return said


def one_weight_a_pair(a: pd.DataFrame, b: pd.DataFrame, where: tuple[str, str]) -> str:
    """Text on synapses of a pair that share one weight in one run only; empty if none do."""
    several = a.duplicated(["pre", "post"], keep=False).to_numpy()
    if not several.any():
        return ""
    alike = [
        bool((table[several].groupby(["pre", "post"])["weight"].nunique() == 1).all())
        for table in (a, b)
    ]
    if alike[0] == alike[1]:
        return ""
    return f"several synapses from one neuron to another have one weight {where[alike[1]]}"
