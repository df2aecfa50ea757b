"""Gathering the results of single runs into the tables of an experiment."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.json import ParseOptions, ReadOptions, read_json

from pipelines.atomic import clean_leftovers, replacing
from pipelines.errors import BadInput, DamagedResult
from pipelines.experiment.run_columns import JSON_COLUMNS
from pipelines.tables.columns import BadTable, conform
from pipelines.tables.files import PARQUET_OPTIONS, ROWS_A_GROUP, write_table
from pipelines.tables.schemas import RECORDED, current_names, described, runs_schema, schema_of

if TYPE_CHECKING:
    from pipelines.sweep.runs import Plan, Run
    from pipelines.tables.run_store import RunStore

_BATCH_ROWS = 1 << 17

# Values of columns that records of earlier versions lack.
_DEFAULTS_OF_EARLIER_RECORDS: dict[str, Any] = {
    "wall_s": None, "killed_by": "", "log": "", "host": "", "threads": 1, "mpi_processes": 1,
    "git_commit": "", "git_clean": None, "cell_types": {}, "simulated_ms": None,
    "cell_parameters": {}, "projections": {}, "recorded_neurons": {}, "compile_s": None,
    "started_utc": "", "hardware": "none", "constraints": "", "weight_bits": None, "mismatch": None,
}  # fmt: skip


def gather(
    plan: Plan, store: RunStore, out_folder: Path | str, rows_a_group: int = ROWS_A_GROUP
) -> dict[str, int]:
    """Write runs, spikes, weights and signals of all runs of a plan.

    Runs come in the order of the plan, whatever the order in which they were carried out, so the
    bytes of the recorded tables depend on the plan and the results alone. The file of a run is
    read and checked once; tables are written in pieces, so that memory does not grow with the
    number of rows.

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
    with ExitStack() as stack:
        growing = {
            name: _GroupWriter(stack.enter_context(_writer(name, folder)), rows_a_group)
            for name in RECORDED
        }
        records = _gather_recorded(plan.runs, store, growing)
        for table in growing.values():
            table.finish()
    counts = {name: table.n_rows for name, table in growing.items()}
    observed = {name for name, wanted in plan.sweep.record.populations.items() if wanted.spikes}
    warm_up = {"warm_up_ms": plan.sweep.warm_up}
    rows = [
        _row(run, record | warm_up, observed)
        for run, record in zip(plan.runs, records, strict=True)
    ]
    _refuse_long_warm_up(rows, f"experiments/{plan.experiment.name}/sweep.yaml: warm_up")
    path, schema = folder / "runs.parquet", runs_schema(plan.experiment.parameters)
    write_table("runs", _table_of(rows, schema, str(path)), path, schema)
    if plan.has_hardware:
        counts["mapping"] = _write_mapping(rows, folder / "mapping.parquet")
    else:
        (folder / "mapping.parquet").unlink(missing_ok=True)
    return {"runs": len(rows), **counts}


def _write_mapping(rows: Iterable[Mapping[str, Any]], path: Path) -> int:
    """Write what was asked for and what was realised of all runs on chips."""
    schema = schema_of("mapping")
    found = [{"run_id": row["run_id"], **one} for row in rows for one in row.get("mapping", ())]
    write_table("mapping", _table_of(found, schema, str(path)), path, schema)
    return len(found)


def _gather_recorded(
    runs: Sequence[Run], store: RunStore, growing: Mapping[str, _GroupWriter]
) -> list[dict[str, Any]]:
    """Append the recorded rows of every run to the tables, and return the records of the runs."""
    records, problems = [], []
    for run in runs:
        try:
            record, contents = store.read(run.run_id)
        except DamagedResult as problem:
            store.set_aside(run.run_id)
            problems.append(str(problem))
            continue
        records.append(record)
        # After a damaged run no table is completed; the other files are only checked for damage.
        if not problems:
            path = store.path(run.run_id)
            for name, table in growing.items():
                # Freed when it has been added: a table of a single run may be large.
                content = contents.pop(name, None)
                if content is not None:
                    for batch in _batches(name, content, f"{path}"):
                        table.add(batch)
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
    named = dict(zip(current_names("runs", [*record]), record.values(), strict=True))
    record = {**_DEFAULTS_OF_EARLIER_RECORDS, **named, "population_sizes": sizes}
    texts = {name: json.dumps(record[name], sort_keys=True) for name in JSON_COLUMNS}
    # A run may have been made for another point: one of this run's seed.
    return {**record, **run.parameters, **texts, "point_id": run.point_id}


