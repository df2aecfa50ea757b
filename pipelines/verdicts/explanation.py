"""Comparison of two runs together with the known causes of their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipelines.diagnosis.causes import add_state_causes, causes
from pipelines.diagnosis.from_build import build_causes
from pipelines.diagnosis.from_states import state_causes
from pipelines.diagnosis.run_pair import Cause, Pair
from pipelines.verdicts.signal_comparison import Traces
from pipelines.verdicts.verdict_table import Comparison

State = dict[str, np.ndarray]


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
    traces: Traces | None = None,
) -> ExplainedComparison:
    """Add the known causes that fit two runs to those already `known`, which come first."""
    found = causes(pair)
    parted = pair.divergence
    if parted is not None and len(states) == 2 and not pair.a.states:
        # The states of one neuron alone, from recorded signals.
        neuron = (parted.population, parted.neuron)
        a, b = (
            replace(one, states={neuron: state})
            for one, state in zip((pair.a, pair.b), states, strict=True)
        )
        pair = replace(pair, a=a, b=b)
    found = add_state_causes(found, build_causes(pair) or state_causes(pair))
    return ExplainedComparison(pair, names, result, [*known, *found], states, trouble, traces)
