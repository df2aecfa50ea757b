"""Options of ``counterpoint bench``, and what they may be."""

from __future__ import annotations

import argparse

from pipelines.backends import code_targets, default_names
from pipelines.cli import bench_exact
from pipelines.errors import BadInput

QUESTIONS = ("build", "run", "collect", "sweep", "projections", "memory", "drive", "exact")
_DURATION_MS = {"memory": 100.0, "drive": 200.0}  # ms by default; 1000 for others


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments and options of the command."""
    parser.add_argument("question", metavar="WHAT", help=f"one of {', '.join(QUESTIONS)}")
    parser.add_argument(
        "--backend", metavar="BACKEND", help=f"{' or '.join(default_names())}; all by default"
    )
    _add_number(parser, "--neurons", "5000 by default; collect: 10000; exact: 1000")
    _add_number(parser, "--synapses", "expected number; 2500000 by default", 2_500_000)
    parser.add_argument("--plastic", action="store_true", help="with plasticity only")
    parser.add_argument("--static", action="store_true", help="without plasticity only")
    parser.add_argument(
        "--duration",
        type=float,
        metavar="MS",
        help="run: 1000 ms by default; memory: 100; drive: 200",
    )
    parser.add_argument(
        "--spikes", type=bench_exact.whole_number, metavar="N",
        help="collect: 10000000 by default; exact: 1e8",
    )  # fmt: skip
    _add_number(
        parser,
        "--repeat",
        "fresh processes for each of ours and hand-written; the fastest counts; 1 by default",
        1,
    )
    _add_number(parser, "--runs", "sweep: 1000 by default", 1000)
    _add_number(parser, "--points", "sweep: of the large one; 10000 by default, 0: none", 10_000)
    _add_number(parser, "--sample", "sweep: runs in processes of their own; 20 by default", 20)
    _add_number(parser, "--cores", "sweep: processes at once; all of the machine by default")
    parser.add_argument(
        "--projections", type=int, nargs="+", default=[64, 400], metavar="N",
        help="projections: their number; the others are compared with the first; 64 400 by"
        " default, and 1 is always measured",
    )  # fmt: skip
    _add_number(parser, "--processes", "projections: how many, one after another; 3 by default", 3)
    parser.add_argument(
        "--scale", type=float, default=0.2, metavar="S",
        help="memory: part of the neurons, and of the synapses of each; 0.2 by default: 12 million"
        " synapses",
    )  # fmt: skip
    parser.add_argument("--skip-stock", action="store_true", help="leave stock PyNN out")
    _add_number(
        parser,
        "--stock-size",
        "most synapses (collect: spikes) to measure stock PyNN at; by default what takes it some"
        " seconds",
    )
    parser.add_argument(
        "--codegen", metavar="TARGET", help=f"of code generation: {' or '.join(code_targets())}"
    )
    bench_exact.add_arguments(parser)


def _add_number(
    parser: argparse.ArgumentParser, name: str, text: str, default: int | None = None
) -> None:
    parser.add_argument(name, type=int, default=default, metavar="N", help=text)


def chosen_backends(options: argparse.Namespace) -> list[str]:
    """Names of the backends to measure."""
    return [options.backend] if options.backend else list(default_names())


def duration_ms(options: argparse.Namespace) -> float:
    """Simulated time in ms: the one given, or the default of what is measured."""
    if options.duration is not None:
        return float(options.duration)
    return _DURATION_MS.get(options.question, 1000.0)


def check_options(options: argparse.Namespace) -> None:
    """Refuse values that no measurement can use.

    Raises
    ------
    BadInput
        Naming the first such option, and what is allowed.
    """
    if options.question not in QUESTIONS:
        raise BadInput(
            "WHAT",
            f"'{options.question}' cannot be measured",
            given=options.question,
            among=QUESTIONS,
        )
    if options.backend is not None and options.backend not in default_names():
        raise BadInput(
            "--backend",
            f"no backend is called '{options.backend}'",
            given=options.backend,
            among=default_names(),
        )
    if options.codegen is not None and options.codegen not in code_targets():
        raise BadInput("--codegen", f"'{options.codegen}'", among=code_targets())
    for name in ("runs", "sample", "cores", "processes"):
        if getattr(options, name) is not None and getattr(options, name) < 1:
            raise BadInput(f"--{name}", f"{getattr(options, name)}", allowed="1 and more")
    if options.points < 0:
        raise BadInput("--points", f"{options.points}", allowed="0 (none) and more")
    if options.repeat < 1:
        raise BadInput("--repeat", f"{options.repeat}", allowed="1 and more")
    if not 0 < duration_ms(options) < float("inf"):
        raise BadInput("--duration", f"{options.duration:g} ms", allowed="above 0")
    if options.stock_size is not None and options.stock_size < 1:
        raise BadInput(
            "--stock-size", f"{options.stock_size}", allowed="1 and more, or --skip-stock"
        )
