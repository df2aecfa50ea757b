"""All that is stored of one run, for formats of other programs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import BadInput
from pipelines.tables.mappings import as_mapping

if TYPE_CHECKING:
    # `import pipelines.tables` takes no time.
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray


@dataclass(frozen=True)
class RunData:
    """The record and the recorded tables of one run.

    Attributes
    ----------
    record
        Its columns of `runs`; ``parameters`` is a mapping of those of the experiment.
    spikes, weights, signals
        Its rows of these tables.
    units
        Units of the parameters, as far as they are known.
    """

    record: Mapping[str, Any]
    spikes: pd.DataFrame
    weights: pd.DataFrame
    signals: pd.DataFrame
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """Name of the run."""
        return str(self.record["run_id"])

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the experiment that have a value."""
        return known(self.record.get("parameters") or {})

    @cached_property
    def neurons(self) -> dict[str, NDArray[np.int64]]:
        """Indices of the neurons of each population whose spikes were recorded.

        Where the record does not say it, the neurons up to the last one that has spikes.
        """
        import numpy as np

        sizes = as_mapping(self.record.get("population_sizes"))
        some = as_mapping(self.record.get("recorded_neurons"))
        seen = {
            str(name): neurons.unique()
            for name, neurons in self.spikes.groupby("population", sort=True)["neuron"]
        }
        found = {}
        for name in {**sizes, **seen}:
            chosen = as_mapping(some.get(name)).get("spikes")
            if chosen is None:
                chosen = range(int(sizes.get(name) or max(seen[name]) + 1))
            found[name] = np.union1d(chosen, seen.get(name, [])).astype(np.int64)
        return found

    @property
    def sizes(self) -> dict[str, int]:
        """Number of neurons of each population, as far as they are known to exist."""
        some = as_mapping(self.record.get("recorded_neurons"))
        last = {name: int(max(neurons, default=-1)) + 1 for name, neurons in self.neurons.items()}
        return {
            name: max(n, int(as_mapping(some.get(name)).get("of") or 0)) for name, n in last.items()
        }

    def trains(self) -> Iterator[tuple[str, int, NDArray[np.float64]]]:
        """Population, neuron and spike times (ms, ascending) of every recorded neuron."""
        import numpy as np

        for population, neurons in self.neurons.items():
            rows = self.spikes[self.spikes["population"] == population]
            times, of = rows["time_ms"].to_numpy(float), rows["neuron"].to_numpy(np.int64)
            order = np.lexsort((times, of))
            times, of = times[order], of[order]
            first, last = (np.searchsorted(of, neurons, side) for side in ("left", "right"))
            for neuron, i, j in zip(neurons.tolist(), first, last, strict=True):
                yield population, neuron, times[i:j]

    @property
    def duration_ms(self) -> float:
        """Simulated time (ms); the time of the last event where the record does not say it."""
        last = [
            float(table["time_ms"].max()) for table in (self.spikes, self.signals) if len(table)
        ]
        told = known({"simulated": self.record.get("simulated_ms"),
                      "duration": self.parameters.get("duration")})  # fmt: skip
        return max([0.0, *last, *(float(one) for one in list(told.values())[:1])])


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Entries that have a value, as plain Python objects."""
    plain = {
        str(name): value.item() if hasattr(value, "item") else value
        for name, value in values.items()
    }
    return {
        name: value
        for name, value in plain.items()
        if value is not None and not (isinstance(value, float) and math.isnan(value))
    }


def stored_runs(folder: Path | str, run: str | None = None) -> Iterator[RunData]:
    """The runs of a results folder that were done, in stored order.

    Parameters
    ----------
    folder
        ``results/<experiment>``, with the tables `runs` and `spikes`.
    run
        A run_id or its beginning; all runs by default.

    Raises
    ------
    BadInput
        If there are no tables, or no run of this name that was done.
    DamagedResult
        If a table cannot be read.
    """
    from pipelines.experiment.run_columns import parameter_columns
    from pipelines.tables.files import read_arrow
    from pipelines.tables.reader import Tables
    from pipelines.tables.schemas import DONE, RECORDED

    tables = Tables(folder)
    runs = tables.runs
    chosen = runs[(runs["status"] == DONE) & runs["run_id"].str.startswith(run or "")]
    if run is not None and len(chosen) != 1:
        raise BadInput(
            f"{folder}: run '{run}'",
            "is not among the runs that were done" if chosen.empty
            else f"{len(chosen)} runs begin so",
            "a run_id of runs.parquet, or the beginning of one", given=run,
            among=[*runs["run_id"]],
        )  # fmt: skip
    units = parameter_units(read_arrow(folder, "runs", ["run_id", *parameter_columns(runs)]).schema)
    ids = [str(one) for one in chosen["run_id"]]
    rows = {name: tables.of_runs(name, ids) for name in RECORDED}
    groups = {
        name: {str(run_id): part for run_id, part in table.groupby("run_id", sort=False)}
        for name, table in rows.items()
    }
    for record in chosen.to_dict("records"):
        one = {str(name): value for name, value in record.items()}
        one["parameters"] = {name: one.pop(name) for name in parameter_columns(record)}
        spikes, weights, signals = (
            groups[name].get(str(one["run_id"]), rows[name].iloc[:0]) for name in RECORDED
        )
        yield RunData(one, spikes, weights, signals, units)


def parameter_units(schema: pa.Schema) -> dict[str, str]:
    """Units of the parameters in a stored schema of `runs`; those without a unit are left out."""
    from pipelines.experiment.run_columns import parameter_columns

    metadata = {name: schema.field(name).metadata or {} for name in parameter_columns(schema.names)}
    return {
        name: entries[b"unit"].decode()
        for name, entries in metadata.items()
        if entries.get(b"unit")
    }
