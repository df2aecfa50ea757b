"""What ``counterpoint compare`` and ``counterpoint script`` say of two runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.output import table
from pipelines.errors import BadInput

if TYPE_CHECKING:
    from pipelines.diagnosis.first_divergence import Divergence
    from pipelines.diagnosis.run_pair import Pair
    from pipelines.verdicts.explanation import ExplainedComparison

AFTER_MS = 2.0
"""How far beyond the divergence a figure, and what is known of the state, goes."""

# How far before it a figure begins, and steps of the state that are shown.
_BEFORE_MS = 20.0
_STEPS = 6


def names_of(pair: Pair) -> tuple[str, str]:
    """The backends, or the places of the runs where these are the same."""
    a, b = (str(one.record["backend"]) for one in (pair.a, pair.b))
    return (a, b) if a != b else (f"{a} (first)", f"{b} (second)")


def draw(two: ExplainedComparison, path: Path) -> None:
    """Draw what is around the divergence of two runs into a file.

    Raises
    ------
    BadInput
        If nothing differs that could be drawn, or the file cannot be written.
    """
    from pipelines.figures.divergence import draw as draw_divergence
    from pipelines.figures.signal_divergence import draw as draw_signals

    parted = two.pair.divergence
    if parted is not None:
        figure = draw_divergence(two.pair, two.states, two.names, _window(parted.time_ms))
    elif two.traces is not None:
        window = _window(two.traces.difference.time_ms)
        figure = draw_signals(two.pair, two.traces, two.names, window)
    else:
        raise BadInput("--figure", "the runs have the same spikes", "runs that differ")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise BadInput(
            "--figure", str(error), "a file that can be written: .png, .svg, .pdf"
        ) from error


def _window(time_ms: float) -> tuple[float, float]:
    return max(0.0, time_ms - _BEFORE_MS), time_ms + AFTER_MS


def as_dict(two: ExplainedComparison) -> dict[str, Any]:
    """All of it, for programs."""
    parted = two.pair.divergence
    return {
        "runs": [
            {key: one.record.get(key) for key in ("run_id", "experiment", "backend", "seed")}
            for one in (two.pair.a, two.pair.b)
        ],
        **vars(two.result),
        "divergence": None if parted is None else vars(parted),
        "causes": [vars(cause) for cause in two.causes],
        "states": [{name: at.tolist() for name, at in state.items()} for state in two.states],
        "state_error": two.trouble,
    }


def lines(two: ExplainedComparison) -> list[str]:
    """The verdict, where the runs part, why, and the state of the neuron around it."""
    said = [f"{two.result.verdict}: {two.result.evidence}"]
    parted = two.pair.divergence
    if parted is not None and parted.last_common_ms is not None:
        said.append(
            f"the last spike in common before it is at {parted.last_common_ms:g} ms"
            f" ({parted.n_common_before:,} until then)"
        )
    if two.causes:
        said.append("known causes that fit:")
        said += [f"    {cause.name}: {cause.explanation}" for cause in two.causes]
    elif parted is not None or two.result.verdict == "different":
        said.append("no known cause fits")
    if parted is not None and two.states:
        said.append(f"state of neuron {parted.neuron} of {parted.population} around it:")
        said += table(_state_rows(parted, two.states, two.names), "    ")
    if two.trouble:
        said.append(f"its state is not known: {two.trouble}")
    return said


def _state_rows(parted: Divergence, states: Any, names: tuple[str, str]) -> list[list[str]]:
    import numpy as np

    variables = [name for name in states[0] if name != "time_ms" and name in states[1]]
    heads = [f"{variable} ({name})" for variable in variables for name in names]
    rows = [["time (ms)", *heads]]
    time = states[0]["time_ms"]
    around = np.flatnonzero(time <= parted.time_ms + 1e-6)[-_STEPS:]
    for k in around:
        cells = [
            f"{state[variable][k]:.9g}" if k < len(state[variable]) else ""
            for variable in variables
            for state in states
        ]
        rows.append([f"{time[k]:g}", *cells])
    return rows
