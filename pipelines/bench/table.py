"""Measurements as tables: seconds, ratios, memory, and whether the same was measured."""

from __future__ import annotations

from collections.abc import Sequence

from .compare import Comparison
from .contenders import NATIVE, OURS, STOCK
from .sweeping import MS, IncrementTiming, SweepTiming

HEADINGS = {
    "build": ["backend", "neurons", "synapses", "kind"],
    "run": ["backend", "neurons", "synapses", "kind", "simulated"],
    "collect": ["backend", "neurons", "spikes"],
}
RESULTS = [
    "hand-written", "ours", "stock", "ours / hand-written", "stock / ours", "memory of ours",
    "spikes",
]  # fmt: skip

NOTES = {
    "build": [
        "Building: from an empty simulator to a network that is ready to run, drawing the pairs"
        " included; spikes are those of a short run afterwards.",
    ],
    "run": [
        "Running: the simulator's own run after a first short one, in which Brian2 generates and"
        " compiles its code.",
    ],
    "collect": [
        "Collecting: from the simulator's recording to a Parquet file. Hand-written code writes"
        " the simulator's arrays as they are, ours sorts, names and checks them; stock goes through"
        " Neo.",
    ],
}
_MEMORY = {
    "build": "Memory: the largest beyond what the imports took.",
    "run": "Memory: the largest beyond what the imports took.",
    "collect": "Memory: the largest beyond the arrays themselves (16 bytes a spike).",
}
_STOCK_SMALLER = (
    "Stock PyNN is measured on a smaller network, with ours and hand-written beside it."
)


def rows(comparisons: Sequence[Comparison]) -> list[list[str]]:
    """The table as text: a row of headings, then one row a comparison."""
    headings = HEADINGS[comparisons[0].question]
    return [[*headings, *RESULTS], *(_row(one) for one in comparisons)]


def notes(comparisons: Sequence[Comparison]) -> list[str]:
    """What a reader of the table has to know."""
    question = comparisons[0].question
    lines = [*NOTES[question], _MEMORY[question]]
    with_stock = [one for one in comparisons if STOCK in one.seconds]
    if 0 < len(with_stock) < len(comparisons):
        lines.append(_STOCK_SMALLER)
    return lines


def _row(one: Comparison) -> list[str]:
    size = one.size
    cells = [one.backend, f"{size['neurons']:,}"]
    if one.question == "collect":
        cells.append(f"{size['spikes']:,}")
    else:
        cells += [f"{size['synapses']:,}", "plastic" if size["plastic"] else "static"]
    if one.question == "run":
        cells.append(f"{size['duration_ms']:g} ms")
    stock = one.stock_to_ours
    return [
        *cells,
        *(_seconds(one.seconds.get(code)) for code in (NATIVE, OURS, STOCK)),
        f"{one.ours_to_native:.2f}",
        "-" if stock is None else f"{stock:.1f}",
        f"{one.memory_mb[OURS]:,.0f} MB",
        _spikes(one),
    ]


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g} s"


def _spikes(one: Comparison) -> str:
    """The number of our spikes, and who gave the same."""
    same = [code for code, equal in one.same_spikes.items() if equal]
    other = [
        f"{code} {one.n_spikes[code]:,}" for code, equal in one.same_spikes.items() if not equal
    ]
    text = f"{one.n_spikes[OURS]:,}"
    if same:
        text += f", the same in {' and '.join(same)}"
    if other:
        text += f"; others in {', '.join(other)}"
    return text


def sweep_rows(timings: Sequence[SweepTiming]) -> list[list[str]]:
    """Timings of sweeps as a table."""
    headings = [
        "backend", "runs", "cores", "sweep", "one process a run", "times quicker",
        "the same, stock", "times quicker", "simulator a run", "overhead, core", "overhead, clock",
    ]  # fmt: skip
    return [
        headings,
        *(
            [
                one.backend,
                f"{one.runs:,}",
                str(one.cores),
                f"{one.wall_s:.1f} s",
                f"{one.one_process_s * one.runs:.0f} s",
                f"{one.speedup:.1f}",
                *_of_stock(one),
                f"{MS * one.simulator_s:.0f} ms",
                f"{one.overhead_ms:.0f} ms",
                f"{one.clock_overhead_ms:.0f} ms",
            ]
            for one in timings
        ),
    ]


def _of_stock(timing: SweepTiming) -> list[str]:
    if timing.stock_process_s is None:
        return ["-", "-"]
    return [f"{timing.stock_process_s * timing.runs:.0f} s", f"{timing.stock_speedup:.1f}"]


def increment_rows(timing: IncrementTiming) -> list[list[str]]:
    """Timings of repeated commands as a table."""
    return [
        ["points", "first", "nothing to do", "memory then", "one more value", "runs then"],
        [
            f"{timing.points:,}",
            f"{timing.first_s:.1f} s",
            f"{timing.nothing_s:.1f} s",
            f"{timing.nothing_mb:.0f} MB",
            f"{timing.one_more_s:.1f} s",
            str(timing.one_more_runs),
        ],
    ]
