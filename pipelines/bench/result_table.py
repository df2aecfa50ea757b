"""Tables of measurements: times, ratios, memory, and whether spikes are the same."""

from __future__ import annotations

from collections.abc import Sequence

from .compared_codes import NATIVE, OURS, STOCK
from .comparison import Comparison
from .first_step import FirstStepComparison
from .memory_footprint import FootprintComparison
from .random_input import DriveCost
from .sweep_timing import MS_PER_S, IncrementTiming, SweepTiming

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
        "Running: the simulator's own run after a first short one, in which code is generated and"
        " compiled.",
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
PROJECTIONS_NOTES = [
    "Projections: seconds from an empty simulator to the end of the first time step, imports left"
    " out, in one process after another; the first begins with an empty compile cache, and each"
    " has another PYTHONHASHSEED. Modules: compiled ones in the cache after each process.",
    "The network: static all-to-all projections between 8 populations of 20 cells. By hand all"
    " cells are one group, and all synapses one object, if the simulator has such objects.",
]
MEMORY_NOTES = [
    "Memory: at its peak over building and running, beyond the empty simulator; bytes a synapse of"
    " all of it, and beyond what the same network takes without synapses (cells, recorders).",
    "Draw: the script of ours with projections that throw away what connectors give them. Ready:"
    " building and the first time step, for which simulators prepare the network.",
    "Written by hand the network has other pairs, weights and delays of the same distribution.",
]
DRIVE_NOTES = [
    "Drive: seconds of a run, after a first short one, of neurons that each have a Poisson source."
    " By hand: the simulator's own generator, which draws as it runs. Ours: drawn by NumPy, the"
    " same spikes on all backends. Independent: as in a profile with `independent: true`, in which"
    " a simulator may draw for itself.",
]
_STOCK_SMALLER = (
    "Stock PyNN is measured on a smaller network, with ours and hand-written beside it."
)


def comparison_rows(comparisons: Sequence[Comparison]) -> list[list[str]]:
    """Rows of the table of comparisons: headings, then one row a comparison."""
    headings = HEADINGS[comparisons[0].question]
    return [[*headings, *RESULTS], *(_comparison_row(one) for one in comparisons)]


def comparison_notes(comparisons: Sequence[Comparison]) -> list[str]:
    """Notes that explain the table of comparisons."""
    question = comparisons[0].question
    lines = [*NOTES[question], _MEMORY[question]]
    with_stock = [one for one in comparisons if STOCK in one.seconds]
    if 0 < len(with_stock) < len(comparisons):
        lines.append(_STOCK_SMALLER)
    return lines


def _comparison_row(one: Comparison) -> list[str]:
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
        _ratio(one.ours_to_native),
        "-" if stock is None else f"{stock:.1f}",
        f"{one.memory_mb[OURS]:,.0f} MB",
        _spikes(one),
    ]


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g} s"


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _spikes(one: Comparison) -> str:
    """Number of our spikes, and the codes with the same or with other spikes."""
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
    """Rows of the table of sweep times."""
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
                *_stock_cells(one),
                f"{MS_PER_S * one.simulator_s:.0f} ms",
                f"{one.overhead_ms:.0f} ms",
                f"{one.clock_overhead_ms:.0f} ms",
            ]
            for one in timings
        ),
    ]


def _stock_cells(timing: SweepTiming) -> list[str]:
    if timing.stock_process_s is None:
        return ["-", "-"]
    return [f"{timing.stock_process_s * timing.runs:.0f} s", f"{timing.stock_speedup:.1f}"]


def increment_rows(timing: IncrementTiming) -> list[list[str]]:
    """Rows of the table of times of repeated commands."""
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


def first_step_rows(found: Sequence[FirstStepComparison]) -> list[list[str]]:
    """Rows of the table of times to the first step: time (s) of each process, and ratios."""
    processes, basis = len(found[0].seconds), found[0].basis
    return [
        [
            "backend", "projections", "code", *(f"process {k + 1}" for k in range(processes)),
            "modules", "first / 1 projection", f"first / {basis}", f"last / {basis}",
            "first / hand-written", "last / hand-written", "spikes",
        ],
        *(
            [
                one.backend,
                str(one.projections),
                one.code,
                *map(_seconds, one.seconds),
                ", ".join(map(str, one.modules)),
                *(
                    _ratio(one.ratios.get(name))
                    for name in (
                        "first_to_one", "first_to_basis", "last_to_basis",
                        "first_to_hand_written", "last_to_hand_written",
                    )
                ),
                f"{one.n_spikes:,}, " + ("the same" if one.same_spikes else "others than ours"),
            ]
            for one in found
        ),
    ]  # fmt: skip


def drive_rows(found: Sequence[DriveCost]) -> list[list[str]]:
    """Rows of the table of costs of random input."""
    return [
        ["backend", "code", "sources", "rate", "simulated", "run", "run / generator"],
        *(
            [
                one.backend, one.code, f"{one.neurons:,}", f"{one.rate_hz:g} Hz",
                f"{one.duration_ms:g} ms", _seconds(one.run_s), _ratio(one.to_generator),
            ]
            for one in found
        ),
    ]  # fmt: skip


def footprint_rows(found: Sequence[FootprintComparison]) -> list[list[str]]:
    """Rows of the table of memory and times of a large network."""
    return [
        [
            "backend", "code", "neurons", "synapses", "memory", "bytes a synapse", "beyond cells",
            "build", "first step", "draw", "build / draw", "ready / draw", "run", "spikes",
        ],
        *(
            [
                one.backend,
                one.code,
                f"{one.neurons:,}",
                f"{one.synapses:,}",
                f"{one.measured.peak_mb:,.0f} MB",
                f"{one.bytes_per_synapse:.1f}",
                f"{one.beyond_cells:.1f}",
                *map(_seconds, (one.measured.build_s, one.measured.first_step_s, one.draw_s)),
                _ratio(one.build_to_draw),
                _ratio(one.ready_to_draw),
                f"{_seconds(one.measured.run_s)} for {one.duration_ms:g} ms",
                f"{one.measured.n_spikes:,}{_SAME[one.same_spikes]}",
            ]
            for one in found
        ),
    ]  # fmt: skip


# Text for whether spikes are those of the backend in the first row of the same code.
_SAME = {None: "", True: ", the same", False: ", others"}
