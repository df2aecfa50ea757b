"""``counterpoint bench``: ours, stock PyNN and hand-written code on the same network."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipelines.cli import bench_exact
from pipelines.cli.bench_options import add_arguments, check_options, chosen_backends, duration_ms
from pipelines.cli.output import table, write_json, write_lines
from pipelines.versions import of_backend

if TYPE_CHECKING:
    from pipelines.bench.comparison import Comparison

SUMMARY = "compare our backends in speed with stock PyNN and hand-written code"
DESCRIPTION = (
    "Measure the same network by our backend, by stock PyNN and by code written by hand for\n"
    "its simulator, each in a fresh process, and print seconds and ratios:\n"
    "  build    from an empty simulator to a network that is ready to run\n"
    "  run      simulating it, after a first short run\n"
    "  collect  many spikes from the simulator's memory to a Parquet file\n"
    "  sweep    1,000 small runs, against one process a run and the simulation alone; and\n"
    "           commands on 10,000 points when there is nothing to do, or one value more\n"
    "  projections  time before the first step with many projections, in one process after\n"
    "           another from an empty compile cache on\n"
    "  memory   the microcircuit of Potjans and Diesmann (2014): bytes a synapse, building\n"
    "           against drawing its numbers, running; the same spikes on all backends?\n"
    "  drive    a Poisson source of 16 kHz for each neuron, the same spikes on all backends,\n"
    "           and drawn independently, against a generator of the simulator's own\n"
    "  exact    a plastic network on all backends at once, until 100 million spikes are compared:\n"
    "           the first difference, or none; killed and started again, it goes on\n"
    "Stock PyNN needs minutes for large networks: it is measured on a smaller one by default."
)
EXAMPLE = (
    "example: counterpoint bench build --plastic --neurons 1000 --synapses 100000\n"
    "example: counterpoint bench run --static --duration 500 --skip-stock\n"
    "example: counterpoint bench collect --spikes 1000000\n"
    "example: counterpoint bench projections --projections 64 --processes 4\n"
    "example: counterpoint bench memory --scale 0.2 --duration 100\n"
    "example: counterpoint bench drive --neurons 1000\n"
    "example: counterpoint bench exact --spikes 1e8 --run-spikes 1e7 --folder results/exact"
)

__all__ = ["DESCRIPTION", "EXAMPLE", "SUMMARY", "add_arguments", "execute"]

_SWEEP_NOTES = (
    "Sweep: the whole command, Snakemake and the tables included, with a warm compile cache; each",
    "point is an experiment of the size of stdp_window. One process a run: measured on a sample,",
    "with our modules and with PyNN's unmodified ones (stock), as many at a time as the sweep's.",
    "Overhead: what a run takes beyond the simulator's time steps, of one core and of the clock.",
)


def execute(options: argparse.Namespace) -> int:
    """Measure, and show the table."""
    from pipelines.bench.result_table import comparison_notes, comparison_rows

    check_options(options)
    if options.question == "exact":
        return bench_exact.execute(options, _write_progress)
    own = {
        "sweep": _compare_sweeps,
        "projections": _compare_projections,
        "memory": _compare_memory,
        "drive": _compare_drive,
    }
    if options.question in own:
        own[options.question](options)
        return 0
    comparisons = compare_codes(options)
    _write_comparisons(
        options, comparisons, comparison_rows(comparisons), comparison_notes(comparisons)
    )
    return 0


def _compare_sweeps(options: argparse.Namespace) -> None:
    from pipelines.bench import sweep_overhead
    from pipelines.bench.result_table import increment_rows, sweep_rows

    cores = options.cores or os.cpu_count() or 1
    backends = chosen_backends(options)
    sample = min(options.sample, options.runs)
    stock = not options.skip_stock
    timings = [
        sweep_overhead.time_sweep(b, options.runs, sample, cores, _write_progress, stock)
        for b in backends
    ]
    more = (
        sweep_overhead.time_increment(options.points, cores, _write_progress)
        if options.points
        else None
    )
    if options.json:
        write_json(
            {
                "question": "sweep",
                "sweeps": [one.as_json() for one in timings],
                "increment": more.as_json() if more else None,
                "versions": {backend: of_backend(backend) for backend in backends},
            }
        )
        return
    lines = [*table(sweep_rows(timings)), ""]
    if more:
        lines += [*table(increment_rows(more)), ""]
    write_lines([*lines, *_SWEEP_NOTES])


def _compare_projections(options: argparse.Namespace) -> None:
    from pipelines.bench.first_step import compare_first_steps
    from pipelines.bench.result_table import PROJECTIONS_NOTES, first_step_rows

    found = [
        one
        for backend in chosen_backends(options)
        for one in compare_first_steps(
            backend,
            projections=options.projections,
            processes=options.processes,
            codegen=options.codegen,
            report=_write_progress,
        )
    ]
    _write_comparisons(options, found, first_step_rows(found), PROJECTIONS_NOTES)


def _compare_memory(options: argparse.Namespace) -> None:
    from pipelines.bench.memory_footprint import compare_footprints
    from pipelines.bench.microcircuit import Microcircuit
    from pipelines.bench.result_table import MEMORY_NOTES, footprint_rows

    found = compare_footprints(
        chosen_backends(options),
        Microcircuit(options.scale),
        duration=duration_ms(options),
        codegen=options.codegen,
        report=_write_progress,
    )
    _write_comparisons(options, found, footprint_rows(found), MEMORY_NOTES)


def _compare_drive(options: argparse.Namespace) -> None:
    from pipelines.bench.random_input import PoissonDrive, compare_drive
    from pipelines.bench.result_table import DRIVE_NOTES, drive_rows

    found = compare_drive(
        chosen_backends(options),
        PoissonDrive() if options.neurons is None else PoissonDrive(options.neurons),
        duration=duration_ms(options),
        repeat=options.repeat,
        codegen=options.codegen,
        report=_write_progress,
    )
    _write_comparisons(options, found, drive_rows(found), DRIVE_NOTES)


def _write_comparisons(
    options: argparse.Namespace, found: Sequence[Any], rows: list[list[str]], notes: list[str]
) -> None:
    if options.json:
        backends = dict.fromkeys(one.backend for one in found)
        write_json(
            {
                "question": options.question,
                "comparisons": [one.as_json() for one in found],
                "versions": {backend: of_backend(backend) for backend in backends},
            }
        )
    else:
        write_lines([*table(rows), "", *notes])


def compare_codes(options: argparse.Namespace) -> list[Comparison]:
    """All comparisons that the options ask for."""
    from pipelines.bench.comparison import compare_collecting, compare_networks
    from pipelines.bench.measured_network import Network

    backends = chosen_backends(options)
    stock = 0 if options.skip_stock else options.stock_size
    if options.question == "collect":
        return [
            one
            for backend in backends
            for one in compare_collecting(
                backend,
                neurons=10_000 if options.neurons is None else options.neurons,
                n_spikes=10_000_000 if options.spikes is None else options.spikes,
                stock_spikes=stock,
                repeat=options.repeat,
                codegen=options.codegen,
                report=_write_progress,
            )
        ]
    neurons = 5000 if options.neurons is None else options.neurons
    both = options.plastic == options.static
    return [
        one
        for backend in backends
        for plastic in ([False, True] if both else [options.plastic])
        for one in compare_networks(
            options.question,
            backend,
            Network(neurons, options.synapses, plastic),
            duration=duration_ms(options),
            stock_synapses=stock,
            repeat=options.repeat,
            codegen=options.codegen,
            report=_write_progress,
        )
    ]


def _write_progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
