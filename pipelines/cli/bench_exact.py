"""``counterpoint bench exact``: the same spikes on all backends, over a hundred million of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from pipelines.backends import default_names, get
from pipelines.cli.output import table, write_json, write_lines

_FOLDER = Path("results/exact")


def whole_number(text: str) -> int:
    """A whole number, also as ``1e8``; ValueError if it is none."""
    number = float(text)
    if number != int(number):
        raise ValueError(text)
    return int(number)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``exact`` takes beside what other questions do."""
    group = parser.add_argument_group("exact")
    group.add_argument(
        "--backends", nargs="+", metavar="BACKEND", default=list(default_names()),
        help="what to compare, all with the first of them; all by default",
    )  # fmt: skip
    group.add_argument(
        "--run-spikes", type=whole_number, metavar="N", default=10_000_000,
        help="spikes of a run, each with a seed of its own; 1e7 by default",
    )  # fmt: skip
    group.add_argument(
        "--seed", type=int, metavar="N", default=1,
        help="of the first run, the next ones' are the next numbers; 1 by default",
    )  # fmt: skip
    group.add_argument(
        "--piece", type=float, metavar="MS", default=10_000.0,
        help="model time that is compared at once; 10000 ms by default",
    )  # fmt: skip
    group.add_argument(
        "--folder", type=Path, metavar="FOLDER", default=_FOLDER,
        help=f"with the ledger of what was compared, to go on from; {_FOLDER} by default",
    )  # fmt: skip


def execute(options: argparse.Namespace, report: Callable[[str], None]) -> int:
    """Compare, and show what was found; 0 if there is no difference, else 1."""
    from pipelines.bench.plastic_network import PlasticNetwork
    from pipelines.bench.spike_identity import IdentityTask, compare_identity

    for name in options.backends:
        get(name)
    task = IdentityTask(
        tuple(options.backends),
        n_spikes=100_000_000 if options.spikes is None else options.spikes,
        run_spikes=options.run_spikes,
        seed=options.seed,
        network=PlasticNetwork() if options.neurons is None else PlasticNetwork(options.neurons),
        piece_ms=options.piece,
        codegen=options.codegen,
    )
    found = compare_identity(task, options.folder, report)
    answer = found.as_json()
    if options.json:
        write_json({"question": "exact", **answer, "settings": task.settings()})
    else:
        peaks = ", ".join(f"{name} {mb:,.0f} MB" for name, mb in answer["peak_mb"].items())
        write_lines(
            table(
                [
                    ["spikes compared", f"{answer['n_spikes']:,}"],
                    ["weights compared", f"{answer['n_weights']:,}"],
                    [
                        "largest difference of weights",
                        f"{answer['weight_difference']:.2g} of the largest",
                    ],
                    ["runs", f"{len(found.runs)}, {answer['model_s']:,g} s of the model"],
                    ["time", f"{answer['seconds'] / 60:,.1f} min"],
                    ["memory at most", peaks],
                    ["first difference", found.difference or "none"],
                ]
            )
        )
    return 1 if found.difference else 0
