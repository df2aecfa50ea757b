"""Output of ``counterpoint compare`` and ``counterpoint script`` for two runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.output import table
from pipelines.errors import BadInput
from pipelines.verdicts.verdict_names import DIFFERENT

if TYPE_CHECKING:
    from pipelines.diagnosis.first_divergence import Divergence
    from pipelines.diagnosis.run_pair import Evidence
    from pipelines.verdicts.explanation import ExplainedComparison

AFTER_MS = 2.0
"""Time (ms) after the divergence that a figure, and the replayed state, extend to."""

# Time (ms) before the divergence at which a figure begins; number of time steps of the state.
_BEFORE_MS = 20.0
_MOST_STEPS = 6


def run_labels(a: Evidence, b: Evidence) -> tuple[str, str]:
    """Labels of two runs: their backends, with the order of the runs if these are the same."""
    first, second = (str(one.record["backend"]) for one in (a, b))
    return (first, second) if first != second else (f"{first} (first)", f"{second} (second)")


def draw(comparison: ExplainedComparison, path: Path) -> None:
    """Draw the spikes and signals around the divergence of two runs into a file.

    Raises
    ------
    BadInput
        If neither spikes nor signals differ, or the file cannot be written.
    """
    from pipelines.figures.divergence import draw as divergence_figure
    from pipelines.figures.draw import save
    from pipelines.figures.signal_divergence import draw as signal_figure

    divergence = comparison.pair.divergence
    if divergence is not None:
        figure = divergence_figure(
            comparison.pair, comparison.states, comparison.names, _window(divergence.time_ms)
        )
    elif comparison.traces is not None:
        window = _window(comparison.traces.difference.time_ms)
        figure = signal_figure(comparison.pair, comparison.traces, comparison.names, window)
    else:
        raise BadInput("--figure", "the runs have the same spikes", "runs that differ")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(figure, path)
    except (OSError, ValueError) as error:
        raise BadInput(
            "--figure", str(error), "a file that can be written: .png, .svg, .pdf"
        ) from error


def _window(time_ms: float) -> tuple[float, float]:
    return max(0.0, time_ms - _BEFORE_MS), time_ms + AFTER_MS


def as_dict(comparison: ExplainedComparison) -> dict[str, Any]:
    """The comparison as a dictionary, for JSON."""
    divergence = comparison.pair.divergence
    return {
        "runs": [
            {
                key: _plain(one.record.get(key))
                for key in ("run_id", "experiment", "backend", "seed")
            }
            for one in (comparison.pair.a, comparison.pair.b)
        ],
        **vars(comparison.result),
        "divergence": None if divergence is None else vars(divergence),
        "causes": [vars(cause) for cause in comparison.causes],
        "states": [
            {name: at.tolist() for name, at in state.items()} for state in comparison.states
        ],
        "state_error": comparison.trouble,
    }


def _plain(value: Any) -> Any:
    """A value of a table for JSON: None if it is missing."""
    from pipelines.verdicts.record_comparison import known_value

    known = known_value(value)
    return known.item() if hasattr(known, "item") else known


def lines(comparison: ExplainedComparison) -> list[str]:
    """Lines of text: the verdict, the divergence, its causes, and the state of the neuron."""
    result = comparison.result
    text = [f"{result.verdict}: {result.evidence}"]
    if result.verdict == DIFFERENT and result.not_compared:
        # Otherwise it stands in the evidence.
        text.append(f"not compared: {', '.join(result.not_compared)}")
    divergence = comparison.pair.divergence
    if divergence is not None and divergence.last_common_ms is not None:
        text.append(
            f"the last spike in common before it is at {divergence.last_common_ms:g} ms"
            f" ({divergence.n_common_before:,} until then)"
        )
    if comparison.causes:
        text.append("known causes that fit:")
        text += [f"    {cause.text}" for cause in comparison.causes]
    elif comparison.result.verdict == DIFFERENT:
        text.append("no known cause fits")
    if divergence is not None and comparison.states:
        text.append(f"state of neuron {divergence.neuron} of {divergence.population} around it:")
        text += table(_state_rows(divergence, comparison.states, comparison.names), "    ")
    if comparison.trouble:
        text.append(f"its state is not known: {comparison.trouble}")
    return text


def _state_rows(divergence: Divergence, states: Any, names: tuple[str, str]) -> list[list[str]]:
    import numpy as np

    variables = [name for name in states[0] if name != "time_ms" and name in states[1]]
    heads = [f"{variable} ({name})" for variable in variables for name in names]
    rows = [["time (ms)", *heads]]
    time = states[0]["time_ms"]
    around = np.flatnonzero(time <= divergence.time_ms + 1e-6)[-_MOST_STEPS:]
    for k in around:
        cells = [
            f"{state[variable][k]:.9g}" if k < len(state[variable]) else ""
            for variable in variables
            for state in states
        ]
        rows.append([f"{time[k]:g}", *cells])
    return rows
