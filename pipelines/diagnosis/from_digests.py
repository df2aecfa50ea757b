"""Signatures in the records of runs: parameters, seeds, and digests of inputs and connectivity."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.diagnosis.run_pair import Cause, Pair


def different_parameters(pair: Pair) -> Iterator[Cause]:
    """Different values of a parameter of the experiment."""
    own = ("run_id", "point_id", "backend", "seed", "experiment")
    first, second = (one.record.get("parameters", {}) for one in (pair.a, pair.b))
    if not isinstance(first, dict) or not isinstance(second, dict):
        return
    apart = [
        f"{name} = {first[name]} and {second[name]}"
        for name in first
        if name in second and name not in own and first[name] != second[name]
    ]
    if apart:
        yield Cause("different parameters", "; ".join(apart), 1.0)


def different_seed(pair: Pair) -> Iterator[Cause]:
    """Different seeds."""
    seeds = [one.record.get("seed") for one in (pair.a, pair.b)]
    if None not in seeds and seeds[0] != seeds[1]:
        yield Cause(
            "different seeds", f"the runs were drawn from seeds {seeds[0]}, {seeds[1]}", 1.0
        )


def different_inputs(pair: Pair) -> Iterator[Cause]:
    """Different inputs or initial values, by their digest."""
    yield from _different_digest(pair, "input_sha256", "inputs or initial values")


def different_connectivity(pair: Pair) -> Iterator[Cause]:
    """Different connections, weights or delays; the digest does not say which of them."""
    yield from _different_digest(pair, "connectivity_sha256", "connectivity")


def _different_digest(pair: Pair, column: str, what: str) -> Iterator[Cause]:
    first, second = (_text(one.record.get(column)) for one in (pair.a, pair.b))
    if first and second and first != second:
        yield Cause(
            f"different {what}",
            f"the {what} handed to the simulators have the digests {first[:8]} and {second[:8]}",
            1.0,
        )


def _text(value: object) -> str:
    """A value of a record if it is text, otherwise an empty text; tables may lack it."""
    return value if isinstance(value, str) else ""
