"""From the results of single runs to the tables of an experiment, without holding a table."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.atomic import clean_leftovers, replacing
from pipelines.errors import DamagedResult
from pipelines.tables.files import PARQUET_OPTIONS, ROWS_A_GROUP, BadTable, conform, write_table
from pipelines.tables.schemas import RECORDED, runs_schema, schema_of

if TYPE_CHECKING:
    from pipelines.execution.store import RunStore
    from pipelines.sweep.runs import Plan, Run

_BATCH_ROWS = 1 << 17

# What records of earlier versions do not say.
_UNSAID = {
    "wall_s": None, "signal": "", "log": "", "host": "", "threads": 1, "git_commit": "",
    "git_clean": None,
}  # fmt: skip
_JSON_COLUMNS = ("versions", "population_sizes")


def gather(
    plan: Plan, store: RunStore, out_folder: Path | str, rows_a_group: int = ROWS_A_GROUP
) -> dict[str, int]:
    """Write runs, spikes, weights and signals of all runs of a plan.

    Runs come in the order of the plan, whatever the order in which they were carried out, so the
    bytes of the recorded tables depend on the plan and the results alone. Reading and writing go
    in pieces; memory does not grow with the number of rows.

    Parameters
    ----------
    plan
        Which runs, in which order.
    store
        Where their results are.
    out_folder
        ``results/<experiment>``.
    rows_a_group
        Rows a row group of the files.

    Returns
    -------
    dict
        Number of rows by table.

    Raises
    ------
    DamagedResult
        If a run is missing from the store, or its file is damaged; such a file is set aside, so
        that the next execution of the sweep repeats the run.
    """
    folder = Path(out_folder)
    clean_leftovers(folder)
    records = _records(plan.runs, store)
    counts = {}
    for name in RECORDED:
        with_rows = [
            run
            for run, record in zip(plan.runs, records, strict=True)
            if f"{name}.parquet" in record["members"]
        ]
        path = folder / f"{name}.parquet"
        counts[name] = _gather_one(with_rows, store, name, path, rows_a_group)
    schema = runs_schema(plan.experiment.parameters)
    observed = {name for name, wanted in plan.sweep.record.populations.items() if wanted.spikes}
    rows = [_row(run, record, observed) for run, record in zip(plan.runs, records, strict=True)]
    frame = pd.DataFrame(rows, columns=schema.names)
    write_table("runs", frame, folder / "runs.parquet", schema)
    return {"runs": len(frame), **counts}


def _records(runs: Sequence[Run], store: RunStore) -> list[dict[str, Any]]:
    """The record of every run, after the check of the whole file."""
    records, problems = [], []
    for run in runs:
        try:
            records.append(store.verify(run.run_id))
        except DamagedResult as problem:
            store.set_aside(run.run_id)
            problems.append(str(problem))
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise DamagedResult(f"{problems[0]}{more}; the same command again repeats the run")
    return records


def _row(run: Run, record: dict[str, Any], observed: Collection[str]) -> dict[str, Any]:
    """A run's row: parameters come from the plan, which has them with their types.

    Of a population whose spikes were not recorded the size is left out: that it has no spikes
    in the table says nothing about it, and no rate of zero may come of it.
    """
    sizes = {name: n for name, n in record["population_sizes"].items() if name in observed}
    record = {**record, "population_sizes": sizes}
    texts = {name: json.dumps(record[name], sort_keys=True) for name in _JSON_COLUMNS}
    # A run may have been made for another point: one of this run's seed.
    return {**_UNSAID, **record, **run.parameters, **texts, "point_id": run.point_id}


def _gather_one(
    runs: Sequence[Run], store: RunStore, name: str, path: Path, rows_a_group: int
) -> int:
    schema = schema_of(name)
    n_rows = 0
    with (
        replacing(path) as temporary,
        pq.ParquetWriter(temporary, schema, **PARQUET_OPTIONS) as writer,
    ):
        for group in _groups(_batches(runs, store, name), rows_a_group):
            writer.write_table(group, row_group_size=rows_a_group)
            n_rows += group.num_rows
    return n_rows


def _groups(batches: Iterator[pa.Table], rows_a_group: int) -> Iterator[pa.Table]:
    """Cut a stream of tables into tables of `rows_a_group` rows; the last may be shorter.

    Each is one chunk a column: page boundaries in the file follow those of chunks, which depend
    on where runs begin.
    """
    waiting: list[pa.Table] = []
    n_waiting = 0
    for batch in batches:
        while n_waiting + batch.num_rows >= rows_a_group:
            n_head = rows_a_group - n_waiting
            yield _one_chunk([*waiting, batch.slice(0, n_head)])
            batch = batch.slice(n_head)
            waiting, n_waiting = [], 0
        if batch.num_rows:
            waiting.append(batch)
            n_waiting += batch.num_rows
    if waiting:
        yield _one_chunk(waiting)


def _one_chunk(parts: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(parts).combine_chunks()


def _batches(runs: Sequence[Run], store: RunStore, name: str) -> Iterator[pa.Table]:
    """Rows of all runs in order, in pieces, checked against the schema."""
    for run in runs:
        content = store.read_table_bytes(run.run_id, name)
        where = f"{store.path(run.run_id)}"
        if content is None:
            raise DamagedResult(f"{where}: changed while it was read: {name} is gone")
        try:
            file = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
            for batch in file.iter_batches(_BATCH_ROWS, use_threads=False):
                yield conform(name, pa.Table.from_batches([batch]), where)
        except (pa.ArrowException, BadTable) as error:
            raise DamagedResult(f"{where}: {name} cannot be read: {error}") from error