def _refuse_long_warm_up(rows: Sequence[Mapping[str, Any]], where: str) -> None:
    """Refuse a warm-up that leaves nothing of a run; of phases the duration is known only now."""
    for row in rows:
        simulated = row["simulated_ms"]
        if simulated is not None and 0 < simulated <= row["warm_up_ms"]:
            raise BadInput(
                where,
                f"{row['warm_up_ms']:g} ms leave nothing of run {row['run_id']}, of"
                f" {simulated:g} ms",
                allowed="a shorter one; no run is repeated for it",
            )


def _table_of(rows: Sequence[Mapping[str, Any]], schema: pa.Schema, where: str) -> pa.Table:
    """Rows as a table.

    By way of JSON, which records are made of: ``pa.array`` asks pandas what it is given, which
    takes as long to import as a thousand small runs to gather.
    """
    if not rows:
        return schema.empty_table()
    lines = [json.dumps({name: row.get(name) for name in schema.names}) for row in rows]
    content = "\n".join(lines).encode()
    # A value that is not there is found when the table is held against its schema.
    lenient = pa.schema([field.with_nullable(True) for field in schema])
    try:
        return read_json(
            pa.BufferReader(content),
            # In one piece, so that no row lies in two.
            read_options=ReadOptions(use_threads=False, block_size=len(content) + 1),
            parse_options=ParseOptions(explicit_schema=lenient),
        )
    except pa.ArrowException as error:
        raise BadTable(f"{where}: {error}") from error


def _batches(name: str, content: bytes, where: str) -> Iterator[pa.Table]:
    """Rows of one table of a run, in pieces, checked against the schema."""
    try:
        file = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
        for batch in file.iter_batches(_BATCH_ROWS, use_threads=False):
            yield conform(name, pa.Table.from_batches([batch]), where)
    except (pa.ArrowException, BadTable) as error:
        raise DamagedResult(f"{where}: {name} cannot be read: {error}") from error


@contextmanager
def _writer(name: str, folder: Path) -> Iterator[pq.ParquetWriter]:
    """A table's file, written whole or not at all."""
    with (
        replacing(folder / f"{name}.parquet") as temporary,
        pq.ParquetWriter(temporary, described(schema_of(name)), **PARQUET_OPTIONS) as writer,
    ):
        yield writer


class _GroupWriter:
    """Writer of a table in row groups of `rows_a_group` rows; the last group is shorter.

    Each group is one chunk a column: page boundaries in the file follow those of chunks, which
    depend on where runs begin.
    """

    def __init__(self, writer: pq.ParquetWriter, rows_a_group: int) -> None:
        self._writer = writer
        self._rows_a_group = rows_a_group
        self._waiting: list[pa.Table] = []
        self._n_waiting = 0
        self.n_rows = 0

    def add(self, batch: pa.Table) -> None:
        """Add rows, and write complete row groups."""
        self.n_rows += batch.num_rows
        while self._n_waiting + batch.num_rows >= self._rows_a_group:
            n_head = self._rows_a_group - self._n_waiting
            self._waiting.append(batch.slice(0, n_head))
            self.finish()
            batch = batch.slice(n_head)
        if batch.num_rows:
            self._waiting.append(batch)
            self._n_waiting += batch.num_rows

    def finish(self) -> None:
        """Write the remaining rows as a row group."""
        if self._waiting:
            group = pa.concat_tables(self._waiting).combine_chunks()
            self._writer.write_table(group, row_group_size=self._rows_a_group)
        self._waiting, self._n_waiting = [], 0
