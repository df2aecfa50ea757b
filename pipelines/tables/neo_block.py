"""Runs of stored tables as objects of Neo."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.tables.run_data import RunData, known, stored_runs
from pipelines.tables.signal_samples import Samples, samples_of

if TYPE_CHECKING:
    # Imported when it is used: `import pipelines.tables` takes no time.
    from neo import AnalogSignal, Block, IrregularlySampledSignal, Segment

# What a segment says of its run.
_ABOUT = ("experiment", "backend", "seed", "hardware", "point_id")


def neo(folder: Path | str, run: str | None = None) -> Block:
    """Runs of a results folder as a Neo block: a segment a run, a spike train a neuron.

    Parameters
    ----------
    folder
        ``results/<experiment>``.
    run
        A run_id or its beginning; by default all runs that were done.

    Returns
    -------
    neo.Block
        Its segments are the runs, in stored order, annotated with what the run is and with its
        ``parameters``, in the units of ``parameter_units``. Spike trains (ms) and signals (in
        PyNN's units) are annotated with ``run_id``, ``population`` and ``backend``, a spike train
        with ``neuron`` too; the channels of a signal have the array annotation ``neuron``. A neuron
        that was recorded and has no spikes has an empty train. Signals on a regular grid are
        `AnalogSignal`, others `IrregularlySampledSignal`. Neo has no place for weights.

    Raises
    ------
    BadInput
        If there are no tables, or no such run.

    Examples
    --------
    >>> block = neo("results/cuba_network")  # doctest: +SKIP
    >>> elephant.statistics.mean_firing_rate(block.segments[0].spiketrains[0])  # doctest: +SKIP
    """
    return block_of(stored_runs(folder, run), name=Path(folder).resolve().name)


def block_of(runs: Iterable[RunData], name: str) -> Block:
    """Runs as a Neo block; see `neo`."""
    from neo import Block

    block = Block(name=name)
    block.segments.extend([segment_of(run) for run in runs])
    return block


def segment_of(run: RunData) -> Segment:
    """A run as a Neo segment; see `neo`."""
    from neo import Segment, SpikeTrain

    about = known({name: run.record.get(name) for name in _ABOUT})
    segment = Segment(
        name=run.run_id, run_id=run.run_id, **about, parameters=run.parameters,
        parameter_units={name: unit for name, unit in run.units.items() if name in run.parameters},
    )  # fmt: skip
    common = {"run_id": run.run_id, "backend": str(about.get("backend", ""))}
    for population, neuron, times in run.trains():
        train = SpikeTrain(
            times, units="ms", t_stop=run.duration_ms, name=f"{population} {neuron}",
            population=population, neuron=neuron, **common,
        )  # fmt: skip
        segment.spiketrains.append(train)
    for samples in samples_of(run.signals):
        signal = _signal(samples, common | {"population": samples.population})
        if samples.interval_ms is None:
            segment.irregularlysampledsignals.append(signal)
        else:
            segment.analogsignals.append(signal)
    return segment


def _signal(
    samples: Samples, annotations: dict[str, Any]
) -> AnalogSignal | IrregularlySampledSignal:
    import quantities as pq
    from neo import AnalogSignal, IrregularlySampledSignal

    described: dict[str, Any] = {
        "name": f"{samples.population} {samples.variable}",
        "array_annotations": {"neuron": samples.neurons},
        "variable": samples.variable,
        **annotations,
    }
    if samples.interval_ms is None:
        return IrregularlySampledSignal(
            samples.time_ms, samples.values, units=samples.unit, time_units="ms", **described
        )
    return AnalogSignal(
        samples.values, units=samples.unit, t_start=samples.time_ms[0] * pq.ms,
        sampling_period=samples.interval_ms * pq.ms, **described,
    )  # fmt: skip
