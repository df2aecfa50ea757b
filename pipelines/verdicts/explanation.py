"""Comparison of two runs together with the known causes of their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.diagnosis.causes import causes
from pipelines.diagnosis.run_pair import Cause, Pair
from pipelines.verdicts.run_comparison import Comparison
from pipelines.verdicts.signal_comparison import Traces, first_traces, signals_of
from pipelines.verdicts.verdict_names import DIFFERENT

State = dict[str, np.ndarray]

# Time (ms) before the first difference up to which signals must reach to explain it, and time
# after it that is kept.
_MARGIN_MS = 2.0


@dataclass(frozen=True)
class ExplainedComparison:
    """Comparison of two runs, with the known causes that fit.

    Attributes
    ----------
    pair, names
        The runs, and their names in texts.
    result
        The verdict.
    causes
        Known causes that fit.
    states
        State of the neuron with the first difference, in each run; empty if unknown.
    trouble
        Reason why the states are unknown, if recording them failed.
    traces
        A signal that differs while spikes are the same; None if there is none.
    """

    pair: Pair
    names: tuple[str, str]
    result: Comparison
    causes: list[Cause]
    states: list[State]
    trouble: str = ""
    traces: Traces | None = None


def explain(
    pair: Pair,
    names: tuple[str, str],
    result: Comparison,
    states: list[State],
    trouble: str = "",
    known: Sequence[Cause] = (),
) -> ExplainedComparison:
    """Add the known causes that fit two runs to those already `known`, which come first."""
    if result.verdict != DIFFERENT:
        return ExplainedComparison(pair, names, result, list(known), states, trouble, None)
    traces = None
    if pair.divergence is None and result.first_difference_variable is not None:
        traces = first_traces(pair)
    found = [*known, *causes(pair)]
    return ExplainedComparison(pair, names, result, found, states, trouble, traces)


def recorded_states(pair: Pair) -> list[State]:
    """Recorded signals of the neuron in which the runs first differ, until shortly after it.

    Empty if they were not recorded, or not until then.
    """
    parted = pair.divergence
    if parted is None:
        return []
    states = []
    for one in (pair.a, pair.b):
        state: State = {}
        for (population, variable), signal in signals_of(one.signals).items():
            mine = signal.neuron == parted.neuron
            mine &= signal.time_ms <= parted.time_ms + _MARGIN_MS
            if population == parted.population and mine.any():
                time_ms = state.setdefault("time_ms", signal.time_ms[mine])
                if len(time_ms) == int(mine.sum()):
                    state[variable] = signal.value[mine]
        states.append(state)
    # A signal that ended long before the divergence cannot explain it.
    near = [bool(state) and state["time_ms"][-1] >= parted.time_ms - _MARGIN_MS for state in states]
    return states if all(near) else []
