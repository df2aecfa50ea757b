"""Signatures of two runs' records: what was to be simulated, and what the simulators were given."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.diagnosis.run_pair import Cause, Pair


def different_parameters(pair: Pair) -> Iterator[Cause]:
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
    seeds = [one.record.get("seed") for one in (pair.a, pair.b)]
    if None not in seeds and seeds[0] != seeds[1]:
        yield Cause(
            "different seeds", f"the runs were drawn from seeds {seeds[0]}, {seeds[1]}", 1.0
        )


def different_inputs(pair: Pair) -> Iterator[Cause]:
    yield from _different_digest(pair, "input_sha256", "inputs or initial values")


def different_connectivity(pair: Pair) -> Iterator[Cause]:
    """Of connections, weights and delays: the digest does not say which of them."""
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
    """Text of a record; tables from elsewhere may have none, or no number."""
    return value if isinstance(value, str) else ""
