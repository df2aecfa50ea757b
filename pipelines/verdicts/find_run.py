"""Look-up of runs to compare: by id in the results of a project, or in a folder of tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.diagnosis.run_pair import Evidence, Recorded
from pipelines.errors import BadInput
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import DONE, RECORDED
from pipelines.verdicts.folder_tables import failure, read_folder

_SHORTEST = 4


def find_run(given: str, results: Path) -> Evidence:
    """Find the run that a user names.

    Parameters
    ----------
    given
        A run_id or its beginning, four digits at least; or ``FOLDER`` or ``FOLDER:RUN_ID``, a
        folder with tables `runs` and `spikes` (and `weights`, `signals`), of one run or several,
        or a file of NWB, NIX or SONATA in its place.
    results
        The project's results, for a run_id.

    Raises
    ------
    BadInput
        If there is no such run, several have such ids, or it failed.
    """
    if Path(given).exists():
        return _from_tables(Path(given), "", given)
    folder, _, inner = given.rpartition(":")
    if folder:
        return _from_tables(Path(folder), inner, given)
    return _from_store(given, results)


def _from_store(given: str, results: Path) -> Evidence:
    if len(given) < _SHORTEST:
        raise BadInput("compare", f"'{given}' is too short", f"{_SHORTEST} digits of a run_id")
    found = {
        run_id: store
        for folder in sorted(results.glob("*/runs"))
        for store in [RunStore(folder)]
        for run_id in store.ids()
        if run_id.startswith(given)
    }
    where = f"{results}: run '{given}'"
    if not found:
        raise BadInput(where, "is not stored", "a run_id of runs.parquet, or a folder of tables")
    if len(found) > 1:
        raise BadInput(where, f"{len(found)} runs begin so", f"more digits: {_few(found)}")
    ((run_id, store),) = found.items()
    record = store.read_record(run_id)
    if record["status"] != DONE:
        raise BadInput(where, f"failed: {record['error']}", "a run that was done")
    spikes, weights, signals = (store.read_table(run_id, name).to_pandas() for name in RECORDED)
    return Evidence(record, spikes, weights, signals, recorded=_recorded(record))


def _recorded(record: dict[str, Any]) -> Recorded:
    """What the record of a run says that it recorded; earlier versions say nothing."""
    asked = record.get("recorded")
    if asked is None:
        return Recorded()
    populations = asked["populations"].items()
    return Recorded(
        frozenset(name for name, of_it in populations if of_it["spikes"]),
        frozenset(asked["weights"]),
        frozenset((name, variable) for name, of_it in populations for variable in of_it["signals"]),
    )


def _from_tables(folder: Path, run_id: str, where: str) -> Evidence:
    tables = read_folder(folder)
    runs = tables.runs
    exact = runs[runs["run_id"] == run_id]
    chosen = exact if len(exact) else runs[runs["run_id"].str.startswith(run_id)]
    if len(chosen) != 1:
        problem = "there is no such run" if chosen.empty else f"has {len(chosen)} such runs"
        raise BadInput(where, problem, f"FOLDER:RUN_ID, one of {_few(runs['run_id'])}")
    run = chosen.iloc[0]
    if (why := failure(run)) is not None:
        raise BadInput(where, f"the run failed: {why}", "a run that was done")
    found = tables.evidence(run["run_id"])
    # Tables from other programs may lack the backend's name.
    backend = found.record.get("backend") or folder.resolve().name
    return replace(found, record={**found.record, "backend": backend})


def _few(ids: object) -> str:
    listed = [str(one) for one in ids]  # type: ignore[attr-defined]
    return ", ".join(listed[:3]) + (", ..." if len(listed) > 3 else "")
