"""How the pairs of neurons that a projection connects differ between two runs, in exact words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipelines.diagnosis.run_pair import Cause

Ints = np.ndarray

# Share of common pairs, relative to chance, below which lists of pairs are unrelated.
_UNRELATED = 1.5


def different_pairs(
    name: str, a: pd.DataFrame, b: pd.DataFrame, where: tuple[str, str]
) -> Cause | None:
    """The cause of different pairs of a projection; None if its pairs are the same.

    Parameters
    ----------
    name
        Name of the projection.
    a, b
        One reading of it in each run: columns pre, post.
    where
        Phrases for "in the first run" and "in the second run".
    """
    x, y = (_sorted(table[["pre", "post"]].to_numpy(np.int64)) for table in (a, b))
    if np.array_equal(x, y):
        return None
    if not len(a) or not len(b):
        there, number = (where[1], len(a)) if len(a) else (where[0], len(b))
        text = f"{name} has no connections {there}, and {number:,} in the other run"
        return Cause("missing projection", text)
    for test in (_repeated, _autapses, _transposed, _shifted_indices, _fewer, _rewired):
        found = next(test(name, x, y, where), None)
        if found is not None:
            return found
    return _unlike(name, x, y)


def _sorted(pairs: Ints) -> Ints:
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _counts(x: Ints, y: Ints) -> tuple[Ints, Ints, Ints]:
    """All pairs of two lists, and how often each list has them."""
    unique, owner = np.unique(np.concatenate([x, y]), axis=0, return_inverse=True)
    owner = owner.ravel()
    n_x = np.bincount(owner[: len(x)], minlength=len(unique))
    return unique, n_x, np.bincount(owner[len(x) :], minlength=len(unique))


def _repeated(name: str, a: Ints, b: Ints, where: tuple[str, str]) -> Iterator[Cause]:
    """Synapses that one run has several times."""
    _, n_a, n_b = _counts(a, b)
    for few, many, there in ((n_a, n_b, where[1]), (n_b, n_a, where[0])):
        more = many > few
        if np.any(many < few) or np.any(few[more] == 0):
            continue
        times = np.unique(many / few)
        if len(times) == 1:
            often = "twice" if times[0] == 2 else f"{times[0]:g} times as often"
            yield Cause("synapses doubled", f"every synapse of {name} is there {often} {there}")
        else:
            extra, share = int((many - few).sum()), float((many - few).sum() / few.sum())
            text = f"{extra:,} synapses of {name} ({share:.2%}) are there once more {there}"
            yield Cause("synapses doubled", text, share)


def _autapses(name: str, a: Ints, b: Ints, where: tuple[str, str]) -> Iterator[Cause]:
    for few, many, there in ((a, b, where[1]), (b, a, where[0])):
        itself = many[:, 0] == many[:, 1]
        if itself.any() and np.array_equal(many[~itself], few):
            text = f"{int(itself.sum()):,} neurons of {name} are connected to themselves {there}"
            yield Cause("autapses", text)


def _transposed(name: str, a: Ints, b: Ints, where: tuple[str, str]) -> Iterator[Cause]:
    if np.array_equal(a, _sorted(b[:, ::-1])):
        yield Cause("pre and post exchanged", f"{name} goes from post to pre {where[1]}")


def _shifted_indices(name: str, a: Ints, b: Ints, where: tuple[str, str]) -> Iterator[Cause]:
    """Indices of neurons that are larger by a constant, also if they begin again at 0."""
    if len(a) != len(b):
        return
    sizes = 1 + np.maximum(a.max(axis=0), b.max(axis=0))
    for by in (1, -1):
        for columns, said in (((1, 0), "pre"), ((0, 1), "post"), ((1, 1), "pre and post")):
            moved = a + by * np.array(columns)
            for how, pairs in (("", moved), (", the last one as the first", moved % sizes)):
                if np.array_equal(_sorted(pairs), b):
                    text = f"indices {said} of {name} are {by:+d} {where[1]}{how}"
                    yield Cause("neuron indices shifted", text)


def _fewer(name: str, a: Ints, b: Ints, where: tuple[str, str]) -> Iterator[Cause]:
    """Pairs of one run that are a part of those of the other."""
    unique, n_a, n_b = _counts(a, b)
    for full, part, there in ((n_a, n_b, where[1]), (n_b, n_a, where[0])):
        if np.any(part > full):
            continue
        lost = full > part
        number, total = int((full - part).sum()), int(full.sum())
        text = (
            f"{number:,} of {total:,} synapses of {name} ({number / total:.2%}) are missing {there}"
        )
        text += f"{_whose(unique, lost, part > 0)}; all others are the same"
        yield Cause("different connectivity", text, number / total)


def _whose(unique: Ints, lost: Ints, there: Ints) -> str:
    """In words, if all synapses of some neurons are missing, and no others."""
    for column, said in ((0, "from"), (1, "to")):
        neurons = np.unique(unique[lost, column])
        if not np.isin(neurons, unique[there, column]).any():
            some = ", ".join(str(k) for k in neurons[:3]) + (", ..." if len(neurons) > 3 else "")
            return f", all those {said} neuron{'s' if len(neurons) > 1 else ''} {some}"
    return ""


def _rewired(name: str, a: Ints, b: Ints, where: tuple[str, str]) -> Iterator[Cause]:
    """As many synapses, some of them between other neurons."""
    if len(a) != len(b):
        return
    _, n_a, n_b = _counts(a, b)
    other = int(np.maximum(n_a - n_b, 0).sum())
    degrees = [np.array_equal(np.sort(a[:, column]), np.sort(b[:, column])) for column in (0, 1)]
    kept = {(True, True): "each neuron sends and receives as many as before",
            (True, False): "each neuron sends as many as before",
            (False, True): "each neuron receives as many as before"}.get(
        (degrees[0], degrees[1]), "numbers of synapses of single neurons differ")  # fmt: skip
    share = other / len(a)
    text = f"{name} has {len(a):,} synapses in both, {other:,} ({share:.2%}) between other neurons"
    yield Cause("different connectivity", f"{text}; {kept}", share)


def _unlike(name: str, a: Ints, b: Ints) -> Cause:
    """Other pairs, and another number of them."""
    unique, n_a, n_b = _counts(a, b)
    common = int(np.minimum(n_a, n_b).sum())
    possible = np.prod(1 + unique.max(axis=0).astype(float))
    chance = len(a) * len(b) / possible
    text = f"{name} has {len(a):,} and {len(b):,} synapses, {common:,} of them in common"
    if common <= _UNRELATED * chance:
        text += ", as by chance: another draw"
    return Cause("different connectivity", text, 1 - common / max(len(a), len(b)))
