"""``counterpoint script``: an existing PyNN script on every backend, and a comparison of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import backends
from pipelines.cli.compare_runs import as_dict, draw, lines
from pipelines.cli.output import write_json, write_lines
from pipelines.errors import BadInput
from pipelines.experiment import project_root
from pipelines.tables.schemas import DONE

if TYPE_CHECKING:
    from pipelines.verdicts.explanation import ExplainedComparison

SUMMARY = "run an existing PyNN script on every backend, and say whether they agree"
DESCRIPTION = (
    "Run a PyNN script as it is on each backend, in a process of its own, whichever simulator it\n"
    "imports, and compare what it records: spikes, signals, and weights that learn. Say the\n"
    "verdict, where the backends part first, and known causes that fit.\n"
    "\n"
    "What stands after SCRIPT.py goes to the script. A simulator's name in it, as on PyNN's own\n"
    "command lines, stands for whichever backend is run, and need not be given where the script\n"
    "calls get_simulator(). Options of this command come before SCRIPT.py. A script that draws\n"
    "numbers and seeds no generator draws the same ones in every process.\n"
    "\n"
    "The tables runs, spikes, weights and signals are written to results/scripts/SCRIPT, with a\n"
    "folder for each backend: the script runs there, beside copies of the files it lies with, and\n"
    "what it writes stays there."
)
EXAMPLE = (
    "example: counterpoint script balanced_network.py\n"
    "example: counterpoint script --stock --figure parted.png VAbenchmarks.py CUBA"
)


def arrange_arguments(arguments: Sequence[str]) -> list[str]:
    """Return the command line with the names after ``--backends`` joined by commas in one word.

    Arguments after the first word that ends in ``.py`` belong to the script and are kept.
    """
    remaining, words = list(arguments), []
    while remaining:
        word = remaining.pop(0)
        words.append(word)
        if word == "--backends":
            names = list(takewhile(_can_be_backend_name, remaining))
            words += [",".join(names)] if names else []
            remaining = remaining[len(names) :]
        elif word.endswith(".py"):
            break
    return [*words, *remaining]


def _can_be_backend_name(word: str) -> bool:
    return not word.startswith("-") and not word.endswith(".py") and not Path(word).is_file()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments and options of the command."""
    parser.add_argument("script", metavar="SCRIPT.py", help="a script that uses PyNN")
    parser.add_argument(
        "arguments", metavar="...", nargs=argparse.REMAINDER, help="arguments of the script"
    )
    usual = " ".join(backends.default_names())
    parser.add_argument(
        "--backends", metavar="NAMES", help=f"with spaces or commas between; by default {usual}"
    )
    parser.add_argument(
        "--stock", action="store_true", help="also compare each with PyNN's unmodified module"
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S",
        help="seed of NumPy's and Python's global generators when the script begins; 1 by default",
    )  # fmt: skip
    parser.add_argument(
        "--figure", metavar="FILE",
        help="file for the figure of the divergence; in the results by default",
    )  # fmt: skip
    parser.add_argument(
        "--results", metavar="FOLDER", help="'results' by default, of the project if there is one"
    )


def execute(options: argparse.Namespace) -> int:
    """Run the script on all backends, compare its results, and write the comparison."""
    from pipelines.script.run_script import backend_names, run_script
    from pipelines.script.verdicts import compare

    script = Path(options.script)
    names = backend_names(options.backends.split(",") if options.backends else None, options.stock)
    folder = _results_folder(options.results) / "scripts" / script.stem

    def progress(name: str) -> None:
        if not options.json:
            sys.stderr.write(f"{script.name} on {_label(name)} ...\n")

    runs = run_script(script, options.arguments, names, folder, progress, options.seed)
    comparisons = compare(folder, runs, _names_used(script))
    figures = _figures(comparisons, folder, options.figure)
    if options.json:
        write_json(_as_dict(script, folder, runs, comparisons, figures))
    else:
        write_lines(_lines(folder, runs, comparisons, figures))
    return 0 if all(run["status"] == DONE for run in runs) else 1


def _results_folder(given: str | None) -> Path:
    """Folder of results: the option, the project's, or ``results`` outside a project."""
    if given:
        return Path(given)
    try:
        return project_root() / "results"
    except BadInput:
        return Path("results")


def _label(name: str) -> str:
    style = backends.style_of(name)
    return style.label if style else name


def _names_used(script: Path) -> frozenset[str]:
    from pipelines.diagnosis.known_differences import names_used

    try:
        return names_used(script)
    except (SyntaxError, ValueError):
        return frozenset()


def _figures(
    comparisons: list[ExplainedComparison], folder: Path, given: str | None
) -> list[str | None]:
    """Draw each pair whose spikes or signals differ; return file names, None for other pairs."""
    figures: list[str | None] = []
    for comparison in comparisons:
        parted = comparison.pair.divergence is not None or comparison.traces is not None
        usual = folder / f"divergence_{comparison.names[0]}_{comparison.names[1]}.png"
        usual.unlink(missing_ok=True)
        # Only one figure can have the given name.
        path = Path(given) if given and not any(figures) else usual
        if parted:
            draw(comparison, path)
        figures.append(str(path) if parted else None)
    return figures


def _as_dict(
    script: Path,
    folder: Path,
    runs: list[dict[str, Any]],
    comparisons: list[ExplainedComparison],
    figures: list[str | None],
) -> dict[str, Any]:
    return {
        "script": str(script),
        "results": str(folder),
        "runs": runs,
        "comparisons": [
            as_dict(comparison) | {"figure": figure}
            for comparison, figure in zip(comparisons, figures, strict=True)
        ],
    }


def _lines(
    folder: Path,
    runs: list[dict[str, Any]],
    comparisons: list[ExplainedComparison],
    figures: list[str | None],
) -> list[str]:
    text = []
    for run in runs:
        label = _label(run["backend"])
        if run["status"] == DONE:
            seconds = sum(run[f"{one}_s"] for one in ("compile", "build", "simulate", "collect"))
            compiled = f"compiled in {run['compile_s']:.3g}, " if run["compile_s"] else ""
            text.append(
                f"{label}: done in {seconds:.3g} s ({compiled}simulated in {run['simulate_s']:.3g})"
            )
        else:
            text.append(f"{label}: failed: {run['error']}")
            if run["line"]:
                text.append(f"    line {run['line']}: {run['code']}")
            text.append(f"    log: {run['log']}")
        text += [f"    {note}" for note in run["notes"]]
    for comparison, figure in zip(comparisons, figures, strict=True):
        a, b = (_label(name) for name in comparison.names)
        text += ["", f"{a} and {b}: {lines(comparison)[0]}", *lines(comparison)[1:]]
        if figure:
            text.append(f"figure: {figure}")
    return [*text, "", f"tables: {folder}"]
